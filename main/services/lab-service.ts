import { ContractError } from '../../preload/contract/contract-error.ts'
import type { LabService } from '../../preload/contract/lab.ts'
import { allOutlets } from '../../labs/testbed/power-of.ts'
import { undo } from '../engine/inject/undo.ts'
import { loadTestbed, type LoadedTestbed } from '../load-testbed.ts'
import { faultOptions } from './fault-options.ts'
import type { LabDriver } from './lab-driver.ts'
import type { LabKeeper } from './lab-keeper.ts'

export interface LabServiceOptions {
  readonly keeper: LabKeeper
  readonly driver: LabDriver
  readonly load?: (file: string) => LoadedTestbed
}

const outletMilliseconds = 5000
const switchMilliseconds = 90_000

/** The open lab: its state, its picture, and what can be done to it by hand. */
export function labService({ keeper, driver, load = loadTestbed }: LabServiceOptions): LabService {
  const testbed = () => {
    if (!keeper.loaded) throw new ContractError('lab', 'no testbed is open: open one first')
    return keeper.loaded.testbed
  }
  const power = () => {
    testbed()
    if (!keeper.driven) throw new ContractError('lab', 'the lab is not connected: start it first')
    return keeper.driven.power
  }
  return {
    state: () => keeper.state(),
    async open({ file }) {
      await keeper.open(file)
      return {}
    },
    async start() {
      await keeper.start()
      return {}
    },
    async stop() {
      await keeper.stop()
      return {}
    },
    async reset() {
      await keeper.reset()
      return {}
    },
    async check({ file }, { signal, progress }) {
      const loaded = load(file)
      progress({ text: 'reaching every host, finding every LUN and link' })
      const isOpen = keeper.loaded?.file === loaded.file && keeper.loaded.text === loaded.text
      const driven = isOpen && keeper.driven ? keeper.driven : driver.connect(loaded)
      try {
        const items = await driven.check(signal)
        return { ok: items.every(({ ok }) => ok), items }
      } finally {
        if (driven !== keeper.driven) await driven.close()
      }
    },
    scene: ({ allViewers }) => keeper.scene(allViewers),
    raw: async ({ event }) => ({ text: await keeper.raw(event) }),
    options: async ({ thing }) => ({ options: faultOptions(testbed(), thing, keeper.driven?.choice?.()) }),
    async inject({ fault, target, blast }) {
      const option = faultOptions(testbed(), target, keeper.driven?.choice?.()).find((one) => one.fault === fault)
      if (!option)
        throw new ContractError('not-found', `${fault} cannot be injected at ${Object.values(target).join(' ')}`)
      if (JSON.stringify(option.blast) !== JSON.stringify(blast)) {
        throw new ContractError('user', 'what the fault would hit is another than what was confirmed: read it again')
      }
      return keeper.inject(fault, target)
    },
    async revert({ id }) {
      await keeper.revert(id)
      return {}
    },
    async undo(_, { signal }) {
      const said: string[] = []
      const say = (text: string) => void said.push(text)
      await undo({ print: say, say, signal })
      return { said }
    },
    async outlets(_, { signal }) {
      const units = power()
      const outlets = await Promise.all(
        allOutlets(testbed()).map(async (name) => {
          const [unit, outlet] = parts(name)
          try {
            return {
              unit,
              outlet,
              state: await units.state(name, AbortSignal.any([signal, AbortSignal.timeout(outletMilliseconds)])),
            }
          } catch (error) {
            signal.throwIfAborted()
            return {
              unit,
              outlet,
              state: 'unknown' as const,
              why: error instanceof Error ? error.message : String(error),
            }
          }
        }),
      )
      return { outlets }
    },
    async power({ unit, outlet, on }) {
      if (keeper.phase === 'busy') throw new ContractError('busy', 'a row is being run: it switches outlets itself')
      const name = `${unit}/${outlet}`
      if (!allOutlets(testbed()).includes(name))
        throw new ContractError('not-found', `nothing in this testbed is powered by ${name}: it is not switched`)
      await power().switch(name, on, AbortSignal.timeout(switchMilliseconds))
      return {}
    },
  }
}

function parts(name: string): readonly [unit: string, outlet: string] {
  const slash = name.indexOf('/')
  return [name.slice(0, slash), name.slice(slash + 1)]
}
