import { join } from 'node:path'
import { userInfo } from 'node:os'
import { nodesOf } from '../../labs/testbed/parts.ts'
import type { Line } from '../../labs/journal/event.ts'
import { ContractError } from '../../preload/contract/contract-error.ts'
import type { Output } from '../../preload/contract/method.ts'
import type { terminals as contract, TerminalsService } from '../../preload/contract/terminals.ts'
import { log } from '../log/log.ts'
import { commandLine } from '../transport/quote.ts'
import type { StartPtys } from '../terminals/pty-messages.ts'
import { hostSource, LocalTerminals } from '../terminals/terminal-source.ts'
import { TerminalSession } from '../terminals/terminal-session.ts'
import { version } from '../version.ts'
import type { EventHub } from './event-hub.ts'
import type { LabKeeper } from './lab-keeper.ts'
import type { TerminalFeed } from './serve-channel.ts'

export interface TerminalsOptions {
  readonly keeper: LabKeeper
  readonly hub: EventHub
  /** folder that recordings of terminals are written to */
  readonly folder: string
  readonly ptys?: StartPtys
}

export interface TerminalsParts {
  readonly service: TerminalsService
  readonly feed: TerminalFeed
  /** a line of the row that goes on: its steps become markers in what is being recorded */
  heard(line: Line): void
  close(): Promise<void>
}

type Program = Output<typeof contract.places>['programs'][number]

const openMilliseconds = 20_000
const mostTerminals = 64

/** Terminals on the hosts of the open testbed, and of local programs. They live on without any view. */
export function terminalsService({ keeper, hub, folder, ptys }: TerminalsOptions): TerminalsParts {
  const sessions = new Map<string, TerminalSession>()
  const feeds = new Map<symbol, Parameters<TerminalFeed['connect']>[0]>()
  const local = ptys && new LocalTerminals(ptys)
  // a number that an earlier life of the engine did not use: a view that comes back must not take one terminal for another
  let next = (Math.floor(Date.now() / 1000) % 900_000) * 1000 + 1

  const session = (id: string) => {
    const found = sessions.get(id)
    if (!found) throw new ContractError('not-found', `terminal ${id} is not there any more`)
    return found
  }
  const show = (view: symbol, one: TerminalSession) => {
    const listener = feeds.get(view)
    if (listener) one.attach(view, (from, text) => listener({ terminal: one.id, from, text }))
  }

  /** Programs that the testbed knows of: the consoles of its nodes; and a shell here. */
  function programs(): readonly Program[] {
    const consoles = (keeper.loaded ? nodesOf(keeper.loaded.testbed) : []).flatMap(({ name, node }): Program[] => {
      if (!node.console) return []
      const argv = 'file' in node.console ? ['tail', '-n', '200', '-F', node.console.file] : [...node.console.command]
      return [{ program: `console ${name}`, title: `Console of ${name}`, argv, host: node.console.host }]
    })
    const shell = userInfo().shell ?? '/bin/sh'
    return [...(local ? [{ program: 'shell', title: 'Shell on this computer', argv: [shell] }] : []), ...consoles]
  }

  async function open(
    one: TerminalSession,
    host: string | undefined,
    argv: readonly string[] | undefined,
    size: { readonly columns: number; readonly rows: number },
  ): Promise<void> {
    const transport = host === undefined ? undefined : keeper.driven?.hosts.get(host)
    if (host !== undefined && !transport)
      throw new ContractError('not-found', `${host} is no host that the lab is connected to: open its testbed first`)
    if (transport?.openShell) {
      const line = argv && commandLine(argv, { sudo: transport.sudo })
      one.start(await hostSource(transport, size, line, one, AbortSignal.timeout(openMilliseconds)))
      return
    }
    if (!local) throw new ContractError('lab', 'local terminals cannot be opened here')
    one.start(local.open(one.id, argv ?? [userInfo().shell ?? '/bin/sh'], size, one))
  }

  const service: TerminalsService = {
    list: async () => ({ terminals: [...sessions.values()].map((one) => one.describe()) }),
    async places() {
      const hosts = [...(keeper.driven?.hosts.values() ?? [])].map((transport) => ({
        host: transport.name,
        state: transport.state(),
        title: transport.reason(),
      }))
      return { hosts, programs: programs() }
    },
    async open({ host, program, argv, columns, rows }) {
      if (sessions.size >= mostTerminals)
        throw new ContractError('user', `there are ${mostTerminals} terminals already: close some`)
      const known = program === undefined ? undefined : programs().find((one) => one.program === program)
      if (program !== undefined && !known && !argv)
        throw new ContractError('not-found', `there is no program ${program}`)
      const place = host ?? known?.host
      const words = argv ?? known?.argv
      const title = known?.title ?? host ?? argv?.join(' ') ?? 'shell'
      const id = `t${next++}`
      const one = new TerminalSession(
        id,
        { title, ...(place !== undefined && { host: place }), ...(words && { argv: words }) },
        { columns, rows },
        () => hub.publish('terminals', { id }),
      )
      sessions.set(id, one)
      const about = { title, ...(place !== undefined && { host: place }), ...(words && { argv: words }) }
      for (const view of feeds.keys()) show(view, one)
      try {
        await open(one, place, words, { columns, rows })
        log.info(`terminal ${id} is opened`, about)
      } catch (error) {
        log.warning(`terminal ${id} cannot be opened`, { ...about, error })
        sessions.delete(id)
        hub.publish('terminals', { id })
        throw error
      }
      hub.publish('terminals', { id })
      return one.describe()
    },
    attach: async ({ id, from }) => session(id).since(from),
    async write({ id, text }) {
      session(id).write(text)
      return {}
    },
    async resize({ id, columns, rows }) {
      session(id).resize(columns, rows)
      return {}
    },
    async close({ id }) {
      session(id).close()
      sessions.delete(id)
      log.info(`terminal ${id} is closed`)
      hub.publish('terminals', { id })
      return {}
    },
    async record({ id, on, input }) {
      const one = session(id)
      const { title, recording } = one.describe()
      if (on && !recording) {
        const time = new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z')
        const name = title.replace(/[^\w.-]+/g, '-').slice(0, 60)
        one.record({ file: join(folder, `${time}-${name}-${id}.cast`), input, version })
      } else if (!on) one.record(undefined)
      return one.describe()
    },
    async mark({ id, label }) {
      session(id).mark(label)
      return {}
    },
  }
  return {
    service,
    feed: {
      connect(listener) {
        const view = Symbol('view')
        feeds.set(view, listener)
        for (const one of sessions.values()) show(view, one)
        return {
          taken: (terminal, upTo) => sessions.get(terminal)?.taken(view, upTo),
          dispose() {
            feeds.delete(view)
            for (const one of sessions.values()) one.detach(view)
          },
        }
      },
    },
    heard(line) {
      const label = markOf(line)
      if (label !== undefined) for (const one of sessions.values()) one.mark(label)
    },
    async close() {
      for (const one of sessions.values()) one.close()
      local?.close()
    },
  }
}

function markOf(line: Line): string | undefined {
  switch (line.type) {
    case 'run.started':
      return `run ${line.run} begins: ${line.scenario.title}`
    case 'run.ended':
      return `run ends: ${line.reason}`
    case 'phase':
      return `phase ${line.name}`
    case 'fault':
      return `fault ${line.id} (${Object.values(line.target).join(' ')}) ${line.step}${line.ok === false ? ' FAILED' : ''}`
    case 'panic-event':
      return `${line.host ?? 'a node'} panicked, says ${line.source}`
    default:
      return undefined
  }
}
