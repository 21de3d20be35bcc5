/** The fencing policies of the reference cluster. `coordinator-race` is that of VCS I/O fencing: a majority of disks. */
export const policyNames = ['coordinator-race'] as const
export type PolicyName = (typeof policyNames)[number]
