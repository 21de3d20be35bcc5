import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLine } from '../../../../labs/journal/schema.ts'
import { readAgentEntry } from '../../../../labs/stacks/reference/read-entry.ts'
import { cases } from '../../../cases.ts'

const run = 'run-1'
const line = (fields: Record<string, unknown>) => JSON.stringify({ t: 12.5, boot: 'boot-1', ...fields })
const made = (event: unknown) => ({ hostAt: 12.5, boot: 'boot-1', event })
const read = (fields: Record<string, unknown>) => readAgentEntry(line(fields), run)
const asText = (fields: Record<string, unknown>) => made({ type: 'stack.log', text: line(fields) })

const status = {
  kind: 'status',
  state: 'member',
  members: ['nodea', 'nodeb'],
  links: { priv1: ['nodeb'] },
  active: true,
  text: 'a member',
}
const write = { kind: 'ledger', run, number: 3, epoch: 2, issued: 12.1, completed: 12.2, result: 'refused', errno: 52 }
const records = [{ node: 'nodea', number: 1, epoch: 1, issued: 9.5, boot: 'boot-0' }]
const scan = { kind: 'takeover-scan', run, lun: 'data1', began: 12.1, ended: 12.4, records }

test('what the agent writes becomes the event that it is', () => {
  expect(read({ kind: 'log', level: 'warning', code: 'link-lost', text: 'link priv1 to node nodeb lost' })).toEqual(
    made({ type: 'stack.log', code: 'link-lost', text: 'link priv1 to node nodeb lost' }),
  )
  const data = { racer: 'nodea', side: ['nodea'], lost: ['nodeb', 'nodec'], delay: 1500 }
  expect(read({ kind: 'log', level: 'warning', code: 'membership-change', text: 'lost two', data })).toEqual(
    made({ type: 'stack.log', code: 'membership-change', text: 'lost two', data }),
  )
  const { kind: _, ...rest } = status
  expect(read(status)).toEqual(made({ type: 'stack', answered: true, ...rest }))
  expect(read(write)).toEqual(
    made({ type: 'ledger.write', number: 3, epoch: 2, issued: 12.1, completed: 12.2, result: 'refused', errno: 52 }),
  )
  expect(read(scan)).toEqual(made({ type: 'ledger.scan', when: 'takeover', lun: 'data1', began: 12.1, records }))
  expect(read({ ...scan, shared: records })).toEqual(
    made({ type: 'ledger.scan', when: 'takeover', lun: 'data1', began: 12.1, records, shared: records }),
  )
  expect(read({ ...scan, error: 'EIO', records: [] })).toEqual(
    made({ type: 'ledger.scan', when: 'takeover', lun: 'data1', began: 12.1, error: 'EIO', records: [] }),
  )
})

test('the ledger of another run is text, no evidence of this one', () => {
  for (const entry of [write, scan])
    expect(read({ ...entry, run: 'run-0' })).toEqual(asText({ ...entry, run: 'run-0' }))
})

test.each([
  ['an unknown kind', { kind: 'disk', lun: 'coord1', exit: 0 }],
  ['a log line without a code', { kind: 'log', text: 'hello' }],
  ['a log line whose data are none', { kind: 'log', code: 'race-won', text: 'won', data: 'all' }],
  ['an unknown state', { ...status, state: 'dancing' }],
  ['a result that is none', { ...write, result: 'perhaps' }],
  ['a record without its boot', { ...scan, records: [{ node: 'nodea', number: 1, epoch: 1, issued: 1 }] }],
])('%s is kept as text, without a code', (_, entry) => {
  expect(read(entry)).toEqual(asText(entry))
})

test('a torn line, and one without a time, are no entries', () => {
  for (const text of [
    '',
    '{"t": 12.5, "boot": "b',
    'null',
    '[]',
    '"text"',
    '{"kind":"log","code":"x","text":"y"}',
    'Segmentation fault',
  ]) {
    expect(readAgentEntry(text, run)).toBeUndefined()
  }
  const whole = line(write)
  for (let length = 0; length < whole.length; length += 1)
    expect(readAgentEntry(whole.slice(0, length), run)).toBeUndefined()
})

test('whatever comes, it does not throw, and what it gives can be recorded', () => {
  const figure = fc.oneof({ arbitrary: fc.nat(), weight: 4 }, fc.double(), fc.anything())
  const entry = fc.record(
    {
      t: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string()),
      boot: fc.oneof(fc.string(), fc.nat()),
      kind: fc.constantFrom('log', 'status', 'ledger', 'takeover-scan', 'other'),
      code: fc.anything(),
      text: fc.oneof(fc.string(), fc.anything()),
      data: fc.anything(),
      run: fc.constantFrom(run, 'run-0'),
      number: figure,
      epoch: figure,
      issued: figure,
      completed: figure,
      errno: figure,
      result: fc.constantFrom('acknowledged', 'refused', 'failed', 'other'),
      records: fc.oneof(fc.constant(records), fc.anything()),
      shared: fc.oneof(fc.constant(records), fc.anything()),
      lun: fc.string(),
    },
    { requiredKeys: ['t', 'boot', 'kind', 'run', 'number', 'epoch', 'issued', 'completed', 'errno', 'result', 'lun'] },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        entry.map((value) => JSON.stringify(value) ?? ''),
        fc.string(),
        fc.json(),
      ),
      (text) => {
        const found = readAgentEntry(text, run)
        if (!found || !Number.isFinite(found.hostAt)) return
        const recorded = JSON.parse(
          JSON.stringify({ seq: 1, at: 0, host: 'nodea', hostAt: found.hostAt, prev: '0'.repeat(64), ...found.event }),
        ) as unknown
        expect(parseLine(recorded)).toMatchObject({ kind: 'line' })
      },
    ),
    { numRuns: cases(1000) },
  )
})
