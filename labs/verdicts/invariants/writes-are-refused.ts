import { lookedSince, reservationReadings } from '../../journal/key-tables.ts'
import { foldWriteTries, type TriedWrite } from '../../journal/write-tries.ts'
import type { LunRecord } from '../../journal/event.ts'
import { isOfRevision } from '../../journal/revision.ts'
import type { NodeState } from '../../journal/nodes.ts'
import {
  all,
  holds,
  isBelievable,
  lunsFor,
  nodeRecord,
  survivors,
  unknown,
  violated,
  type Case,
  type Finding,
} from '../case.ts'
import { finalSince, lastLooks } from '../last-looks.ts'
import { onlookers } from '../onlookers.ts'
import { policyOfRun } from '../policy-of-run.ts'
import type { Invariant } from './invariant.ts'

/**
 * Where the cluster protects its data disks with a reservation, a host that must not write is refused: one that was never
 * registered, and every node that is alive and was shut out. A refusal is RESERVATION CONFLICT, with the block unchanged as
 * somebody reads it who may; it counts only where the same host was seen to write where nothing protects. Without such a
 * try an array that enforces nothing looks like one that does. Source: SPC-4 5.12, tables of commands allowed; the issue of the
 * false passes, "a refused write".
 *
 * Says nothing of a recording that was made before writes were tried (revision 3) and has no try.
 */
export const writesAreRefused: Invariant = {
  name: 'writes-are-refused',
  check(run) {
    const recorded = foldWriteTries(run.lines)
    if (recorded.length === 0 && !isOfRevision(run.started, 3)) return undefined
    const policy = policyOfRun(run)
    if (!policy) return unknown('this version does not know what protects the data disks of this cluster')
    if (policy.reservation === 'none') return undefined
    const tries = recorded.filter(({ seq, why }) => why === 'control' || seq > (run.frame.end?.seq ?? Infinity))
    const shutOut = run.nodes
      .filter(({ name, outcome }) => aliveAndShutOut.includes(outcome) && !leftItsKey(run, name, outcome))
      .map(({ name }) => name)
    const mayStill = run.nodes.filter(({ name, outcome }) => leftItsKey(run, name, outcome)).map(({ name }) => name)
    const hosts = [...onlookers(run).slice(0, 1), ...shutOut]
    const tried = tries.filter(({ why }) => why === 'end').map(({ host }) => host)
    const may = [...mayStill, ...survivors(run).map(({ name }) => name)]
    const others = tried.filter((host) => !hosts.includes(host) && !may.includes(host))
    const asked = [...new Set([...hosts, ...others])]
    const parts = asked.flatMap((host) =>
      lunsFor(run, 'data').map((lun) => ofHost(run, tries, host, lun, policy.reservationFlickers)),
    )
    return all(parts, 'nobody could be asked to try a write: there is no observer')
  },
}
/**
 * A node that left without being fenced, and whose key is still on a data disk, may write: the last one to leave keeps out
 * those who may be frozen (labs/docs/reference-cluster.md), and the array is right to let it.
 */
function leftItsKey(run: Case, name: string, outcome: NodeState['outcome']): boolean {
  if (outcome !== 'left') return false
  const { data } = nodeRecord(run, name).keys
  const since = finalSince(run)
  return (
    since !== undefined &&
    lunsFor(run, 'data').some((lun) =>
      lastLooks(run, lun.name, 'keys', since).some(({ answer }) => answer.keys.includes(data)),
    )
  )
}

/** what becomes of a node that can still send a command and has no right to write */
const aliveAndShutOut: readonly string[] = ['ejected', 'refused-to-join', 'left', 'waiting']

function ofHost(run: Case, tries: readonly TriedWrite[], host: string, lun: LunRecord, flickers: boolean): Finding {
  const mine = tries.filter((one) => one.host === host && one.lun === lun.name && one.why === 'end')
  if (mine.length === 0) return unknown(`${lun.name}: ${host} did not try to write in the end`)
  const events = mine.map(({ seq }) => seq)
  const landed = mine.filter(({ answer, block }) => answer === 'accepted' || block === 'written' || block === 'changed')
  const refused = mine.filter((one) => !landed.includes(one) && one.answer === 'refused')
  if (landed.length > 0 && !(flickers && refused.length > landed.length)) {
    return accepted(run, host, lun, landed, flickers && refused.length > 0)
  }
  const [last] = refused.toReversed()
  if (!last)
    return unknown(`${lun.name}: the write of ${host} was neither refused nor accepted: ${mine.at(-1)?.text}`, events)
  if (last.block !== 'unchanged' || last.reader === undefined || !isBelievable(run, last.reader)) {
    return unknown(
      `${lun.name}: ${host} was refused, but nobody who can be believed read the block before and after`,
      events,
    )
  }
  const control = controlOf(run, tries, host, lun, last.seq)
  if (!control) {
    return unknown(`${lun.name}: ${host} was refused, but it was not seen to write where nothing protects`, events)
  }
  const gap = landed.length > 0 ? ' (not in the moment in which the published defender reserves nothing)' : ''
  return holds(`${lun.name}: ${host}, which must not write, was refused${gap}`, [control.seq, ...events])
}

/**
 * Where somebody goes on, the disk must be closed, whoever failed to close it. Where nobody does, it must be as long as its
 * reservation stands.
 */
function accepted(run: Case, host: string, lun: LunRecord, landed: readonly TriedWrite[], doubtful: boolean): Finding {
  const [first] = landed
  const what =
    first?.answer === 'accepted'
      ? 'was accepted'
      : `was answered with '${first?.text ?? ''}', and yet the block changed`
  const text = `${lun.name}: the write of ${host}, which must not write, ${what}`
  const events = landed.map(({ seq }) => seq)
  if (doubtful) return unknown(`${text}, and refused as often`, events)
  if (survivors(run).length > 0) return violated(text, events)
  const looks = lookedSince(
    reservationReadings(run.readings, lun.name).filter(({ viewer }) => isBelievable(run, viewer)),
    run.frame.end?.at ?? Infinity,
  )
  const held = looks.length > 0 && looks.every(({ answer }) => answer.reservation !== null)
  const seen = looks.map(({ seq }) => seq)
  if (held) return violated(`${text}, though a reservation stands`, [...events, ...seen])
  return unknown(`${text}; nobody goes on, and no reservation is known to stand`, [...events, ...seen])
}

/** A write of the same host that was accepted and seen, before: on the array of the data disk where there is a point on it. */
function controlOf(
  run: Case,
  tries: readonly TriedWrite[],
  host: string,
  lun: LunRecord,
  before: number,
): TriedWrite | undefined {
  const points = lunsFor(run, 'coordination')
  const near = points.filter(({ array }) => array !== undefined && array === lun.array)
  const good = (near.length > 0 ? near : points).map(({ name }) => name)
  return tries.findLast(
    (one) =>
      one.why === 'control' &&
      one.host === host &&
      one.seq < before &&
      good.includes(one.lun) &&
      one.answer === 'accepted' &&
      one.block === 'written',
  )
}
