import { nodeHangs } from './node-hangs.ts'
import type { Row } from './scenario.ts'

/** The other way to hang: nothing stops the machine, and none of its ordinary processes gets to run. */
export const nodeHangsStarved: Row = {
  ...nodeHangs,
  name: 'node-hangs-starved',
  title: 'Node A hangs: it is alive, and extremely busy',
  steps: [
    { do: 'fault', id: 'starve', fault: 'node-starved', target: { node: 'A' } },
    { do: 'await', condition: 'hung-node-ejected', seconds: 90 },
    { do: 'revert', id: 'starve' },
    { do: 'await', condition: 'hung-node-settled', seconds: 60 },
  ],
}
