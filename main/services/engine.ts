import type { Services } from '../../preload/contract/services.ts'
import type { LoadedTestbed } from '../load-testbed.ts'
import { terminalRecordings } from '../directories.ts'
import type { StartPtys } from '../terminals/pty-messages.ts'
import { readerClient } from '../replay/reader-client.ts'
import { Collections } from './collections.ts'
import { controlService } from './control-service.ts'
import { engineDriver } from './engine-driver.ts'
import { eventHub, type EventHub } from './event-hub.ts'
import type { LabDriver } from './lab-driver.ts'
import { LabKeeper } from './lab-keeper.ts'
import { labService } from './lab-service.ts'
import { runsService } from './runs-service.ts'
import type { TerminalFeed } from './serve-channel.ts'
import { systemService } from './system-service.ts'
import { terminalsService } from './terminals-service.ts'
import { testbedPlaces, testbedsService, type TestbedPlaces } from './testbeds-service.ts'

export interface EngineOptions {
  /** what drives the hosts; the engine's own unless a test brings another */
  readonly driver?: LabDriver
  readonly collections?: Collections
  readonly testbeds?: TestbedPlaces
  readonly load?: (file: string) => LoadedTestbed
  /** file that keeps the interface's state */
  readonly stateFile?: string
  /** programs that the virtual lab lacks on this computer */
  readonly missing?: readonly string[]
  /** starts the process that keeps local terminals; without it there are only those on hosts */
  readonly ptys?: StartPtys
  /** folder for recordings of terminals */
  readonly casts?: string
}

/** Everything behind the interface, in one process and without any view. */
export interface Engine {
  readonly services: Services
  readonly hub: EventHub
  readonly terminals: TerminalFeed
  /** what would be lost or left if it ended now, in words; empty: nothing */
  activity(): readonly string[]
  /** Takes back what is injected, then ends. */
  close(): Promise<void>
}

export function createEngine(options: EngineOptions = {}): Engine {
  const { driver = engineDriver, collections = new Collections(), missing = [], load } = options
  const hub = eventHub()
  const reader = readerClient()
  const runs = runsService({
    reader,
    collections,
    hub,
    bed: () => keeper.bed?.record,
    busy: () => keeper.phase === 'busy',
  })
  const keeper = new LabKeeper({
    driver,
    hub,
    reader,
    collections,
    onGrown: (directory) => runs.grew(directory),
    onLine: (line) => terminals.heard(line),
    ...(load && { load }),
  })
  const control = controlService({ keeper, hub, collections })
  const terminals = terminalsService({
    keeper,
    hub,
    folder: options.casts ?? terminalRecordings(),
    ...(options.ptys && { ptys: options.ptys }),
  })
  const services: Services = {
    system: systemService(collections, missing, options.stateFile),
    testbeds: testbedsService(options.testbeds ?? testbedPlaces()),
    lab: labService({ keeper, driver, ...(load && { load }) }),
    control: control.service,
    runs: runs.service,
    terminals: terminals.service,
  }
  return {
    services,
    hub,
    terminals: terminals.feed,
    activity: () => [
      ...(control.busy() ? ['a row is being run: it is stopped, and what it injected is taken back'] : []),
      ...keeper.hand
        .list()
        .map(({ title, target }) => `injected by hand: ${title} (${Object.values(target).join(' ')})`),
    ],
    async close() {
      await control.stop()
      await terminals.close()
      await keeper.close()
      runs.dispose()
      await reader.close()
    },
  }
}
