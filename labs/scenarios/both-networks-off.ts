import type { RowStep } from './scenario.ts'

/** Both private networks fail as a whole: their switches lose power, so that whoever is started anew is cut off, too. */
export const networksOff: readonly RowStep[] = [
  { do: 'fault', id: 'network-1-off', fault: 'private-network-off', target: { link: '#1' } },
  { do: 'fault', id: 'network-2-off', fault: 'private-network-off', target: { link: '#2' } },
]
export const networksOn: readonly RowStep[] = [
  { do: 'revert', id: 'network-1-off' },
  { do: 'revert', id: 'network-2-off' },
]

/** One node wins the race and goes on as A, the other panics and is B from now on. */
export const splitAndBind: readonly RowStep[] = [
  ...networksOff,
  { do: 'await', condition: 'one-panicked-and-fenced', seconds: 90 },
  { do: 'bind', roles: { A: 'survivor', B: 'loser' } },
]

/** B is started anew while the networks are still down, and is kept out. */
export const loserComesBack: readonly RowStep[] = [
  { do: 'operate', operation: 'restart', of: ['B'] },
  { do: 'operate', operation: 'start', of: ['B'] },
  { do: 'await', condition: 'refused', of: ['B'], seconds: 60 },
]
