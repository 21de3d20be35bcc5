import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and what is missing above it; one that is there is left as it is. Unlike Node's recursive mkdir it comes
 * to an end everywhere: below /proc a new folder is answered with ENOENT though the folder above is there, and Node then
 * begins again with that one, for ever (no signal ends it).
 * @param mode of the folders that are made
 * @throws the system's error, with `path` being the folder that could not be made
 */
export function makeFolder(path: string, mode = 0o700): void {
  const missing: string[] = []
  for (let folder = resolve(path); !isFolder(folder); folder = dirname(folder)) missing.unshift(folder)
  for (const folder of missing) {
    try {
      mkdirSync(folder, { mode })
    } catch (error) {
      // made by another program meanwhile
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(folder)) throw error
    }
  }
}

/** @throws the system's error where something that is no folder is in the way */
function isFolder(path: string): boolean {
  try {
    if (statSync(path).isDirectory()) return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  throw Object.assign(new Error(`${path} is no folder`), { code: 'ENOTDIR', path })
}
