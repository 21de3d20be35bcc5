/** Agents as real processes: real UDP on loopback addresses, fake sg3_utils over files, plain files for the kernel. */
import { execFile, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { AgentConfigInput } from '../../../labs/cluster/config.ts'
import type { Answer } from '../../../main/agent/control-socket.ts'
import type { ChildProcess } from 'node:child_process'
import { askControl } from '../../../main/agent/control-socket.ts'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tmpdir } from 'node:os'

const fake = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const tools = ['sg_turs', 'sg_raw', 'sg_reset'] as const
const luns = ['coord1', 'coord2', 'coord3', 'data1']
export const names = ['nodea', 'nodeb']
const DISK_BYTES = 3 * 1024 * 1024

export interface Agents {
  readonly directory: string
  start(node: string): void
  /** Ends all processes of this lab and removes its files. */
  stop(): Promise<void>
  process(node: string): ChildProcess
  ask(node: string, request: object): Promise<Answer>
  /** Asks for the status until it is so. */
  until(node: string, condition: (status: Answer) => boolean): Promise<Answer>
  /** Resolves with the exit code. */
  exited(node: string): Promise<number | null>
  keys(lun: string): string[]
  log(node: string): LogLine[]
  file(node: string, kind: 'kmsg' | 'sysrq'): string
  /** Makes a program that a policy runs, as a shell script. @returns its path */
  script(name: string, text: string): string
  scan(
    node: string,
    run: string,
  ): Promise<{
    readonly records: readonly LedgerRecord[]
    readonly shared?: readonly LedgerRecord[]
  }>
}
interface LedgerRecord {
  readonly node: string
  readonly number: number
  readonly epoch: number
}
export type LogLine = { readonly kind: string; readonly t: number; readonly code?: string } & Readonly<
  Record<string, unknown>
>

/**
 * The time-outs of these clusters are short, and an agent that a busy computer did not let run for so long is hung, as it
 * should be: then a test is tried again. What is wrong in the code is wrong every time.
 */
export const tolerant = { timeout: 120_000, retry: 2 }
export const shortTimings = { joinListen: 800, groupSettle: 500, peerTimeout: 1200, hangThreshold: 900 }

export function coordinationKey(node: string): string {
  return node === 'nodea' ? '0x412d2d2d2d2d2d2d' : '0x422d2d2d2d2d2d2d'
}

/**
 * @param subnet second number of the loopback addresses, so that tests running at once do not meet
 * @param more of the configuration; scripts may be made before the agents start
 */
export function createAgents(
  agent: string,
  subnet: number,
  more: (agents: Pick<Agents, 'script'>) => Partial<AgentConfigInput> = () => ({}),
): Agents {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-agent-'))
  const processes = new Map<string, ChildProcess>()
  const exits = new Map<string, Promise<number | null>>()
  const path = (name: string): string => join(directory, name)
  for (const lun of luns) writeFileSync(path(lun), Buffer.alloc(DISK_BYTES))
  for (const tool of tools) symlinkSync(fake('fake-sg-tools.sh'), path(tool))
  writeFileSync(path('boot_id'), 'boot-of-the-test\n')
  const script = (name: string, text: string): string => {
    writeFileSync(path(name), `#!/bin/sh\n${text}\n`)
    chmodSync(path(name), 0o755)
    return path(name)
  }
  for (const name of names) {
    for (const kind of ['kmsg', 'sysrq']) writeFileSync(path(`${name}.${kind}`), '')
    writeFileSync(path(`${name}.json`), JSON.stringify(configOf(name)))
  }

  function configOf(node: string): AgentConfigInput {
    return {
      node,
      nodes: names.map((name, id) => ({
        name,
        id,
        keys: { coordination: coordinationKey(name), data: `0x${(0x41 + id).toString(16)}50475230303031` },
        addresses: { priv1: `127.${subnet}.1.${id + 1}`, priv2: `127.${subnet}.2.${id + 1}` },
      })),
      links: [{ name: 'priv1' }, { name: 'priv2' }],
      coordination: luns.slice(0, 3).map((name) => ({ name, device: path(name) })),
      data: [{ name: 'data1', device: path('data1') }],
      timings: shortTimings,
      logFile: path(`${node}.log`),
      socket: path(`${node}.sock`),
      sgPersist: fake('fake-sg-persist.sh'),
      sgTurs: path('sg_turs'),
      sgRaw: path('sg_raw'),
      sgReset: path('sg_reset'),
      bootIdFile: path('boot_id'),
      kmsgFile: path(`${node}.kmsg`),
      sysrqFile: path(`${node}.sysrq`),
      // The temporary directory may be on a file system without O_DIRECT.
      ledger: { writesPerSecond: 20, regionBytes: DISK_BYTES / 3, direct: false },
      ...more({ script }),
    }
  }

  const lines = (file: string): string[] =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []

  const agents: Agents = {
    directory,
    script,
    start(node) {
      const child = spawn(process.execPath, [agent, 'run', path(`${node}.json`), '--join'], {
        env: { ...process.env, FAKE_NEXUS: node, FENCELAB_TEST_HOOKS: '1' },
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      processes.set(node, child)
      exits.set(node, new Promise((resolve) => child.once('exit', (code) => resolve(code))))
    },
    async stop() {
      for (const child of processes.values()) child.kill('SIGKILL')
      await Promise.all(exits.values())
      rmSync(directory, { recursive: true, force: true })
    },
    process(node) {
      const child = processes.get(node)
      if (!child) throw new Error(`${node} was not started`)
      return child
    },
    ask: (node, request) => askControl(path(`${node}.sock`), JSON.stringify(request), 15_000),
    async until(node, condition) {
      for (;;) {
        const answer = await agents
          .ask(node, { do: 'status' })
          .catch((error: unknown) => ({ ok: false, error: String(error) }))
        if (answer.ok && condition(answer)) return answer
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    exited: (node) => exits.get(node) ?? Promise.reject(new Error(`${node} was not started`)),
    keys: (lun) =>
      lines(path(`${lun}.pr`))
        .slice(2)
        .map((line) => line.split(' ')[1] ?? ''),
    log: (node) => lines(path(`${node}.log`)).map((line) => JSON.parse(line) as LogLine),
    file: (node, kind) => readFileSync(path(`${node}.${kind}`), 'utf8'),
    async scan(node, run) {
      const { stdout } = await promisify(execFile)(process.execPath, [agent, 'scan', path(`${node}.json`), run])
      return JSON.parse(stdout) as Awaited<ReturnType<Agents['scan']>>
    },
  }
  return agents
}
