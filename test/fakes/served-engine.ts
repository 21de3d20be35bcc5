/** The whole interface behind a port, on a lab that is played: what the end-to-end tests and a look by eye need. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readJournal } from '../../main/recorder/read-journal.ts'
import { buildInterface } from '../../main/serve/build-interface.ts'
import { serveWeb, type Served } from '../../main/serve/serve.ts'
import { Collections } from '../../main/services/collections.ts'
import { createEngine, type Engine, type EngineOptions } from '../../main/services/engine.ts'
import { forkPtys } from '../../main/terminals/fork-ptys.ts'
import { transportTo } from './hosts.ts'
import { playingDriver, type PlayingDriver } from './playing-driver.ts'
import { fakeHost, type FakeHost } from './ssh-server.ts'

export const samples = fileURLToPath(new URL('../../labs/samples', import.meta.url))

export interface ServedEngine {
  readonly engine: Engine
  readonly web: Served
  readonly driver: PlayingDriver
  /** real SSH servers behind the hosts that were asked for */
  readonly hosts: ReadonlyMap<string, FakeHost>
  readonly home: string
  /** folder of the recordings of this engine */
  readonly runs: string
  /** Ends the engine and starts another on the same port and state: as after a crash. */
  restart(): Promise<void>
  close(): Promise<void>
}

export interface ServedOptions {
  /** recording that the lab plays */
  readonly recording?: string
  readonly speed?: number
  readonly startMilliseconds?: number
  /** what the interface remembers at first; without it, it is the first start */
  readonly memory?: Readonly<Record<string, unknown>>
  /** recordings that are there already */
  readonly runs?: string
  /** hosts that are real SSH servers, on which terminals can be opened */
  readonly ssh?: readonly string[]
  readonly more?: Partial<EngineOptions>
}

export async function servedEngine(options: ServedOptions = {}): Promise<ServedEngine> {
  const home = mkdtempSync(join(tmpdir(), 'fencelab-served-'))
  const runs = join(home, 'runs')
  mkdirSync(runs, { recursive: true })
  if (options.runs !== undefined) cpSync(options.runs, runs, { recursive: true })
  const stateFile = join(home, 'interface.json')
  if (options.memory) writeFileSync(stateFile, JSON.stringify({ welcomed: true, ...options.memory }))
  const { lines } = await readJournal(options.recording ?? join(samples, 'both-private-networks-fail'))
  const hosts = new Map(await Promise.all((options.ssh ?? []).map(async (name) => [name, await fakeHost()] as const)))
  const transports = new Map([...hosts].map(([name, host]) => [name, transportTo(host, { change: { name } })] as const))
  const driver = playingDriver({
    ...(hosts.size > 0 && { transports }),
    lines,
    speed: options.speed ?? 20,
    startMilliseconds: options.startMilliseconds ?? 60,
  })
  const files = await buildInterface(() => undefined, AbortSignal.timeout(120_000))
  const testbeds = {
    builtIn: fileURLToPath(new URL('../../labs/testbeds', import.meta.url)),
    own: join(home, 'testbeds'),
    known: join(home, 'testbeds.json'),
    home,
  }
  const report = (error: unknown) => console.error('engine:', error)
  const start = () =>
    createEngine({
      driver,
      collections: new Collections(runs, existsSync(samples) ? samples : home),
      testbeds,
      stateFile,
      ptys: forkPtys,
      casts: join(home, 'terminals'),
      ...options.more,
    })
  let engine = start()
  let web = await serveWeb({ engine, files, report })
  return {
    get engine() {
      return engine
    },
    get web() {
      return web
    },
    driver,
    hosts,
    home,
    runs,
    async restart() {
      const { port, token } = web
      await web.close()
      await engine.close()
      engine = start()
      web = await serveWeb({ engine, files, report, port, token })
    },
    async close() {
      await web.close()
      await engine.close()
      await Promise.all([...transports.values()].map((transport) => transport.close()))
      await Promise.all([...hosts.values()].map((host) => host.close()))
      rmSync(home, { recursive: true, force: true })
    },
  }
}
