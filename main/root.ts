import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder that holds what comes along with the program (`labs/testbeds`, `labs/samples`, `node_modules`): the
 * checkout, whether this runs from its sources or from `out/`; in a packed program the part of it that lies there as
 * files, because other programs read some of it.
 */
export const root: string = rootAbove(dirname(fileURLToPath(import.meta.url)))

/** @throws Error where the program is not whole */
function rootAbove(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'labs/testbeds'))) return folder
    if (dirname(folder) === folder)
      throw new Error(`fencelab is not whole: there is no labs/testbeds above ${start}; install it again`)
  }
}
