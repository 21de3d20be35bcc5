/** What a recording of this version holds: see `RunStarted.revision`. */
export const revision = 3

/** Whether a recording can be expected to hold what came with a revision; one that does not say is of the first. */
export const isOfRevision = (started: { readonly revision?: number }, wanted: number): boolean =>
  (started.revision ?? 1) >= wanted
