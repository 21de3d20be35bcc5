/** The documents that the rows come from. */
export const infoScaleTable = {
  document: 'Veritas InfoScale / VCS administration guide, "How I/O fencing works in different event scenarios"',
} as const
