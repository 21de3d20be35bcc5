import { uncleanStopNote } from './sources.ts'
import type { Row } from './scenario.ts'

export const uncleanStop: Row = {
  name: 'unclean-stop',
  title: 'An unclean stop panics a healthy peer',
  document: {
    event:
      'Node A is stopped gracefully, and not cleanly: clients of the cluster are still active when it is unloaded.',
    nodes: {
      A: 'is unloaded by force, and races for the coordination points',
      B: 'is panicked although it was healthy',
    },
    operatorAction: 'Stop the services and the volume manager first, then the cluster.',
  },
  source: { ...uncleanStopNote, place: 'unable to unconfigure fencing since clients still active' },
  policy: 'coordinator-race',
  steps: [
    { do: 'operate', operation: 'force-stop', of: ['A'] },
    { do: 'await', condition: 'panicked', of: ['B'], seconds: 60 },
    { do: 'await', condition: 'left', of: ['A'], seconds: 60 },
  ],
  expected: { A: ['left'], B: ['panicked'] },
  rules: ['healthy-peer-was-ejected'],
}
