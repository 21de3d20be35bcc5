/** What a view shows of a run is what the judge found, on a recording of every row. */
import { expect, test } from 'vitest'
import type { Outcome } from '../../../labs/scenarios/outcome.ts'
import { nodeLane, type NodeLaneState } from '../../../labs/timeline/node-lane.ts'
import { buildCase } from '../../../labs/verdicts/case.ts'
import { storedRecordings } from '../../mutate/recordings.ts'

/** What a node's lane ends with, by what became of the node; undefined: nothing is known of it, and anything may be drawn. */
const shown: Readonly<Record<Outcome, NodeLaneState | undefined>> = {
  running: 'running',
  left: 'running',
  ejected: 'running',
  'refused-to-join': 'running',
  waiting: 'running',
  panicked: 'panicked',
  hung: 'hung',
  off: 'off',
  unknown: undefined,
}

test.each([...storedRecordings()])('%s: the lanes end with what became of the nodes', (_, lines) => {
  const [started] = lines
  if (started?.type !== 'run.started') throw new Error('the recording does not begin with its start')
  const run = buildCase(started, lines)
  const end = lines.at(-1)?.at ?? 0
  const drawn = run.nodes.map(({ name }) => [name, nodeLane(run, name, end).segments.at(-1)?.state])
  expect(run.nodes.length).toBeGreaterThan(1)
  expect(drawn).toEqual(run.nodes.map(({ name, outcome }) => [name, shown[outcome]]))
})
