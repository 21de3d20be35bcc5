/** Builds the desktop into out/ where its sources changed since the last time. */
export function buildDesktop(): Promise<void>
