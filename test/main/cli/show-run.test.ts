import { expect, test } from 'vitest'
import type { Line } from '../../../labs/journal/event.ts'
import { recorded } from '../../labs/verdicts/history.ts'
import { bothLinksFail } from '../../labs/verdicts/rows.ts'
import { judge } from '../../../labs/verdicts/judge.ts'
import { scenarioNamed } from '../../../labs/scenarios/scenarios.ts'
import { recordOf } from '../../../labs/testbed-file/bed.ts'
import { keyNames, showRun } from '../../../main/cli/show-run.ts'
import { loadTestbed } from '../../../main/load-testbed.ts'

const none = '0'.repeat(64)

test('a row that the testbed cannot do: the reason, and no tables of what nobody looked at', () => {
  const scenario = scenarioNamed('split-2-2')
  if (!scenario) throw new Error('the row is gone')
  const lines: Line[] = [
    {
      seq: 1,
      at: 0,
      prev: none,
      type: 'run.started',
      format: 1,
      fencelab: '0',
      wall: '2026-11-25T16:00:00.000Z',
      run: 'run-1',
      scenario,
      testbed: recordOf(loadTestbed('virtual')),
      roles: { A: 'nodea', B: 'nodeb' },
    },
    { seq: 2, at: 1, prev: none, type: 'applicability', applicable: false, reason: 'it is written for 4 to 32 nodes' },
    { seq: 3, at: 2, prev: none, type: 'run.ended', reason: 'complete', files: {} },
  ]
  expect(showRun(lines, judge(lines), '/runs/run-1', 0).trim().split('\n')).toEqual([
    'Four nodes are parted 2 + 2  [split-2-2]',
    expect.stringContaining('VCS training text on I/O fencing'),
    '  testbed virtual, 2026-11-25T16:00:00.000Z; nodea is node A, nodeb is node B',
    '',
    'Not applicable, nothing was run: it is written for 4 to 32 nodes',
    'Recording: /runs/run-1',
  ])
})

test('a recorded key that is not hexadecimal is shown as it is', () => {
  const lines = recorded([bothLinksFail]).map((line) => {
    if (line.type !== 'run.started') return line
    const [first, ...others] = line.testbed.nodes
    if (!first) throw new Error('the recording has no node')
    const nodes = [{ ...first, keys: { coordination: 'not a key', data: '0xa' } }, ...others]
    return { ...line, testbed: { ...line.testbed, nodes } }
  })
  expect(showRun(lines, judge(lines), '/runs/run-1')).toContain('Verdict: ')
  expect(keyNames({ testbed: testbedOf(lines) }).get('not a key')).toBe('nodea=not a key')
})

function testbedOf(lines: readonly Line[]) {
  const started = lines.find((line) => line.type === 'run.started')
  if (!started) throw new Error('no beginning')
  return started.testbed
}
