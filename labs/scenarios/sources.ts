/** The documents that the rows come from. */
export const infoScaleTable = {
  document: 'Veritas InfoScale / VCS administration guide, "How I/O fencing works in different event scenarios"',
} as const
export const foundationGuide = {
  document: 'Veritas Storage Foundation 5.0 administration guide, split brain scenarios',
} as const
export const vcsMessages = { document: 'Veritas VCS, messages of the fencing driver' } as const
export const lostKeysGuide = { document: 'Veritas SFCFS 5.1 SP1 administration guide, p. 83' } as const
export const uncleanStopNote = { document: 'Veritas TECH191874' } as const
export const raceText = { document: 'VCS training text on I/O fencing, "I/O Fencing with Multiple Nodes"' } as const
export const expressClusterPr = {
  document: 'EXPRESSCLUSTER, "Exclusive control of shared-disk for HA cluster using SCSI-3 Persistent Reservation"',
} as const
export const fencingArticle = {
  document: 'Encyclopaedia article on fencing (computing), "Approaches to fencing"',
} as const
