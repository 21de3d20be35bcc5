/**
 * The fencing policies of the reference cluster. `coordinator-race` is that of VCS I/O fencing: a majority of disks.
 * `ping-tiebreak` is that of EXPRESSCLUSTER without persistent reservations: who can ping an address survives.
 */
export const policyNames = ['coordinator-race', 'ping-tiebreak'] as const
export type PolicyName = (typeof policyNames)[number]
