/** The command line as other programs call it: its own process. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const entry = fileURLToPath(new URL('../../../main/cli/bin.mjs', import.meta.url))

export interface Said {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A home of its own: no state, no cache, no recordings of this computer. */
export function home(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-cli-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The environment of a process whose home is this directory. */
export const environment = (directory: string) => ({
  ...process.env,
  HOME: directory,
  XDG_STATE_HOME: join(directory, 'state'),
  XDG_CACHE_HOME: join(directory, 'cache'),
  XDG_DATA_HOME: join(directory, 'data'),
  NO_COLOR: '1',
})

export function fencelab(
  words: readonly string[],
  { in: directory = home(), cwd }: { in?: string; cwd?: string } = {},
): Promise<Said> {
  const env = environment(directory)
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [entry, ...words],
      { env, ...(cwd !== undefined && { cwd }) },
      (_error, stdout, stderr) => resolve({ exit: child.exitCode, stdout, stderr }),
    )
  })
}
