import { join } from 'node:path'
import { interfaceStateSchema, type SystemService } from '../../preload/contract/system.ts'
import { stateDirectory } from '../directories.ts'
import { version } from '../version.ts'
import type { Collections } from './collections.ts'
import { jsonFile } from './json-file.ts'

/** What the program is, and what of the interface survives a restart. */
export function systemService(
  collections: Collections,
  missing: readonly string[],
  file = join(stateDirectory(), 'interface.json'),
): SystemService {
  const kept = jsonFile(file, interfaceStateSchema)
  return {
    about: async () => ({
      version,
      platform: `${process.platform} ${process.arch}`,
      node: process.versions.node,
      runs: collections.own,
      missing,
    }),
    loadState: () => kept.read(),
    async saveState(state) {
      await kept.write(structuredClone(state) as Parameters<typeof kept.write>[0])
      return {}
    },
  }
}
