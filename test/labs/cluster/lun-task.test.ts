/** The sequences of commands, against scripted answers. */
import type { DiskAnswer, DiskOperation } from '../../../labs/cluster/disk.ts'
import type { LunOutcome, LunProgram, LunTask } from '../../../labs/cluster/lun-task.ts'
import { describeOperation } from '../../../labs/cluster/disk.ts'
import { expect, it } from 'vitest'
import { nextOfTask } from '../../../labs/cluster/lun-task.ts'

const good: DiskAnswer = { result: 'good' }
const conflict: DiskAnswer = { result: 'conflict' }
const attention: DiskAnswer = { result: 'unit-attention' }
const unreachable: DiskAnswer = { result: 'unreachable' }
const keys = (...list: string[]): DiskAnswer => ({ result: 'good', keys: list })

/** Plays the answers; the commands asked for, and the outcome (or what it still waits for). */
function play(
  program: LunProgram,
  answers: readonly DiskAnswer[],
): { asked: string[]; end: LunOutcome['kind'] | 'waiting' } {
  const asked: string[] = []
  let task: LunTask = { lun: 'x', program, answers: [] }
  for (const answer of [...answers, null]) {
    const next = nextOfTask(task)
    if ('outcome' in next) return { asked, end: next.outcome.kind }
    asked.push(describeOperation(next.operation satisfies DiskOperation))
    if (answer === null) break
    task = { ...task, answers: [...task.answers, answer] }
  }
  return { asked, end: 'waiting' }
}

const race: LunProgram = { kind: 'race', own: '0xa', victims: ['0xb', '0xc'] }

it.each<[string, DiskAnswer[], string[], string]>([
  ['own key gone', [keys('0xb')], ['read-keys'], 'lost'],
  ['empty table', [keys()], ['read-keys'], 'lost'],
  ['leavers already gone', [keys('0xa', '0xd')], ['read-keys'], 'won'],
  ['one leaver there', [keys('0xa', '0xc'), good], ['read-keys', 'preempt-abort 0xc'], 'won'],
  [
    'lowest first',
    [keys('0xc', '0xb', '0xa'), good, good],
    ['read-keys', 'preempt-abort 0xb', 'preempt-abort 0xc'],
    'won',
  ],
  [
    'conflict, then gone oneself',
    [keys('0xa', '0xb'), conflict, keys('0xb')],
    ['read-keys', 'preempt-abort 0xb', 'read-keys'],
    'lost',
  ],
  [
    'conflict, then the leaver is gone',
    [keys('0xa', '0xb'), conflict, keys('0xa')],
    ['read-keys', 'preempt-abort 0xb', 'read-keys'],
    'won',
  ],
  [
    'conflict twice',
    [keys('0xa', '0xb'), conflict, keys('0xa', '0xb'), conflict],
    ['read-keys', 'preempt-abort 0xb', 'read-keys', 'preempt-abort 0xb'],
    'lost',
  ],
  ['unit attention', [attention, keys('0xa')], ['read-keys', 'read-keys'], 'won'],
  ['unit attention for ever', [attention, attention, attention], ['read-keys', 'read-keys', 'read-keys'], 'lost'],
  ['no answer to the read', [unreachable], ['read-keys'], 'lost'],
  ['no answer to the preempt', [keys('0xa', '0xb'), unreachable], ['read-keys', 'preempt-abort 0xb'], 'lost'],
  ['an answer without keys', [good], ['read-keys'], 'lost'],
])('race: %s', (_name, answers, asked, end) => {
  expect(play(race, answers)).toEqual({ asked, end })
})

const secure: LunProgram = { kind: 'secure', own: '0xa', keep: ['0xa', '0xb'], known: ['0xa', '0xb', '0xc'] }
const held: DiskAnswer = { result: 'good', reservation: { key: '0xb', type: 5 } }

it.each<[string, DiskAnswer[], string[], string]>([
  ['nothing to do', [keys('0xa', '0xb'), held], ['read-keys', 'read-reservation'], 'done'],
  [
    'ejects and looks again',
    [keys('0xa', '0xc'), good, keys('0xa'), held],
    ['read-keys', 'preempt-abort 0xc', 'read-keys', 'read-reservation'],
    'done',
  ],
  ['own key gone: it never registers again', [keys('0xc')], ['read-keys'], 'own-key-missing'],
  ['foreign key', [keys('0xa', '0xf')], ['read-keys'], 'foreign-key'],
  [
    'nobody holds the reservation',
    [keys('0xa'), { result: 'good', reservation: null }, good],
    ['read-keys', 'read-reservation', 'reserve 0xa'],
    'done',
  ],
  [
    'a peer reserves first',
    [keys('0xa'), { result: 'good', reservation: null }, conflict, held],
    ['read-keys', 'read-reservation', 'reserve 0xa', 'read-reservation'],
    'done',
  ],
  [
    'the wrong type',
    [keys('0xa'), { result: 'good', reservation: { key: '0xb', type: 1 } }],
    ['read-keys', 'read-reservation'],
    'failed',
  ],
  ['no answer', [keys('0xa', '0xc'), unreachable], ['read-keys', 'preempt-abort 0xc'], 'failed'],
])('secure: %s', (_name, answers, asked, end) => {
  expect(play(secure, answers)).toEqual({ asked, end })
})

it('leave: the holder of the reservation leaves its key where it is, unless it may release', () => {
  const leave = (release: boolean): LunProgram => ({ kind: 'leave-data', own: '0xb', release })
  expect(play(leave(false), [held])).toEqual({ asked: ['read-reservation'], end: 'kept' })
  expect(play(leave(true), [good])).toEqual({ asked: ['unregister 0xb'], end: 'done' })
  expect(play({ ...leave(false), own: '0xa' } as LunProgram, [held, good])).toEqual({
    asked: ['read-reservation', 'unregister 0xa'],
    end: 'done',
  })
})

it('join: tells a reservation that it found from one that it made', () => {
  const join: LunProgram = { kind: 'join-data', own: '0xa', known: ['0xa', '0xb'] }
  const asked = ['read-keys', 'register-ignore 0xa', 'read-reservation']
  expect(play(join, [keys('0xb'), good, held])).toEqual({ asked, end: 'found-reserved' })
  expect(play(join, [keys(), good, { result: 'good', reservation: null }, good])).toEqual({
    asked: [...asked, 'reserve 0xa'],
    end: 'done',
  })
})

it.each<[string, boolean, DiskAnswer[], string[], string]>([
  ['nobody holds it', false, [good, good], ['reserve-6', 'test-unit-ready'], 'done'],
  [
    'left behind',
    false,
    [conflict, good, attention, good, good],
    ['reserve-6', 'reset-lun', 'reserve-6', 'reserve-6', 'test-unit-ready'],
    'done',
  ],
  // The reset first: it also ends what the victim has on its way in the array.
  [
    'of a lost node',
    true,
    [good, attention, attention, good, good],
    ['reset-lun', 'reserve-6', 'reserve-6', 'reserve-6', 'test-unit-ready'],
    'done',
  ],
  ['somebody was faster', true, [good, good, conflict], ['reset-lun', 'reserve-6', 'test-unit-ready'], 'failed'],
  ['somebody holds it again', true, [good, conflict], ['reset-lun', 'reserve-6'], 'failed'],
  ['no reset', true, [unreachable], ['reset-lun'], 'failed'],
])('take a LUN: %s', (_name, reset, answers, asked, end) => {
  expect(play({ kind: 'take-lun', reset }, answers)).toEqual({ asked, end })
})

it('steps are sent once each, whatever comes of them', () => {
  const operations: DiskOperation[] = [
    { kind: 'clear', key: '0xa' },
    { kind: 'register', key: '0xa' },
  ]
  expect(play({ kind: 'steps', operations }, [attention, conflict])).toEqual({
    asked: ['clear 0xa', 'register 0xa'],
    end: 'answers',
  })
})

it('join: a foreign key on a data disk stops before anything is registered', () => {
  const join: LunProgram = { kind: 'join-data', own: '0xa', known: ['0xa', '0xb'] }
  expect(play(join, [keys('0xf')])).toEqual({ asked: ['read-keys'], end: 'foreign-key' })
})
