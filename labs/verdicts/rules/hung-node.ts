import { lastStep, type FaultLife } from '../../journal/faults.ts'
import { ofType } from '../../journal/run.ts'
import {
  all,
  believable,
  holds,
  lunsFor,
  nodeOfRole,
  nodeRecord,
  unknown,
  violated,
  type Case,
  type Finding,
} from '../case.ts'
import { majority } from '../majority.ts'
import type { LineOf } from '../../journal/event.ts'

/** The role of the node that hangs in the rows that have one. */
const hungRole = 'A'

/**
 * The hung node was ejected while it hung: its key is gone from every data disk and a majority of the coordination
 * points in answers that had ended before the lab woke it. Source: VCS I/O fencing scenario table, "node A hangs": B
 * loses heartbeats, races, wins and ejects A.
 */
export function hungNodeWasEjectedWhileHung(run: Case): Finding {
  const freeze = freezeOf(run)
  if (typeof freeze === 'string') return unknown(freeze)
  const { node, verified, reverting } = freeze
  const stopped = ofType(run.lines, 'process').find(
    (line) => line.node === node && line.state === 'T' && line.at >= freeze.began.at && line.at <= reverting.at,
  )
  // a node that starves is not stopped: there the fault's own checks are the proof
  if (!stopped && freeze.fault === 'vm-freeze')
    return unknown(`nothing shows that ${node} was stopped (process state T)`, [verified.seq])
  const key = nodeRecord(run, node).keys
  const parts = all(
    [
      ...lunsFor(run, 'data').map((lun) => ejectedWhileHung(run, lun.name, key.data, freeze)),
      majority(lunsFor(run, 'coordination').map((lun) => ejectedWhileHung(run, lun.name, key.coordination, freeze))),
    ],
    'the testbed declares no LUN',
  )
  return {
    ...parts,
    events: [...new Set([...parts.events, ...(stopped ? [stopped.seq] : []), verified.seq, reverting.seq])].sort(
      (a, b) => a - b,
    ),
  }
}

/** The hung node panicked after it was woken. Same source: on GAB's message it panics. */
export function hungNodePanicked(run: Case): Finding {
  const freeze = freezeOf(run)
  if (typeof freeze === 'string') return unknown(freeze)
  const node = nodeOfRole(run, hungRole)
  if (!node || node.outcome === 'unknown') return unknown(`${freeze.node}: ${node?.why ?? 'not known'}`, node?.events)
  if (node.outcome !== 'panicked') return violated(`${node.name} did not panic: ${node.outcome}`, node.events)
  const early = node.events.filter((seq) => seq < freeze.reverting.seq)
  if (early.length > 0) return unknown(`${node.name} was seen to panic before it was woken`, early)
  return holds(`${node.name} panicked when it was woken`, [freeze.reverting.seq, ...node.events])
}

interface Freeze {
  readonly node: string
  readonly fault: string
  readonly began: LineOf<'fault'>
  readonly verified: LineOf<'fault'>
  readonly reverting: LineOf<'fault'>
  readonly reverted: LineOf<'fault'> | undefined
}

/** The fault that hangs the node, or in words why there is none to judge by. */
function freezeOf(run: Case): Freeze | string {
  const node = nodeOfRole(run, hungRole)?.name
  if (node === undefined) return `no node has the role ${hungRole}`
  const fault = run.faults.find((one: FaultLife) => one.target['node'] === node)
  const [began] = fault?.steps ?? []
  if (!fault || !began) return `no fault hit ${node}`
  const verified = lastStep(fault.steps, 'verified')
  const reverting = lastStep(fault.steps, 'reverting')
  if (!verified || fault.taken !== true) return `the fault ${fault.id} was not verified`
  if (!reverting) return `${node} was not woken`
  return { node, fault: fault.fault, began, verified, reverting, reverted: lastStep(fault.steps, 'reverted') }
}

function ejectedWhileHung(run: Case, lun: string, key: string, freeze: Freeze): Finding {
  const answers = believable(run, lun)
  const there = answers.find((one) => one.seq < freeze.began.seq && one.answer.keys.includes(key))
  if (!there) return unknown(`${lun}: its key was not seen before it hung`)
  const last = answers.findLast(
    (one) => one.began.earliest >= freeze.began.at && one.ended.latest <= freeze.reverting.at,
  )
  if (last && !last.answer.keys.includes(key))
    return holds(`${lun}: its key was gone while it hung`, [there.seq, last.seq])
  const woken = freeze.reverted?.at ?? Infinity
  const still = answers.find((one) => one.began.earliest >= woken && one.answer.keys.includes(key))
  if (still) return violated(`${lun}: its key was still there after it was woken`, [still.seq])
  return unknown(`${lun}: no answer from while it hung shows its key gone`, last ? [last.seq] : [])
}
