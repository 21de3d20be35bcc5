import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * How this program is started again as another process, for its own background work: the command line's entry under the
 * same Node. In a checkout the entry lies in main/cli; in a build all entries lie side by side.
 */
export function fencelabCommand(...words: string[]): string[] {
  const inCheckout = fileURLToPath(new URL('./cli/bin.mjs', import.meta.url))
  const inBuild = fileURLToPath(new URL('./cli.mjs', import.meta.url))
  return [process.execPath, existsSync(inCheckout) ? inCheckout : inBuild, ...words]
}

/** The command that speaks to a QEMU monitor on this computer, for faults: its words are SOCKET set_link CARD on|off. */
export const monitorCommand = () => fencelabCommand('monitor')
