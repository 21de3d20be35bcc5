/** Debian packages that are needed and not there: those of the virtual lab, and `extra` (program: package). */
export function missingPackages(extra?: Readonly<Record<string, string>>): string[]
