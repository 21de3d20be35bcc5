/** Opens the desktop in Electron's window, for the end-to-end tests. */
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { buildDesktop } from '../../main/setup/build-desktop.mjs'
import { root } from '../../main/root.ts'

export interface LoadOptions {
  /** XDG_STATE_HOME of this window: what it remembers */
  readonly stateHome: string
  readonly env?: Readonly<Record<string, string>>
  /** testbed that is open at first */
  readonly testbed?: string
}

export interface Loaded {
  readonly page: Page
  close(): Promise<void>
}

export interface LoadedElectron extends Loaded {
  readonly app: ElectronApplication
}

/** Electron's program, where it is installed or pointed to by ELECTRON_OVERRIDE_DIST_PATH. Nothing is fetched. */
export function electronProgram(): string | undefined {
  const package_ = join(root, 'node_modules/electron')
  const name = existsSync(join(package_, 'path.txt')) ? readFileSync(join(package_, 'path.txt'), 'utf8') : 'electron'
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(package_, 'dist')
  const program = join(folder, name)
  return existsSync(program) ? program : undefined
}

/** Why Electron's window cannot be tested here; undefined where it can. */
export function whyNoElectron(): string | undefined {
  if (electronProgram() === undefined) return 'there is no Electron runtime: node_modules/electron has none, and ELECTRON_OVERRIDE_DIST_PATH points to none'
  if (process.platform !== 'linux' || process.env['DISPLAY']) return undefined
  return 'there is no display: run the tests under xvfb-run'
}

/** Starts Electron on the built program and waits for its window. @throws Error where there is no runtime or no display */
export async function load({ stateHome, env = {}, testbed }: LoadOptions): Promise<LoadedElectron> {
  const program = electronProgram()
  if (program === undefined) throw new Error(whyNoElectron())
  await buildDesktop()
  const asRoot = process.getuid?.() === 0
  const app = await _electron.launch({
    executablePath: program,
    args: [...(asRoot ? ['--no-sandbox'] : []), root, ...(testbed === undefined ? [] : [`--testbed=${testbed}`])],
    cwd: root,
    env: { ...withoutNode(process.env), XDG_STATE_HOME: stateHome, ...env },
  })
  const page = await app.firstWindow()
  return {
    app,
    page,
    async close() {
      const gone = new Promise<void>((resolve) => app.once('close', () => resolve()))
      // as the system does it: nobody is asked, and what is injected is taken back first
      app.process().kill('SIGTERM')
      await gone
    },
  }
}

/** A person's environment: without what npm and the tests put into theirs. */
function withoutNode(env: NodeJS.ProcessEnv): Record<string, string> {
  const path = (env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules')).join(delimiter)
  return Object.fromEntries(Object.entries({ ...env, PATH: path }).filter((pair): pair is [string, string] => pair[1] !== undefined && !/^(npm_|NODE_|VITEST)/.test(pair[0])))
}
