// What the tests of Electron's window need: its program, and a display where there is none.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findElectron, whyNoDisplay } from './electron-runtime.mjs'
import { has, root } from './prepare.mjs'

/** A program beside the checkout that prints the folder of a runtime: for networks that Electron's own cannot be fetched from. */
const beside = join(root, '../shared/tools/electron-runtime')
const runtimeMilliseconds = 10 * 60_000

/** Debian packages of a display that nobody sees, by program. */
export const displayPackages = { 'xvfb-run': 'xvfb', xauth: 'xauth' }

/**
 * Looks for a runtime, and has the one beside the checkout unpacked where there is no other.
 * @returns what to run the tests with: variables of the environment, and words before the command. Where something is
 * missing the tests say so themselves, and are skipped
 */
export async function electronForTests(program = beside) {
  const before = whyNoDisplay() !== undefined && has('xvfb-run') && has('xauth') ? ['xvfb-run', '-a'] : []
  if (findElectron() !== undefined || !existsSync(program)) return { env: {}, before }
  try {
    const { stdout } = await promisify(execFile)(program, { timeout: runtimeMilliseconds })
    return { env: { ELECTRON_OVERRIDE_DIST_PATH: stdout.trim() }, before }
  } catch (error) {
    process.stderr.write(`no Electron for the tests: ${error.message.trim()}\n`)
    return { env: {}, before }
  }
}
