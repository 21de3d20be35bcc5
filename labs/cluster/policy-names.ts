/**
 * The fencing policies of the reference cluster. `coordinator-race` is that of VCS I/O fencing: a majority of disks.
 * `ping-tiebreak` is that of EXPRESSCLUSTER without persistent reservations: who can ping an address survives.
 * `attacker-defender` is that of EXPRESSCLUSTER with them, by its published scripts.
 */
export const policyNames = ['coordinator-race', 'ping-tiebreak', 'attacker-defender'] as const
export type PolicyName = (typeof policyNames)[number]
