import type { ChildProcess } from 'node:child_process'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import * as v from 'valibot'
import { existsSync } from 'node:fs'
import type { Testbed } from '../../labs/testbed/testbed.ts'
import { networksOf, virtualMachines, type Machine as MachineSpecification } from '../../labs/virtual/topology.ts'
import { virtualPdu, type Load, type VirtualPdu } from '../../labs/virtual/pdu.ts'
import { log } from '../log/log.ts'
import { makeFolder } from '../make-folder.ts'
import type { OnProgress } from '../progress.ts'
import { until } from '../until.ts'
import { chooseAccelerator, type Accelerator } from './accelerator.ts'
import { endChild, startBoundChild } from './child.ts'
import { runTool } from './run-tool.ts'
import type { Image } from './image.ts'
import { labFiles, type LabFiles } from './lab-files.ts'
import { Machine, type MachineState, type SeenState } from './machine.ts'
import { startVirtualPdu, type RunningPdu } from './pdu.ts'

export interface MachineReport {
  readonly name: string
  readonly state: MachineState | SeenState
  readonly pid?: number
}

/** how long QEMU may take to listen to its monitor */
const startMilliseconds = 30_000
/** Each holds the memory of all machines on disk; rows of one table that want another cluster come one after the other. */
const statesKept = 3

const savedSchema = v.object({ of: v.string(), states: v.array(v.object({ key: v.string(), name: v.string() })) })
interface SavedState {
  readonly key: string
  /** of the snapshots in the machines' drives */
  readonly name: string
}
interface SavedStates {
  readonly of: string
  readonly states: readonly SavedState[]
}

/**
 * The machines and switches of one virtual lab, as the process that keeps them sees them. They are this process's
 * children and die with it.
 */
export class Keeper {
  readonly files: LabFiles
  readonly #image: Image
  readonly #specifications: readonly MachineSpecification[]
  #machines: readonly Machine[] = []
  readonly #switches = new Map<string, ChildProcess>()
  readonly #pdu: VirtualPdu | undefined
  #pduRunning: RunningPdu | undefined
  /** networks whose switch has no power */
  readonly #dark = new Set<string>()
  #last: Promise<unknown> = Promise.resolve()
  #accelerator: Accelerator = 'tcg'
  #saved: SavedStates = { of: '', states: [] }

  constructor(directory: string, testbed: Testbed, image: Image) {
    this.files = labFiles(directory)
    this.#image = image
    this.#specifications = virtualMachines(testbed)
    this.#pdu = virtualPdu(testbed)
  }

  /** The states that can be come back to, each by what it was taken of; the one used last is first. */
  get greenKeys(): readonly string[] {
    return this.#saved.states.map(({ key }) => key)
  }

  get accelerator() {
    return this.#accelerator
  }

  /**
   * Starts all machines: out of the green snapshot of an earlier start where it was taken under the same `greenKey`
   * (they stand still then until `cont`), else from their firmware. Resolves when all are there.
   */
  async up(greenKey: string, onProgress: OnProgress, signal: AbortSignal): Promise<{ restored: boolean }> {
    this.#accelerator = await chooseAccelerator(this.#image, signal)
    await this.#prepareKeys()
    for (const name of networksOf(this.#specifications)) await this.#startSwitch(name, signal)
    this.#machines = this.#specifications.map(
      (specification) =>
        new Machine({
          image: this.#image,
          files: this.files,
          specification,
          accelerator: this.#accelerator,
          hasPdu: this.#pdu !== undefined,
        }),
    )
    await this.#readSaved()
    const found = this.#stateOf(greenKey)
    await Promise.all(
      this.#machines.map(async (machine) => {
        await rm(machine.files.console, { force: true })
        if (this.#saved.states.length === 0) await this.#emptyState(machine)
        await machine.start(found ? { snapshot: found.name } : {}, signal)
      }),
    )
    await this.#startPdu()
    if (found) {
      await this.#use(found)
      await Promise.all(this.#machines.map((machine) => machine.cont()))
      return { restored: true }
    }
    let ready = 0
    const report = () =>
      onProgress({
        text: `booting (${ready} of ${this.#machines.length} machines)`,
        fraction: ready / this.#machines.length,
      })
    report()
    await Promise.all(
      this.#machines.map(async (machine) => {
        await machine.ready(signal)
        ready += 1
        report()
      }),
    )
    return { restored: false }
  }

  /** One after the other: a machine that the PDU is just switching on must not be taken back to a snapshot meanwhile. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action, action)
    this.#last = turn.catch(() => undefined /* its own caller is told */)
    return turn
  }

  /** Keeps the present state of all machines as one to come back to. The machines stand still for about a second. */
  saveGreen(greenKey: string): Promise<void> {
    return this.#inTurn(() => this.#saveGreen(greenKey))
  }

  /** Back to a green state, all machines at once, whatever became of them meanwhile. Without a key: to the last one used. */
  reset(greenKey: string | undefined, signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#reset(greenKey, signal))
  }

  /** A machine's power: `off` takes the process away, `on` starts it from its firmware and lets it boot. */
  power(name: string, on: boolean, signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#power(name, on, signal))
  }

  /** The power of a network's switch: without it, no card on it has a link. */
  network(name: string, on: boolean): Promise<void> {
    return this.#inTurn(() => this.#network(name, on))
  }

  async #saveGreen(greenKey: string): Promise<void> {
    const before = this.#stateOf(greenKey)
    const old = this.#saved.states.slice(statesKept - 1).concat(before ?? [])
    const kept = this.#saved.states.filter((state) => !old.includes(state))
    // until it is whole, it is on no list
    await this.#writeSaved(kept)
    const fresh: SavedState = { key: greenKey, name: `green-${Date.now().toString(36)}` }
    await Promise.all(this.#machines.map((machine) => machine.stop()))
    try {
      await Promise.all(
        this.#machines.map(async (machine) => {
          for (const state of old) await machine.deleteSnapshot(state.name)
          await machine.saveSnapshot(fresh.name)
        }),
      )
    } finally {
      await Promise.all(this.#machines.map((machine) => machine.cont()))
    }
    await this.#writeSaved([fresh, ...kept])
  }

  async #reset(greenKey: string | undefined, signal: AbortSignal): Promise<void> {
    const state = greenKey === undefined ? this.#saved.states[0] : this.#stateOf(greenKey)
    if (!state) throw new Error('there is no green state to go back to: the lab is not all up yet')
    await Promise.all(
      this.#machines.map(async (machine) => {
        machine.thaw()
        if (machine.state() === 'off') await machine.start({ snapshot: state.name }, signal)
        else await machine.stop()
      }),
    )
    await Promise.all(this.#machines.map((machine) => machine.loadSnapshot(state.name)))
    await this.#use(state)
    // Packets of the future wait in the switches and in QEMU's queues: a heartbeat of a membership that is undone now
    // would make a node panic, an iSCSI segment could be taken for one of the restored connection. They are delivered
    // when the machines run again, so the cables are out until then.
    await this.#plug(false)
    await Promise.all(this.#machines.map((machine) => machine.cont()))
    this.#dark.clear()
    await this.#plug(true)
  }

  async #power(name: string, on: boolean, signal: AbortSignal): Promise<void> {
    const machine = this.#machines.find((candidate) => candidate.name === name)
    if (!machine) throw new Error(`there is no machine ${name}`)
    if (!on) return machine.powerOff()
    await machine.start({}, signal)
    const cards = this.#cardsOf(machine).filter(({ network }) => this.#dark.has(network))
    await Promise.all(cards.map((card) => machine.setLink(card.name, false)))
  }

  async #network(name: string, on: boolean): Promise<void> {
    if (!networksOf(this.#specifications).includes(name)) throw new Error(`there is no network ${name}`)
    if (on) this.#dark.delete(name)
    else this.#dark.add(name)
    await this.#plug(on, (network) => network === name)
  }

  /** What each machine is now: of its process the kernel is asked, of the machine in it its monitor. */
  status(): Promise<MachineReport[]> {
    return Promise.all(
      this.#machines.map(async (machine) => {
        const pid = machine.processId()
        return { name: machine.name, state: await machine.look(), ...(pid !== undefined && { pid }) }
      }),
    )
  }

  async down(): Promise<void> {
    await this.#pduRunning?.close()
    await Promise.all(this.#machines.map((machine) => machine.powerOff()))
    await Promise.all([...this.#switches.values()].map(endChild))
  }

  /** The cables of the networks; the management network is none of them. A machine that is off has no cables to plug. */
  async #plug(up: boolean, those: (network: string) => boolean = () => true): Promise<void> {
    const running = this.#machines.filter((machine) => machine.state() !== 'off')
    await Promise.all(
      running.flatMap((machine) =>
        this.#cardsOf(machine)
          .filter(({ network }) => network !== 'management' && those(network))
          .map(({ name }) => machine.setLink(name, up)),
      ),
    )
  }

  #cardsOf(machine: Machine) {
    return this.#specifications.find(({ name }) => name === machine.name)?.cards ?? []
  }

  async #startPdu(): Promise<void> {
    if (!this.#pdu) return
    const onProblem = (problem: Error) => {
      console.error(`PDU: ${problem.message}`)
      log.error(`PDU: ${problem.message}`, { error: problem })
    }
    const isOn = ({ kind, name }: Load) =>
      kind === 'network'
        ? !this.#dark.has(name)
        : this.#machines.some((machine) => machine.name === name && machine.state() !== 'off')
    this.#pduRunning = await startVirtualPdu(this.#pdu, this.files, {
      isOn,
      switch: ({ kind, name }, on) =>
        kind === 'network' ? this.network(name, on) : this.power(name, on, AbortSignal.timeout(startMilliseconds)),
      onProblem,
    })
  }

  /** What every saved state goes with: without it, the drives that hold the states are made anew. */
  #identity(): string {
    return JSON.stringify([this.#image.hash, this.#accelerator, this.#specifications])
  }

  #stateOf(greenKey: string): SavedState | undefined {
    return this.#saved.states.find(({ key }) => key === greenKey)
  }

  /** The one used last is first on the list: it goes last. */
  async #use(state: SavedState): Promise<void> {
    if (this.#saved.states[0] === state) return
    await this.#writeSaved([state, ...this.#saved.states.filter((other) => other !== state)])
  }

  async #readSaved(): Promise<void> {
    const none: SavedStates = { of: this.#identity(), states: [] }
    this.#saved = none
    if (!existsSync(this.files.green)) return
    const read = v.safeParse(savedSchema, JSON.parse(await readFile(this.files.green, 'utf8')))
    if (read.success && read.output.of === none.of) this.#saved = read.output
    else await rm(this.files.green)
  }

  async #writeSaved(states: readonly SavedState[]): Promise<void> {
    this.#saved = { of: this.#identity(), states }
    await writeFile(`${this.files.green}.new`, JSON.stringify(this.#saved))
    await rename(`${this.files.green}.new`, this.files.green)
  }

  /** An empty drive that nothing in the machine uses: it only holds the machine's snapshots. */
  async #emptyState(machine: Machine): Promise<void> {
    await rm(machine.files.state, { force: true })
    await runTool(['qemu-img', 'create', '-q', '-f', 'qcow2', machine.files.state, '4G'])
  }

  async #startSwitch(name: string, signal: AbortSignal): Promise<void> {
    const directory = this.files.network(name)
    await rm(directory, { recursive: true, force: true })
    this.#switches.set(name, await startBoundChild(['vde_switch', '-s', directory, '-m', '600'], this.files.log))
    await until(() => existsSync(`${directory}/ctl`), { signal, everyMilliseconds: 20 })
  }

  /** The lab's own keys: its machines' host keys are known because they are made here. */
  async #prepareKeys(): Promise<void> {
    makeFolder(this.files.directory)
    await makeKey(this.files.key, 'fencelab')
    const known: string[] = []
    for (const specification of this.#specifications) {
      const { hostKey } = this.files.machine(specification.name)
      await makeKey(hostKey, specification.name)
      const [type, key] = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ')
      known.push(`[${specification.ssh.address}]:${specification.ssh.port} ${type} ${key}\n`)
    }
    await writeFile(this.files.knownHosts, known.join(''))
  }
}

async function makeKey(file: string, comment: string): Promise<void> {
  if (!existsSync(file)) await runTool(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file])
}
