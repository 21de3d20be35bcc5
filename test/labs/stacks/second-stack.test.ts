/** One more line in the registry, and a testbed, a row and a recording go by the second stack: nobody asks the first. */
import { expect, test, vi } from 'vitest'
import { keysCleared } from '../../../labs/faults/keys-cleared.ts'
import { whyNotApplicable } from '../../../labs/steps/applicability.ts'
import { peerTimeoutOf } from '../../../labs/stacks/peer-timeout.ts'
import type * as registry from '../../../labs/stacks/stacks.ts'
import { recordedStack, stackOf } from '../../../labs/stacks/stack-of.ts'
import { recordOf } from '../../../labs/testbed-file/bed.ts'
import { keyPolicyOf } from '../../../labs/verdicts/key-policy.ts'
import { lastWords } from '../../../labs/verdicts/last-words.ts'
import { buildCase } from '../../../labs/verdicts/case.ts'
import { judge } from '../../../labs/verdicts/judge.ts'
import { faultOptions } from '../../../main/services/fault-options.ts'
import { throwAwayKey, throwAwayStack } from '../../fakes/throw-away-stack.ts'
import { read, said, small } from '../testbed/example.ts'
import { changed, lab, recorded, type Entry } from '../verdicts/history.ts'
import { oneLinkFails } from '../verdicts/rows.ts'

vi.mock('../../../labs/stacks/stacks.ts', async (original) => {
  const { stacks } = await original<typeof registry>()
  const { throwAwayStack: second } = await import('../../fakes/throw-away-stack.ts')
  return { stacks: [...stacks, second] }
})

const part = 'stack: { kind: throw-away, policy: none, colour: red }\n'
const text = small.slice(0, small.indexOf('stack:\n')) + part
const testbed = read(text)
const file = { testbed, file: 'small.yaml', text }

/** A run of the reference cluster, as if the second stack had been under test. */
const run = (entries: readonly Entry[]) =>
  changed(entries, 'run.started', (event) => ({
    ...event,
    testbed: {
      ...event.testbed,
      text: event.testbed.text.replace(/^stack: .*\n/m, part),
      stack: { kind: 'throw-away', policy: 'none', parameters: {} },
    },
  }))
const caseOf = (entries: readonly Entry[]) => {
  const lines = recorded(entries)
  const [started] = lines
  if (started?.type !== 'run.started') throw new Error('the run does not begin')
  return buildCase(started, lines)
}

test('the testbed is read by its schema, and checked by it', () => {
  expect(stackOf(testbed)).toBe(throwAwayStack)
  expect(testbed.stack).toEqual({ kind: 'throw-away', policy: 'none', colour: 'red' })
  expect(said(text.replace('red', '7')).join()).toMatch(/ stack\.colour: found 7; expected a colour/)
  expect(said(text.replace('throw-away', 'other')).join()).toMatch(
    / stack\.kind: found "other"; expected a mapping with kind: reference or throw-away/,
  )
  expect(said(text.replace('destructive: true\n', '')).join()).toMatch(
    / stack\.colour: pale; expected a stack that may/,
  )
})

test('keys, times and words are its own', () => {
  expect(recordOf(file).nodes.map(({ keys }) => keys.data)).toEqual([throwAwayKey(0), throwAwayKey(1)])
  expect(recordOf(file).stack).toEqual({ kind: 'throw-away', policy: 'none', parameters: testbed.stack })
  const { revert } = keysCleared.plan(testbed, { lun: 'c1' }, { id: 'f1', deadManSeconds: 30, monitorCommand: [] })
  expect(revert.map((action) => (action.kind === 'command' ? action.argv.at(-1) : ''))).toEqual([
    throwAwayKey(0),
    throwAwayKey(1),
  ])
  expect(peerTimeoutOf(testbed)).toBe(77_000)
  expect(faultOptions(testbed, { node: 'a' })[0]?.blast).toContain('everything is thrown away')
})

test('it says whether a row can be run', () => {
  const { started } = caseOf(oneLinkFails)
  const why = (of: typeof testbed) => whyNotApplicable(started.scenario, of, started)
  expect(why(testbed)).toBe('the throw-away stack needs two observers')
  const { eye } = testbed.hosts
  expect(eye && why({ ...testbed, hosts: { ...testbed.hosts, second: eye } })).not.toMatch(/throw-away/)
})

test('a recording is judged by the stack that it names', () => {
  const found = caseOf(run(oneLinkFails))
  expect(recordedStack(found.started.testbed)).toBe(throwAwayStack)
  expect(keyPolicyOf(found)).toEqual({ keys: 'group', reservation: 1, reservationFlickers: true })
  const { verdict, reasons } = judge(found.frame.lines)
  expect(verdict).toBe('inconclusive')
  const unmet = reasons.filter(({ rule }) => rule === 'precondition').map((reason) => reason.text)
  const notSeen = 'the baseline is called green, and it was not seen that'
  expect(unmet).toContain(`${notSeen} the throw-away stack was asked about nodea`)
  expect(unmet).toContain(`${notSeen} observer sees what was thrown away on data1`)
  expect(unmet.join()).not.toMatch(/exactly the nodes' keys/)
})

test('last words are its own, and nobody else may be quoted for it', () => {
  const told = (words: string, entries: readonly Entry[]) => {
    const line: Entry = { ...lab(entries.at(-1)?.at ?? 0, { type: 'console', text: words }), host: 'nodea' }
    const found = { ...caseOf(entries), lines: recorded([...entries, line]) }
    return lastWords(found, 'nodea', 'race-lost', { seq: 1, at: 0 })?.text
  }
  const reference = '[1000000.5] fencelab: lost the race: 1 of 3 points'
  expect(told('ouch', run(oneLinkFails))).toBe('ouch')
  expect(told(reference, run(oneLinkFails))).toBeUndefined()
  expect(told(reference, oneLinkFails)).toBe('lost the race: 1 of 3 points')
  expect(told('ouch', oneLinkFails)).toBeUndefined()
})

test('a kind that this version does not know is no reference cluster', () => {
  const unknown = { stack: { kind: 'pacemaker', policy: 'none', parameters: {} } }
  expect(recordedStack(unknown)).toBeUndefined()
  expect(() => stackOf(unknown)).toThrow('this version of fencelab knows no stack of kind pacemaker')
})
