import { assertNever } from '../assert-never.ts'
import { isPanicLine } from '../journal/panic-line.ts'
import { seenAt } from './seen-at.ts'
import { keyListWords, keyOwners, keyWords, moment } from './words.ts'
import type { Line, LineOf } from '../journal/event.ts'
import type { Case } from '../verdicts/case.ts'
import type { KeyHistory } from './key-history.ts'

/** so often a host may repeat itself before its words are told once */
const mostRepeats = 4

/** Something that happened after the fault began and that the verdict may turn on. */
export interface Moment {
  /** lab time in milliseconds: by then it had happened */
  readonly at: number
  readonly who: string
  readonly text: string
  readonly events: readonly number[]
}

/**
 * What happened from the first fault on, in the order of time: the fault's steps, what the stacks said, panics, keys
 * that came or went, refused writes, scans of the ledger. What one host says again and again is told once, with how
 * often. Where a host's clock was measured, the time is by that clock; else it is when the lab wrote it down.
 */
export function moments(run: Case, histories: readonly KeyHistory[]): readonly Moment[] {
  const { injected } = run.frame
  if (!injected) return []
  const told: Told[] = []
  for (const line of run.lines) {
    const said = line.seq >= injected.seq ? words(line) : undefined
    if (said) told.push({ ...said, at: seenAt(run, line.host ?? '', line).latest, events: [line.seq] })
  }
  const owners = keyOwners(run.started.testbed)
  const keys = histories.flatMap(({ lun, viewer, changes }) =>
    changes
      .filter(({ latest }) => latest >= injected.at)
      .map(({ gone, come, keys: now, earliest, latest, events }): Told => {
        const parts = [
          ...gone.map((key) => `the key of ${keyWords(key, owners)} is gone`),
          ...come.map((key) => `the key of ${keyWords(key, owners)} came`),
        ]
        const since = Number.isFinite(earliest) ? `, not before ${moment(earliest)}` : ''
        const text = `${lun.name}: ${parts.join(', ')}${since}; now: ${keyListWords(now, owners)}`
        return { at: latest, who: viewer ?? '', text, events, repeats: undefined }
      }),
  )
  return gathered([...told, ...keys].toSorted((a, b) => a.at - b.at)).map(({ at, who, text, events }) => ({
    at,
    who,
    text,
    events,
  }))
}

interface Told extends Moment {
  /** moments of the same host with the same of these are one */
  readonly repeats: string | undefined
}

function words(line: Line): Pick<Told, 'who' | 'text' | 'repeats'> | undefined {
  const who = line.host ?? 'lab'
  switch (line.type) {
    case 'fault': {
      const aim = Object.values(line.target).join(' ')
      const evidence = line.evidence === undefined ? '' : ` (${line.evidence})`
      return {
        who: 'lab',
        text: `fault ${line.id} (${line.fault}, ${aim}) ${stepWords(line)}${evidence}`,
        repeats: undefined,
      }
    }
    case 'panic-event':
      return { who, text: `panic, seen by ${line.source}`, repeats: undefined }
    case 'console':
      return isPanicLine(line.text) ? { who, text: `console: ${line.text}`, repeats: undefined } : undefined
    case 'stack.log':
      return line.code === undefined ? undefined : { who, text: `${line.code}: ${line.text}`, repeats: line.code }
    case 'ledger.write':
      if (line.result === 'acknowledged') return undefined
      return {
        who,
        text: `write ${line.number} of epoch ${line.epoch} ${line.result === 'refused' ? 'was refused' : line.result} (errno ${line.errno})`,
        repeats: `write ${line.result}`,
      }
    case 'ledger.scan': {
      const found = line.error === undefined ? `${line.records.length} records` : `failed: ${line.error}`
      return { who, text: `${line.when} scan of the ledger on ${line.lun}: ${found}`, repeats: undefined }
    }
    case 'write-try': {
      const where = `block ${line.block} of ${line.lun}`
      const ended = line.answers.map(({ exit }) => exit ?? 'without an answer').join(', then ')
      return {
        who,
        text: `a write to ${where} was tried (${line.why}): sg_raw ended with ${ended}`,
        repeats: undefined,
      }
    }
    case 'process':
      return {
        who,
        text: `the virtual machine of ${line.node} is in state ${line.state}`,
        repeats: `${line.node} ${line.state}`,
      }
    case 'probe':
      return { who: 'lab', text: `${line.node} ${line.reachable ? 'answers' : 'does not answer'}`, repeats: undefined }
    case 'operation': {
      const did = [line.operation, ...line.nodes].join(' ')
      const how = line.step === 'begun' ? 'begins' : line.ok === true ? 'is done' : 'did NOT succeed'
      return {
        who: 'operator',
        text: `${did} ${how}${line.evidence === undefined ? '' : ` (${line.evidence})`}`,
        repeats: undefined,
      }
    }
    case 'checkpoint':
      return line.step === 'begun'
        ? { who: 'lab', text: `everybody is looked at: ${line.name}`, repeats: undefined }
        : undefined
    case 'roles':
      return {
        who: 'lab',
        text: Object.entries(line.roles)
          .map(([role, node]) => `node ${role} is ${node}`)
          .join(', '),
        repeats: undefined,
      }
    case 'outlet':
      return {
        who: 'lab',
        text: `outlet ${line.outlet} (${line.feeds.join(', ')}) is ${line.state}`,
        repeats: `outlet ${line.outlet} ${line.state}`,
      }
    case 'await':
      return {
        who: 'lab',
        text: `waiting for "${line.condition}" ended after ${line.seconds} s: ${line.met ? 'met' : 'NOT met'}`,
        repeats: undefined,
      }
    default:
      return undefined
  }
}

function stepWords({ step, ok }: LineOf<'fault'>): string {
  switch (step) {
    case 'applying':
      return 'is being applied'
    case 'applied':
      return ok === false ? 'could NOT be applied' : 'was applied'
    case 'verified':
      return ok === true ? 'is verified to be in force' : 'did NOT take'
    case 'held':
      if (ok === undefined) return 'could not be looked at again'
      return ok ? 'is still in force' : 'is NOT in force any more'
    case 'reverting':
      return 'is being taken back'
    case 'reverted':
      return ok === false ? 'could NOT be taken back' : 'was taken back'
    case 'gone':
      return ok === true ? 'is verified to be gone' : 'was NOT seen to be gone'
    default:
      return assertNever(step, 'step of a fault')
  }
}

/** What the same host said again and again, with nothing of its own in between, is told once. */
function gathered(list: readonly Told[]): readonly Told[] {
  const groups: Told[][] = []
  const latest = new Map<string, Told[]>()
  for (const one of list) {
    const group = latest.get(one.who)
    if (group && one.repeats !== undefined && group[0]?.repeats === one.repeats) group.push(one)
    else {
      const fresh = [one]
      latest.set(one.who, fresh)
      groups.push(fresh)
    }
  }
  return groups
    .flatMap((group) => (group.length <= mostRepeats ? group : [together(group)]))
    .toSorted((a, b) => a.at - b.at)
}

function together(group: readonly Told[]): Told {
  const first = group[0] as Told
  const last = group.at(-1) as Told
  const text = `${first.text} (and ${group.length - 1} more like it until ${moment(last.at)})`
  return { ...first, text, events: [...first.events, ...last.events] }
}
