/**
 * What became of a node. Each needs a probe that proves it; what nothing proves is `unknown`, and unknown is never a pass.
 * `ejected`: alive, but the storage refuses it. `refused-to-join`: alive, its stack declined to start. `waiting`: alive,
 * its stack is up and let in nowhere.
 */
export const outcomes = [
  'running',
  'panicked',
  'left',
  'ejected',
  'refused-to-join',
  'waiting',
  'hung',
  'off',
  'unknown',
] as const
export type Outcome = (typeof outcomes)[number]
