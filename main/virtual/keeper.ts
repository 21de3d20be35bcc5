import type { ChildProcess } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import type { Testbed } from '../../labs/testbed/testbed.ts'
import { networksOf, virtualMachines, type Machine as MachineSpecification } from '../../labs/virtual/topology.ts'
import type { OnProgress } from '../progress.ts'
import { until } from '../until.ts'
import { chooseAccelerator, type Accelerator } from './accelerator.ts'
import { endChild, startBoundChild } from './child.ts'
import { runTool } from './run-tool.ts'
import type { Image } from './image.ts'
import { labFiles, type LabFiles } from './lab-files.ts'
import { Machine, type MachineState } from './machine.ts'

export interface MachineReport {
  readonly name: string
  readonly state: MachineState
  readonly pid?: number
}

/** the name of the snapshot that `reset` goes back to */
const green = 'green'

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
  #accelerator: Accelerator = 'tcg'
  #greenKey: string | null = null

  constructor(directory: string, testbed: Testbed, image: Image) {
    this.files = labFiles(directory)
    this.#image = image
    this.#specifications = virtualMachines(testbed)
  }

  /** What the green snapshot was taken of; null while there is none. */
  get greenKey(): string | null {
    return this.#greenKey
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
        new Machine({ image: this.#image, files: this.files, specification, accelerator: this.#accelerator }),
    )
    const restored = (await this.#savedGreen()) === this.#greenId(greenKey)
    await Promise.all(
      this.#machines.map(async (machine) => {
        await rm(machine.files.console, { force: true })
        if (!restored) await this.#emptyState(machine)
        await machine.start(restored ? { snapshot: green } : {}, signal)
      }),
    )
    this.#greenKey = restored ? greenKey : null
    if (restored) {
      await Promise.all(this.#machines.map((machine) => machine.cont()))
      return { restored }
    }
    await rm(this.files.green, { force: true })
    let ready = 0
    const report = () =>
      onProgress({ text: `booting (${ready} of ${this.#machines.length} machines)`, fraction: ready / this.#machines.length })
    report()
    await Promise.all(
      this.#machines.map(async (machine) => {
        await machine.ready(signal)
        ready += 1
        report()
      }),
    )
    return { restored }
  }

  /** Keeps the present state of all machines as the one to come back to. The machines stand still for about a second. */
  async saveGreen(greenKey: string): Promise<void> {
    await rm(this.files.green, { force: true })
    await Promise.all(this.#machines.map((machine) => machine.stop()))
    try {
      await Promise.all(this.#machines.map((machine) => machine.saveSnapshot(green)))
    } finally {
      await Promise.all(this.#machines.map((machine) => machine.cont()))
    }
    await writeFile(this.files.green, JSON.stringify({ id: this.#greenId(greenKey) }))
    this.#greenKey = greenKey
  }

  /** Back to the green snapshot, all machines at once, whatever became of them meanwhile. */
  async reset(signal: AbortSignal): Promise<void> {
    if (!existsSync(this.files.green)) throw new Error('there is no green state to go back to: the lab is not all up yet')
    await Promise.all(
      this.#machines.map(async (machine) => {
        machine.thaw()
        if (machine.state() === 'off') await machine.start({ snapshot: green }, signal)
        else await machine.stop()
      }),
    )
    await Promise.all(this.#machines.map((machine) => machine.loadSnapshot(green)))
    // Packets of the future wait in the switches and in QEMU's queues: a heartbeat of a membership that is undone now
    // would make a node panic, an iSCSI segment could be taken for one of the restored connection. They are delivered
    // when the machines run again, so the cables are out until then.
    await this.#plug(false)
    await Promise.all(this.#machines.map((machine) => machine.cont()))
    await this.#plug(true)
  }

  /** A machine's power: `off` takes the process away, `on` starts it from its firmware and waits until it is ready. */
  async power(name: string, on: boolean, signal: AbortSignal): Promise<void> {
    const machine = this.#machines.find((candidate) => candidate.name === name)
    if (!machine) throw new Error(`there is no machine ${name}`)
    if (!on) return machine.powerOff()
    await rm(machine.files.console, { force: true })
    await machine.start({}, signal)
  }

  status(): MachineReport[] {
    return this.#machines.map((machine) => {
      const pid = machine.processId()
      return { name: machine.name, state: machine.state(), ...(pid !== undefined && { pid }) }
    })
  }

  async down(): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.powerOff()))
    await Promise.all([...this.#switches.values()].map(endChild))
  }

  /** All cables of all switches; the management network is none of them. */
  async #plug(up: boolean): Promise<void> {
    await Promise.all(
      this.#machines.flatMap((machine) => {
        const cards = this.#specifications.find(({ name }) => name === machine.name)?.cards ?? []
        return cards.filter(({ network }) => network !== 'management').map(({ name }) => machine.setLink(name, up))
      }),
    )
  }

  #greenId(greenKey: string): string {
    return JSON.stringify([greenKey, this.#image.hash, this.#accelerator, this.#specifications])
  }

  async #savedGreen(): Promise<string | undefined> {
    if (!existsSync(this.files.green)) return undefined
    return (JSON.parse(await readFile(this.files.green, 'utf8')) as { id: string }).id
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
    await mkdir(this.files.directory, { recursive: true, mode: 0o700 })
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
