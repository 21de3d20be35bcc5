import { expect, it } from 'vitest'
import { eventList, formatVerdict } from '../../../labs/verdicts/format-verdict.ts'

it('shows the word, the nodes, and the reasons with those that decide first', () => {
  const text = formatVerdict({
    verdict: 'fail',
    nodes: {
      nodea: { expected: 'running or panicked', observed: 'ejected', why: 'alive', events: [12, 13, 14, 20] },
      b: { expected: 'running', observed: 'running', why: 'same boot', events: [7] },
    },
    reasons: [
      { rule: 'exactly-one-continues', bearing: 'pass', text: 'b continues', events: [7] },
      { rule: 'survivor-alone-on-data', bearing: 'inconclusive', text: 'data1: no good answer', events: [] },
      { rule: 'others-panicked', bearing: 'fail', text: 'nodea did not panic', events: [12, 13] },
    ],
  })
  expect(text).toBe(`FAIL

  node   expected             observed  events
  nodea  running or panicked  ejected   12-14, 20
  b      running              running   7

  FAIL  others-panicked: nodea did not panic [12, 13]
  ?     survivor-alone-on-data: data1: no good answer
  ok    exactly-one-continues: b continues [7]
`)
})

it('puts unmet preconditions before everything, and needs no nodes', () => {
  const text = formatVerdict({
    verdict: 'inconclusive',
    nodes: {},
    reasons: [
      { rule: 'others-panicked', bearing: 'fail', text: 'x', events: [1] },
      { rule: 'precondition', bearing: 'inconclusive', text: 'the run has not ended', events: [] },
    ],
  })
  expect(text).toBe(`INCONCLUSIVE

  ?     precondition: the run has not ended
  FAIL  others-panicked: x [1]
`)
})

it('writes runs of event numbers short', () => {
  expect([[], [1], [1, 2], [1, 2, 3], [1, 3, 4, 5, 9, 10]].map(eventList)).toEqual([
    '',
    '1',
    '1, 2',
    '1-3',
    '1, 3-5, 9, 10',
  ])
})
