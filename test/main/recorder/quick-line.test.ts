import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QuickLines } from '../../../main/recorder/quick-line.ts'
import { readLine } from '../../../main/recorder/read-journal.ts'
import type { Event, Line } from '../../../labs/journal/event.ts'
import { cases } from '../../cases.ts'

const sample = fileURLToPath(new URL('../../../labs/samples/both-private-networks-fail/journal.jsonl', import.meta.url))
const recorded = readFileSync(sample, 'utf8').trimEnd().split('\n')
const byHand = (event: Event, more: Partial<Line> = {}) =>
  JSON.stringify({
    seq: 7,
    at: 12.5,
    host: 'nodea',
    hostAt: 633.4163100000001,
    prev: '0a'.repeat(32),
    ...more,
    ...event,
  })
const look: Event = {
  type: 'keys',
  lun: 'data1',
  device: '/dev/sda',
  action: 'keys',
  exit: 0,
  stdout: '',
  stderr: '',
  began: 1.25,
  ended: 123456789.12345678,
  attempt: 1,
  same: 3,
}
const quick = [
  byHand(look),
  byHand({ ...look, attempt: 2, action: 'full-status' }),
  byHand({ type: 'ledger.write', number: 1, epoch: 0, issued: -0.5, completed: 0.1, result: 'refused', errno: 52 }),
  byHand({ type: 'clock', boot: 'b', offset: -500_000, uncertainty: 6 }),
  byHand({ type: 'console', text: '' }),
  `{"seq":1,"at":0,"host":"nodea","prev":"${'0'.repeat(64)}","type":"console","text":"without the clock of the host"}`,
]

function both(text: string) {
  const bytes = Buffer.from(`before${text}after`)
  const read = readLine({ number: 1, bytes: Buffer.from(text), torn: false })
  return {
    quickly: new QuickLines().read(bytes, 6, bytes.length - 5),
    slowly: read.kind === 'line' ? read.line : read.kind,
  }
}

test('reads the lines of which a long journal is made, as the schema reads them, field for field', () => {
  for (const text of quick) {
    const { quickly, slowly } = both(text)
    expect(quickly).toStrictEqual(slowly)
    expect(Object.keys(quickly ?? {})).toEqual(Object.keys(slowly))
  }
})

test('has nothing to say of what it cannot read to the letter', () => {
  const others = [
    byHand({ type: 'console', text: 'a "word"' }),
    byHand({ type: 'console', text: 'ä' }),
    byHand({ type: 'note', text: 'a note' }),
    byHand({ ...look, exit: null }),
    byHand({ ...look, stdout: 'text' }),
    byHand(look, { at: 1e-9 }),
    byHand({ type: 'clock', boot: 'b', offset: 0, uncertainty: -1 }),
    `${quick[0]} `,
  ]
  expect(others.map((text) => both(text).quickly)).toEqual(others.map(() => undefined))
})

test('never reads a recorded line otherwise than the schema does', () => {
  const answers = recorded.map(both).filter(({ quickly }) => quickly !== undefined)
  expect(answers.length).toBeGreaterThan(recorded.length / 3)
  for (const { quickly, slowly } of answers) expect(quickly).toStrictEqual(slowly)
})

test('never reads a damaged line otherwise than the schema does', () => {
  const letters = [...'0123456789-.eE+",:{}\\ abc\u0000\u007fä'].map((letter) => Buffer.from(letter))
  const damage = fc.record({
    line: fc.constantFrom(...quick),
    place: fc.nat(400),
    cut: fc.nat(2),
    put: fc.constantFrom(Buffer.alloc(0), ...letters),
  })
  fc.assert(
    fc.property(damage, ({ line, place, cut, put }) => {
      const at = place % line.length
      const text = `${line.slice(0, at)}${put.toString()}${line.slice(at + cut)}`
      const { quickly, slowly } = both(text)
      if (quickly !== undefined) expect(quickly).toStrictEqual(slowly)
    }),
    { numRuns: cases(5000) },
  )
})

test('reads numbers to the last bit', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1e15 }), (value) => {
      const { quickly, slowly } = both(byHand({ type: 'clock', boot: 'b', offset: -value, uncertainty: value }))
      if (quickly !== undefined) expect(quickly).toStrictEqual(slowly)
    }),
    { numRuns: cases(5000) },
  )
})
