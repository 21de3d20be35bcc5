/** Rules that rest on what no log says hold only where the logs were read to their end. */
import { describe, expect, it } from 'vitest'
import { buildCase } from '../../../labs/verdicts/case.ts'
import { messageOnEveryNode } from '../../../labs/verdicts/rules/message-on-every-node.ts'
import { neverFormed } from '../../../labs/verdicts/rules/never-formed.ts'
import { nobodyNoticed, nobodyRaced } from '../../../labs/verdicts/rules/nobody-raced.ts'
import { raceLostWithoutMajority } from '../../../labs/verdicts/rules/race-lost-without-majority.ts'
import { racerAndSpectators } from '../../../labs/verdicts/rules/sides.ts'
import { tieBreakerDecided } from '../../../labs/verdicts/rules/tie-breaker-decided.ts'
import { groupRunsOnceAndWrites } from '../../../labs/verdicts/invariants/group-runs-once-and-writes.ts'
import { changed, message, plus, recorded, without, type Entry } from './history.ts'
import { coordinatorsLost, coordinatorsLostThenParted, keysCleared } from './point-rows.ts'
import { bothRebooted } from './restart-rows.ts'
import { oneLinkFails } from './rows.ts'
import { split, splitInHalves } from './side-rows.ts'
import { pingDecides } from './takeover-rows.ts'
import type { Follow } from '../../../labs/journal/event.ts'
import type { Rule } from '../../../labs/scenarios/scenario.ts'
import type { RuleCheck } from '../../../labs/verdicts/judge.ts'

const nodes = ['nodea', 'nodeb'] as const
const follow = (host: string, at: number, step: Follow['step'], over: Partial<Follow> = {}): Entry => ({
  at,
  host,
  event: { type: 'follow', what: 'stack.log', step, ...over },
})
const toldBy = (row: readonly Entry[], host: string, at: number) =>
  row.filter((entry) => entry.event.type === 'stack.log' && entry.host === host && entry.at <= at).length
/** Both logs are followed from the start, and read to their ends at some moments. */
const followed = (row: readonly Entry[], ...moments: readonly number[]): Entry[] =>
  plus(
    row,
    ...nodes.flatMap((host) => [
      follow(host, 10, 'began', { line: 30 }),
      ...moments.map((at) => follow(host, at, 'reached', { line: 99, told: toldBy(row, host, at) })),
    ]),
  )
const found = (check: RuleCheck, row: readonly Entry[], revision = 3) => {
  const lines = recorded(changed(row, 'run.started', (event) => ({ ...event, revision })))
  const [started] = lines
  if (started?.type !== 'run.started') throw new Error('no start')
  return check(buildCase(started, lines)).state
}
/** When the first line with this phase or checkpoint stands. */
const when = (row: readonly Entry[], type: 'phase' | 'checkpoint', name: string) =>
  row.find(({ event }) => event.type === type && 'name' in event && event.name === name)?.at ?? Number.NaN

const collect = (row: readonly Entry[]) => when(row, 'phase', 'collect') + 20
const cases: readonly (readonly [Rule, RuleCheck, readonly Entry[], number])[] = [
  ['nobody-raced', nobodyRaced, coordinatorsLost, collect(coordinatorsLost)],
  ['nobody-noticed', nobodyNoticed, keysCleared, checkpointOf(keysCleared)],
  ['never-formed', neverFormed, bothRebooted, checkpointOf(bothRebooted)],
]
function checkpointOf(row: readonly Entry[]): number {
  return (row.find(({ event }) => event.type === 'checkpoint' && event.step === 'begun')?.at ?? Number.NaN) + 1
}

describe.each(cases)('%s', (_, check, row, end) => {
  it('holds where each log was read to its end', () => {
    expect(found(check, followed(row, end))).toBe('holds')
  })
  it('is unknown where no log was followed', () => {
    expect(found(check, row)).toBe('unknown')
  })
  it('is unknown where a log was not read to its end', () => {
    expect(found(check, followed(row))).toBe('unknown')
    expect(found(check, followed(row, 20))).toBe('unknown')
  })
  it('is unknown where one log is another file in between', () => {
    const another = nodes.map((host) => follow(host, end - 2, 'began', { line: 1 }))
    expect(found(check, plus(followed(row, end), ...another))).toBe('unknown')
  })
  it('is unknown where a line that was told is not in the recording', () => {
    const more = changed(followed(row, end), 'follow', (event) =>
      event.told === undefined ? event : { ...event, told: event.told + 1 },
    )
    expect(found(check, more)).toBe('unknown')
  })
  it('is judged without it in a recording that could not say', () => {
    expect(found(check, row, 2)).toBe('holds')
  })
})

describe('message-on-every-node', () => {
  const row = followed(oneLinkFails, collect(oneLinkFails))
  const isOfB = ({ host, event }: Entry) => host === 'nodeb' && 'code' in event && event.code === 'link-lost'

  it('holds by the messages', () => expect(found(messageOnEveryNode, row)).toBe('holds'))
  it('is unknown where the line was lost on its way', () => {
    expect(found(messageOnEveryNode, without(row, 'stack.log', isOfB))).toBe('unknown')
  })
  it('is violated where the log was read to its end without one', () => {
    const silent = without(oneLinkFails, 'stack.log', isOfB)
    expect(found(messageOnEveryNode, followed(silent, collect(silent)))).toBe('violated')
    expect(found(messageOnEveryNode, followed(silent))).toBe('unknown')
  })
})

describe('tie-breaker-decided', () => {
  const row = followed(pingDecides, collect(pingDecides))
  it('holds where the log of who goes on was read to its end', () =>
    expect(found(tieBreakerDecided, row)).toBe('holds'))
  it('is unknown where it was not: a request without a reply may stand in the rest', () => {
    expect(found(tieBreakerDecided, followed(pingDecides))).toBe('unknown')
    const ofA = without(row, 'follow', ({ host }) => host === 'nodeb')
    expect(found(tieBreakerDecided, ofA)).toBe('unknown')
  })
  it('does not ask for the end of a log whose node died', () => {
    expect(
      found(
        tieBreakerDecided,
        without(row, 'follow', ({ host }) => host === 'nodea'),
      ),
    ).toBe('holds')
  })
})

describe('racer-and-spectators', () => {
  const row = followed(split, collect(split))
  it('holds where the log of the spectator that goes on was read to its end', () => {
    expect(found(racerAndSpectators, row)).toBe('holds')
  })
  it('is unknown where it was not: that it raced may stand in the rest', () => {
    expect(found(racerAndSpectators, followed(split))).toBe('unknown')
    expect(found(racerAndSpectators, split, 2)).toBe('holds')
  })
  it('does not ask for the end of a log of a spectator that died', () => {
    const halves = followed(splitInHalves, collect(splitInHalves))
    expect(found(racerAndSpectators, halves)).toBe('holds')
  })
  it('one that raced is told, read to the end or not', () => {
    const raced = message('nodeb', 2050, 'race-point', 'coord1: won')
    expect(found(racerAndSpectators, plus(followed(split), raced))).toBe('violated')
  })
})

describe('group-runs-once-and-writes', () => {
  it('holds where the log of the node with the group was read to its end', () => {
    expect(found(groupRunsOnceAndWrites, followed(oneLinkFails, collect(oneLinkFails)))).toBe('holds')
  })
  it('is unknown where it was not: that the group was stopped may stand in the rest', () => {
    expect(found(groupRunsOnceAndWrites, followed(oneLinkFails))).toBe('unknown')
    expect(found(groupRunsOnceAndWrites, oneLinkFails, 2)).toBe('holds')
  })
})

describe('race-lost-without-majority', () => {
  it('a line of its log from after the last fault shows that it had been read until then', () => {
    expect(found(raceLostWithoutMajority, followed(coordinatorsLostThenParted))).toBe('holds')
  })
  it('only the console tells of the race: whether the log told of an earlier one is not known', () => {
    const silent = without(coordinatorsLostThenParted, 'stack.log')
    const told = (text: string, at: number): Entry => ({ at, host: 'nodea', event: { type: 'console', text } })
    const lost = plus(silent, told('[  103.2] fencelab: lost the race: 1 of 3 coordination points, 2 are needed', 3390))
    expect(found(raceLostWithoutMajority, lost, 2)).toBe('holds')
    expect(found(raceLostWithoutMajority, followed(lost))).toBe('unknown')
  })
  it('an earlier race is one, read to the end or not', () => {
    const early = message('nodea', 1800, 'peer-lost', 'the other is silent')
    expect(found(raceLostWithoutMajority, plus(coordinatorsLostThenParted, early))).toBe('violated')
  })
})
