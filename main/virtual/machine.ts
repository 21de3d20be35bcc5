import type { ChildProcess } from 'node:child_process'
import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pduAddress } from '../../labs/virtual/topology.ts'
import type { Machine as MachineSpecification } from '../../labs/virtual/topology.ts'
import { endChild, startBoundChild } from './child.ts'
import type { Accelerator } from './accelerator.ts'
import type { Image } from './image.ts'
import type { LabFiles, MachineFiles } from './lab-files.ts'
import { connectWhenReady, type Qmp, type QmpEvent } from '../hypervisor/qmp.ts'
import { parseProcessStat } from '../hypervisor/process-stat.ts'
import { nodeProgram } from '../program.ts'
import { until } from '../until.ts'

export type MachineState = 'off' | 'running' | 'panicked' | 'paused'
/** What is only seen from outside: its process is stopped (SIGSTOP), or its monitor does not answer. */
export type SeenState = 'frozen' | 'not answering'

/** the memory of a machine is written to disk, or read from it, on a busy computer */
const snapshotMilliseconds = 120_000
/** how long a monitor may take to say whether its machine runs */
const lookMilliseconds = 3000

export interface MachineOptions {
  readonly image: Image
  readonly files: LabFiles
  readonly specification: MachineSpecification
  readonly accelerator: Accelerator
  /** the lab plays a PDU, which the nodes may speak to */
  readonly hasPdu: boolean
}

/** One machine: a QEMU process and the monitor to it. It ends with the process that started it. */
export class Machine {
  readonly name: string
  readonly files: MachineFiles
  readonly #options: MachineOptions
  #child: ChildProcess | undefined
  #qmp: Qmp | undefined
  #panicked = false

  constructor(options: MachineOptions) {
    this.name = options.specification.name
    this.#options = options
    this.files = options.files.machine(this.name)
  }

  /** Switches it on: from its firmware, or standing still in a snapshot (`cont` lets it go). */
  async start(from: { readonly snapshot?: string }, signal: AbortSignal): Promise<void> {
    if (this.#child) return
    for (const stale of [this.files.monitor, this.files.events, this.files.cables, this.files.pid])
      await rm(stale, { force: true })
    await writeFile(this.files.environment, this.#options.specification.environment)
    const child = await startBoundChild(this.#arguments(from.snapshot), this.#options.files.log)
    this.#child = child
    this.#panicked = false
    child.once('exit', () => {
      this.#qmp?.close()
      this.#qmp = undefined
      if (this.#child === child) this.#child = undefined
    })
    this.#qmp = await connectWhenReady(this.files.monitor, () => this.#child !== undefined, signal)
    if (!this.#qmp) throw new Error(await this.#whyNotStarted())
    this.#monitor().onEvent((event) => this.#heard(event))
  }

  async #whyNotStarted(): Promise<string> {
    const { files, specification } = this.#options
    const said = (await readFile(files.log, 'utf8')).trim().split('\n').slice(-4).join('\n')
    const { address, port } = specification.ssh
    const hint = said.includes('host forwarding rule')
      ? `\nAnother program has ${address}:${port}: another lab (of another user?) that is up. End it, or change the loopback addresses in the testbed file`
      : ''
    return `machine ${this.name} did not start. QEMU said (${files.log}):\n${said}${hint}`
  }

  /** Waits until its console says that it is ready. Gives the end of the console where it does not come. */
  async ready(signal: AbortSignal): Promise<void> {
    const wanted = `fencelab: ready ${this.name}`
    try {
      await until(async () => (await this.consoleText()).includes(wanted), { signal, everyMilliseconds: 200 })
    } catch (error) {
      const tail = (await this.consoleText()).trim().split('\n').slice(-8).join('\n')
      throw new Error(`machine ${this.name} did not become ready; its console ends with:\n${tail}`, { cause: error })
    }
  }

  async consoleText(): Promise<string> {
    if (!existsSync(this.files.console)) return ''
    const file = await open(this.files.console)
    try {
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  }

  /** Cuts its power: the process is gone, and with it all that was in its memory. */
  async powerOff(): Promise<void> {
    if (this.#child) await endChild(this.#child)
    this.#child = undefined
  }

  /** Makes a frozen process run again, so that its monitor can answer. */
  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    await this.#monitor().execute('stop')
  }
  async cont(): Promise<void> {
    await this.#monitor().execute('cont')
    this.#panicked = false
  }
  async saveSnapshot(name: string): Promise<void> {
    refuse(await this.#monitor().human(`savevm ${name}`, snapshotMilliseconds), `saving the state of ${this.name}`)
  }
  async deleteSnapshot(name: string): Promise<void> {
    refuse(await this.#monitor().human(`delvm ${name}`, snapshotMilliseconds), `forgetting a state of ${this.name}`)
  }
  async loadSnapshot(name: string): Promise<void> {
    refuse(await this.#monitor().human(`loadvm ${name}`, snapshotMilliseconds), `loading the state of ${this.name}`)
  }
  /** Plugs or pulls the cable of one network card. */
  async setLink(card: string, up: boolean): Promise<void> {
    await this.#monitor().execute('set_link', { name: card, up })
  }

  state(): MachineState {
    if (!this.#child) return 'off'
    return this.#panicked ? 'panicked' : 'running'
  }
  /** What it is now, by the kernel and by its monitor, and not by what was heard of it. */
  async look(): Promise<MachineState | SeenState> {
    const pid = this.#child?.pid
    const letter = pid === undefined ? undefined : processState(pid)
    if (letter === undefined || letter === 'Z' || letter === 'X') return 'off'
    if (letter === 'T' || letter === 't') return 'frozen'
    if (!this.#qmp) return 'not answering'
    try {
      // RunState of QEMU's QAPI (run-state.json)
      const { status } = (await this.#qmp.execute('query-status', undefined, lookMilliseconds)) as { status: string }
      if (status === 'guest-panicked') return 'panicked'
      return status === 'running' ? 'running' : 'paused'
    } catch {
      // whatever it is that keeps it from answering, that is what is seen
      return this.#child ? 'not answering' : 'off'
    }
  }
  processId(): number | undefined {
    return this.#child?.pid
  }

  #monitor(): Qmp {
    if (!this.#qmp) throw new Error(`machine ${this.name} is off`)
    return this.#qmp
  }

  #heard(event: QmpEvent): void {
    if (event.event === 'GUEST_PANICKED') this.#panicked = true
    if (event.event === 'RESET' || event.event === 'RESUME') this.#panicked = false
  }

  /** The one address outside that a machine reaches: the web page of the lab's PDU, through a relay for each connection. */
  #wayToPdu(): string {
    if (!this.#options.hasPdu) return ''
    const relay = [nodeProgram(), fileURLToPath(new URL('./relay.mjs', import.meta.url)), this.#options.files.pduPage]
    // QEMU splits the command at spaces, as a shell does, and its own options at commas
    const command = relay.map((word) => `'${word}'`).join(' ')
    return `,guestfwd=tcp:${pduAddress}:80-cmd:${command.replaceAll(',', ',,')}`
  }

  #arguments(snapshot: string | undefined): string[] {
    const { image, files, specification, accelerator } = this.#options
    const cards = specification.cards.flatMap((card, index) => [
      '-netdev',
      card.network === 'management'
        ? `user,id=card${index},restrict=on,hostfwd=tcp:${specification.ssh.address}:${specification.ssh.port}-:22${this.#wayToPdu()}`
        : `vde,id=card${index},sock=${files.network(card.network)}`,
      '-device',
      `virtio-net-pci,netdev=card${index},id=${card.name},mac=${card.mac},romfile=`,
    ])
    const tell = (name: string, file: string) => ['-fw_cfg', `name=opt/fencelab/${name},file=${file}`]
    return [
      'qemu-system-x86_64',
      ...['-name', `guest=${specification.name}`],
      ...['-nodefaults', '-no-user-config', '-display', 'none'],
      ...['-m', String(specification.memory), '-smp', '1', '-accel', accelerator, '-cpu', 'max'],
      ...['-kernel', image.kernel, '-initrd', image.initialRamdisk],
      ...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off net.ifnames=0'],
      ...['-chardev', `file,id=console,path=${this.files.console},append=on`, '-serial', 'chardev:console'],
      ...['-qmp', `unix:${this.files.monitor},server=on,wait=off`],
      ...['-qmp', `unix:${this.files.events},server=on,wait=off`],
      ...['-qmp', `unix:${this.files.cables},server=on,wait=off`],
      ...['-drive', `file=${image.root},if=virtio,format=raw,readonly=on,file.locking=off`],
      ...['-drive', `file=${this.files.state},if=none,id=state,format=qcow2`],
      ...cards,
      ...['-device', 'pvpanic-pci', '-action', 'panic=pause'],
      ...tell('environment', this.files.environment),
      ...tell('host_key', this.files.hostKey),
      ...tell('authorized_keys', `${files.key}.pub`),
      ...['-pidfile', this.files.pid],
      ...(snapshot === undefined ? [] : ['-S', '-loadvm', snapshot]),
    ]
  }
}

/** State letter of proc_pid_stat(5); undefined where there is no such process. */
function processState(pid: number): string | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).state
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** The human monitor's commands say nothing when all went well. */
function refuse(answer: string, what: string): void {
  if (answer.trim() !== '') throw new Error(`${what} failed: ${answer.trim()}`)
}
