import { existsSync, readFileSync } from 'node:fs'
import type { PowerState } from '../../labs/power/models.ts'
import { virtualPdu } from '../../labs/virtual/pdu.ts'
import type { LoadedTestbed } from '../load-testbed.ts'
import type { Ask } from '../power/manual-driver.ts'
import { powerDrivers, type PowerTools } from '../power/power-drivers.ts'
import type { PowerDriver } from '../power/power-driver.ts'
import { PowerError } from '../power/power-error.ts'
import { switchOutlet } from '../power/switch-outlet.ts'
import { labFiles } from '../virtual/lab-files.ts'

/** The outlets of a testbed, by UNIT/OUTLET. */
export interface Power {
  /** What the unit says of it. @throws {PowerError} it could not be asked */
  state(outlet: string, signal: AbortSignal): Promise<PowerState>
  /** Switches it and looks until the unit says that it is so. @throws {PowerError} it is not, or nobody knows */
  switch(outlet: string, on: boolean, signal: AbortSignal): Promise<void>
}

/** relays take a second; a person at the rack takes a walk */
const switchMilliseconds = 60_000
const manualMilliseconds = 600_000

export interface PowerOptions {
  /** runs a unit's commands on a host */
  readonly runOn: NonNullable<PowerTools['runOn']>
  /** who answers for units that a person switches; absent: nobody, and such units are refused */
  readonly ask?: Ask
}

/** Opens the power units of a testbed. Nothing is asked, and no secret is looked up, before an outlet is used. */
export function openPower(loaded: Pick<LoadedTestbed, 'testbed' | 'directory'>, { runOn, ask }: PowerOptions): Power {
  const { testbed } = loaded
  let opened: ReadonlyMap<string, PowerDriver> | undefined
  const nobody: Ask = () => Promise.reject(new Error('nobody is there to be asked; run it at a terminal'))
  const find = (outlet: string) => {
    opened ??= powerDrivers(testbed, { environment: environmentOf(loaded), ask: ask ?? nobody, runOn })
    const slash = outlet.indexOf('/')
    const unit = outlet.slice(0, slash)
    const driver = opened.get(unit)
    if (!driver) throw new PowerError('configuration', unit, `the testbed has no such power unit (outlet ${outlet})`)
    const timeoutMs = testbed.power[unit]?.driver === 'manual' ? manualMilliseconds : switchMilliseconds
    return { driver, own: outlet.slice(slash + 1), timeoutMs }
  }
  return {
    async state(outlet, signal) {
      const { driver, own } = find(outlet)
      return driver.state(own, signal)
    },
    async switch(outlet, on, signal) {
      const { driver, own, timeoutMs } = find(outlet)
      await switchOutlet(driver, own, on, { signal, timeoutMs, everyMs: 200 })
    },
  }
}

/** The community of a PDU that the lab plays itself lies in the lab's directory. */
export function environmentOf({
  testbed,
  directory,
}: Pick<LoadedTestbed, 'testbed' | 'directory'>): PowerTools['environment'] {
  const pdu = testbed.virtual && virtualPdu(testbed)
  if (!pdu) return process.env
  const file = labFiles(directory).community
  return existsSync(file) ? { ...process.env, [pdu.communityVariable]: readFileSync(file, 'utf8').trim() } : process.env
}
