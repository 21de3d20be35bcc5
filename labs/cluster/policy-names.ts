/**
 * The fencing policies of the reference cluster. `coordinator-race` is that of VCS I/O fencing: a majority of disks.
 * `ping-tiebreak` is that of EXPRESSCLUSTER without persistent reservations: who can ping an address survives.
 * `attacker-defender` is that of EXPRESSCLUSTER with them, by its published scripts.
 * `external-fencing` runs a command that switches a lost node off, or closes its way to the storage.
 * `reserve-release` is SCSI-2 RESERVE, for two nodes.
 */
export const policyNames = [
  'coordinator-race',
  'ping-tiebreak',
  'attacker-defender',
  'external-fencing',
  'reserve-release',
] as const
export type PolicyName = (typeof policyNames)[number]
