/** How the end-to-end tests get a window, in whichever program it is. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'

export interface LoadOptions {
  /** folder in which this program keeps everything; nothing of the person's own is touched */
  readonly stateHome: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Loaded {
  readonly page: Page
  close(): Promise<void>
  /** Cuts the connection between the window and the engine; new ones are let through. Absent where there is none to cut. */
  readonly drop?: () => void
  /** Another window on the same engine, after the first one was killed. Absent where the program ends with its window. */
  readonly again?: () => Promise<Page>
  /** Electron's own side, where that is the program. */
  readonly app?: ElectronApplication
}

export interface Loader {
  readonly name: string
  /** why it cannot be used on this computer */
  readonly missing: string | undefined
  load(options: LoadOptions): Promise<Loaded>
}

/** The environment in which a program keeps its things in one folder. Images of machines are shared: they are large. */
export function environmentIn({ stateHome, env }: LoadOptions): NodeJS.ProcessEnv {
  return {
    ...process.env,
    XDG_STATE_HOME: join(stateHome, 'state'),
    XDG_DATA_HOME: join(stateHome, 'data'),
    XDG_CONFIG_HOME: join(stateHome, 'config'),
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    ...env,
  }
}

export interface Home {
  readonly path: string
  readonly testbeds: string
  readonly runs: string
  remove(): void
}

/** A fresh folder for one program. With `memory`, it is not its first start. */
export function makeHome(memory?: Readonly<Record<string, unknown>>): Home {
  const path = mkdtempSync(join(tmpdir(), 'fencelab-e2e-'))
  const [state, testbeds, runs] = [
    join(path, 'state/fencelab'),
    join(path, 'config/fencelab/testbeds'),
    join(path, 'data/fencelab/runs'),
  ]
  for (const folder of [state, testbeds, runs]) mkdirSync(folder, { recursive: true })
  if (memory) writeFileSync(join(state, 'interface.json'), JSON.stringify({ welcomed: true, ...memory }))
  return { path, testbeds, runs, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}
