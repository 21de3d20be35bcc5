import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import packages from '../../labs/virtual/host-packages.json' with { type: 'json' }

/** Debian packages that the virtual lab needs on this computer and whose programs are not there. */
export function missingPackages(
  path = process.env['PATH'] ?? '',
  isThere: (file: string) => boolean = existsSync,
): readonly string[] {
  const folders = [...path.split(delimiter), '/usr/sbin', '/sbin'].filter((folder) => folder !== '')
  const has = (program: string) => folders.some((folder) => isThere(join(folder, program)))
  return [...new Set(Object.entries(packages).flatMap(([program, name]) => (has(program) ? [] : [name])))]
}
