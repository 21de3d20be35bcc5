/** The interface in Electron's own window. */
import { once } from 'node:events'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { root } from '../../main/root.ts'
import { buildDesktop } from '../../main/setup/build-desktop.mjs'
import { electronWords, findElectron, whyNoDisplay } from '../../main/setup/electron-runtime.mjs'

export interface ElectronOptions {
  /** folder in which this program keeps everything; nothing of the person's own is touched */
  readonly stateHome: string
  readonly env?: Readonly<Record<string, string>>
  /** testbed that is open at first */
  readonly testbed?: string
}

export interface LoadedElectron {
  readonly page: Page
  readonly app: ElectronApplication
  /** As the system ends a program: nobody is asked, and what is injected is taken back first. */
  close(): Promise<void>
}

const endMilliseconds = 60_000

/** Why Electron's window cannot be tested here; undefined where it can. */
export function whyNoElectron(): string | undefined {
  if (findElectron() === undefined)
    return 'there is no Electron runtime: none is installed, and ELECTRON_OVERRIDE_DIST_PATH points to none'
  const why = whyNoDisplay()
  return why && `${why}: run it under xvfb-run`
}

export const electronLoader = { name: 'electron', missing: whyNoElectron(), load }

/** Starts Electron on the built program and waits for its window. @throws Error where there is no runtime or no display */
export async function load({ stateHome, env = {}, testbed }: ElectronOptions): Promise<LoadedElectron> {
  const program = findElectron()
  if (program === undefined) throw new Error(whyNoElectron())
  await buildDesktop()
  const app = await _electron.launch({
    executablePath: program,
    // without WebGL terminals are drawn as text, which a test can read
    args: [
      ...electronWords().words,
      '--disable-gpu',
      '--disable-software-rasterizer',
      root,
      ...(testbed === undefined ? [] : [`--testbed=${testbed}`]),
    ],
    cwd: root,
    env: environment(stateHome, env),
  })
  const page = await app.firstWindow()
  await page.emulateMedia({ colorScheme: 'light' })
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1280, 720))
  return {
    app,
    page,
    async close() {
      const child = app.process()
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), endMilliseconds)
      await gone
      clearTimeout(timer)
    },
  }
}

/** A person's environment with everything of fencelab's in one folder, and without what npm and the tests put into it. */
function environment(stateHome: string, env: Readonly<Record<string, string>>): Record<string, string> {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter)
  const own = Object.entries({ ...process.env, PATH: path }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !/^(npm_|NODE_|VITEST)/.test(pair[0]),
  )
  return {
    ...Object.fromEntries(own),
    XDG_STATE_HOME: join(stateHome, 'state'),
    XDG_DATA_HOME: join(stateHome, 'data'),
    XDG_CONFIG_HOME: join(stateHome, 'config'),
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    ...env,
  }
}
