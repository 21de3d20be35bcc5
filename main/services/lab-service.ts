import { ContractError } from '../../preload/contract/contract-error.ts'
import type { LabService } from '../../preload/contract/lab.ts'
import { undo } from '../cli/commands/undo.ts'
import { loadTestbed, type LoadedTestbed } from '../load-testbed.ts'
import { powerDrivers } from '../power/power-drivers.ts'
import { PowerError } from '../power/power-error.ts'
import { switchOutlet } from '../power/switch-outlet.ts'
import { faultOptions } from './fault-options.ts'
import type { LabDriver } from './lab-driver.ts'
import type { LabKeeper } from './lab-keeper.ts'

export interface LabServiceOptions {
  readonly keeper: LabKeeper
  readonly driver: LabDriver
  readonly load?: (file: string) => LoadedTestbed
}

const outletMilliseconds = 5000
const switchMilliseconds = 30_000

/** The open lab: its state, its picture, and what can be done to it by hand. */
export function labService({ keeper, driver, load = loadTestbed }: LabServiceOptions): LabService {
  const testbed = () => {
    if (!keeper.loaded) throw new ContractError('lab', 'no testbed is open: open one first')
    return keeper.loaded.testbed
  }
  const drivers = () => {
    const runOn = keeper.driven?.power.runOn
    return powerDrivers(testbed(), {
      environment: process.env,
      // a window cannot know that a switch was flipped: whoever flips it looks for himself
      ask: async () => false,
      ...(runOn && { runOn }),
    })
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
    options: async ({ thing }) => ({ options: faultOptions(testbed(), thing) }),
    async inject({ fault, target, blast }) {
      const option = faultOptions(testbed(), target).find((one) => one.fault === fault)
      if (!option) throw new ContractError('not-found', `${fault} cannot be injected at ${Object.values(target).join(' ')}`)
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
      await undo({ print: say, say, onProgress: () => undefined, signal })
      return { said }
    },
    async outlets(_, { signal }) {
      const all = drivers()
      const wanted = outletsOf(keeper.loaded)
      const outlets = await Promise.all(
        wanted.map(async ({ unit, outlet }) => {
          try {
            const limit = AbortSignal.any([signal, AbortSignal.timeout(outletMilliseconds)])
            return { unit, outlet, state: (await all.get(unit)?.state(outlet, limit)) ?? ('unknown' as const) }
          } catch (error) {
            signal.throwIfAborted()
            return { unit, outlet, state: 'unknown' as const, why: error instanceof Error ? error.message : String(error) }
          }
        }),
      )
      return { outlets }
    },
    async power({ unit, outlet, on }) {
      if (keeper.phase === 'busy') throw new ContractError('busy', 'a row is being run: it switches outlets itself')
      const wired = outletsOf(keeper.loaded).some((one) => one.unit === unit && one.outlet === outlet)
      if (!wired) throw new ContractError('not-found', `nothing of this testbed hangs on ${unit}/${outlet}: it is not switched`)
      const driver = drivers().get(unit)
      if (!driver) throw new PowerError('configuration', unit, 'is no unit of this testbed')
      await switchOutlet(driver, outlet, on, { signal: AbortSignal.timeout(switchMilliseconds), timeoutMs: switchMilliseconds })
      return {}
    },
  }
}

/** Every outlet that something of the testbed hangs on. */
function outletsOf(loaded: LoadedTestbed | undefined): readonly { readonly unit: string; readonly outlet: string }[] {
  if (!loaded) return []
  const { hosts, links } = loaded.testbed
  const all = [
    ...Object.values(hosts).flatMap(({ node, array }) => [...(node?.outlets ?? []), ...(array?.outlets ?? [])]),
    ...Object.values(links).flatMap((link) => link.switch?.outlets ?? []),
  ]
  return [...new Map(all.map((one) => [`${one.unit}/${one.outlet}`, one])).values()]
}
