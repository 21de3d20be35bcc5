/**
 * A fencing stack without a cluster: what each node says of itself is a table that a test changes, the log is a file in the
 * node's tree that this stack writes, and the key tables are those that the reference policy wants. It speaks no protocol of
 * its own; what the engine sees through `StackDriver` is all there is.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { LedgerScan, StackStatus } from '../../labs/journal/event.ts'
import { referenceStack } from '../../labs/stacks/reference/reference-stack.ts'
import type { LogEntry } from '../../labs/stacks/stack.ts'
import type { StackDriver, StackOrder } from '../../main/stacks/stack-driver.ts'

const writeMilliseconds = 100
/** in each node's tree (the fake hosts map /run/fencelab there) */
const logFile = '/run/fencelab/fake.log'

export interface FakeStack extends StackDriver {
  /** what a node says of itself; a test may change it */
  readonly nodes: Map<string, StackStatus>
  /** what the engine asked of the stack, in its order */
  readonly asked: string[]
  /** what a node's stack writes into its log, at the node's uptime now */
  log(node: string, event: LogEntry['event']): Promise<void>
  /** what `tell` does beside being noted; a test may make it fail */
  onTell: (host: string, what: StackOrder) => void
  close(): void
}

/** @param fileOn where a path of a host lies on this computer */
export function fakeStack(names: readonly string[], fileOn: (host: string, path: string) => string): FakeStack {
  const links = ['priv1', 'priv2']
  const asked: string[] = []
  const written: LedgerScan['records'][number][] = []
  const timers = new Map<string, NodeJS.Timeout>()
  const nodes = new Map<string, StackStatus>(
    names.map((name, index) => {
      const others = names.filter((other) => other !== name)
      const heard = Object.fromEntries(links.map((link) => [link, others]))
      return [
        name,
        { type: 'stack', answered: true, state: 'member', members: names, links: heard, active: index === 0, text: '' },
      ]
    }),
  )
  const uptime = async () => Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0])
  const put = (node: string, entry: LogEntry) =>
    appendFileSync(fileOn(node, logFile), `${JSON.stringify({ ...entry, boot: `boot-of-${node}` })}\n`)
  for (const name of names) {
    mkdirSync(dirname(fileOn(name, logFile)), { recursive: true })
    writeFileSync(fileOn(name, logFile), '')
  }

  const stack: FakeStack = {
    pure: {
      ...referenceStack,
      readLogLine: (line) => (line === '' ? undefined : (JSON.parse(line) as LogEntry)),
    },
    nodes,
    asked,
    onTell: () => undefined,
    async log(node, event) {
      put(node, { hostAt: await uptime(), boot: '', event })
    },
    identity: async () => 'fake',
    async install(_hosts, host) {
      asked.push(`install ${host}`)
    },
    async installProgram(_hosts, host) {
      asked.push(`install program ${host}`)
    },
    isInstalled: async () => true,
    async start(_hosts, host) {
      asked.push(`start ${host}`)
    },
    async status(hosts, host, signal, timeoutMs = 2000) {
      const silent = (text: string): { status: StackStatus } => ({ status: { type: 'stack', answered: false, text } })
      try {
        // what cannot be reached cannot be asked
        await hosts.run(host, { purpose: 'ask the fake stack', argv: ['true'], timeoutMs, signal })
      } catch (error) {
        return silent(error instanceof Error ? error.message : String(error))
      }
      const status = nodes.get(host)
      return status ? { status, hostAt: await uptime() } : silent('there is no such node')
    },
    async tell(_hosts, host, what) {
      asked.push(`${what} ${host}`)
      stack.onTell(host, what)
    },
    async startLedger(_hosts, host) {
      asked.push(`start ledger ${host}`)
      if (timers.has(host)) return
      let number = 0
      const write = async () => {
        if (nodes.get(host)?.active !== true) return
        const at = await uptime()
        number += 1
        const event = {
          type: 'ledger.write',
          number,
          epoch: 1,
          issued: at,
          completed: at,
          result: 'acknowledged',
          errno: 0,
        }
        put(host, { hostAt: at, boot: '', event } as LogEntry)
      }
      timers.set(
        host,
        setInterval(() => void write(), writeMilliseconds),
      )
    },
    async stopLedger(_hosts, host) {
      asked.push(`stop ledger ${host}`)
      clearInterval(timers.get(host))
    },
    async readLedger(_hosts, host, { when }) {
      asked.push(`read ledger ${host} ${when}`)
      return { scan: { type: 'ledger.scan', when, lun: 'data1', records: written }, hostAt: await uptime() }
    },
    logFile,
    close() {
      for (const timer of timers.values()) clearInterval(timer)
    },
  }
  return stack
}
