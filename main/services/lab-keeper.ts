import { ContractError } from '../../preload/contract/contract-error.ts'
import type { LabState, LiveScene, Standing } from '../../preload/contract/lab.ts'
import type { Progress } from '../../preload/contract/method.ts'
import type { Line } from '../../labs/journal/event.ts'
import { unfinishedRuns } from '../engine/inject/outstanding.ts'
import { loadTestbed, type LoadedTestbed } from '../load-testbed.ts'
import { log } from '../log/log.ts'
import { LabInUse } from '../locks/lab-in-use.ts'
import type { ReaderClient } from '../replay/reader-client.ts'
import { asContractError } from './as-contract-error.ts'
import { choiceOf } from '../../labs/steps/stack-choice.ts'
import { bedOf, type Bed } from '../../labs/testbed-file/bed.ts'
import type { Collections } from './collections.ts'
import type { EventHub } from './event-hub.ts'
import { HandFaults } from './hand-faults.ts'
import type { DrivenLab, GreenDriven, LabDriver, RowDone, RowOptions } from './lab-driver.ts'
import { LiveLook } from './live-look.ts'

export interface KeeperOptions {
  readonly driver: LabDriver
  readonly hub: EventHub
  readonly reader: ReaderClient
  readonly collections: Collections
  readonly load?: (file: string) => LoadedTestbed
  /** the journal of a run that goes on here grew */
  readonly onGrown: (directory: string) => void
  /** a line of a run that goes on here */
  readonly onLine: (line: Line) => void
}

type Phase = LabState['state']

/** between two tellings that the picture is another; whoever looks asks for it then */
const tellMilliseconds = 250

/**
 * The lab that everything is about: which testbed is open, what state it is in, and what is known of it now. One at a
 * time, and one thing done with it at a time. It goes on whether or not anybody looks.
 */
export class LabKeeper {
  readonly #options: KeeperOptions
  #loaded: LoadedTestbed | undefined
  #bed: Bed | null = null
  #phase: Phase = 'closed'
  #progress: Progress | null = null
  #error: string | null = null
  #driven: DrivenLab | undefined
  #green: GreenDriven | undefined
  #look: LiveLook | undefined
  #looking: AbortController | undefined
  #connections: (() => void)[] = []
  #working: AbortController | undefined
  #row: { directory: string | undefined; at: number; heard: number; lines: number } | undefined
  #telling: NodeJS.Timeout | undefined
  #version = 0
  #stateTelling = false
  #tellAgain = false
  readonly hand: HandFaults

  constructor(options: KeeperOptions) {
    this.#options = options
    this.hand = new HandFaults(() => this.#tell())
  }

  get loaded(): LoadedTestbed | undefined {
    return this.#loaded
  }
  /** the open testbed, for whoever draws it; its keys are those of the cluster that runs on it now */
  get bed(): Bed | undefined {
    return this.#bed ?? undefined
  }
  get driven(): DrivenLab | undefined {
    return this.#green ?? this.#driven
  }
  get phase(): Phase {
    return this.#phase
  }

  async state(): Promise<LabState> {
    return {
      bed: this.#bed,
      state: this.#phase,
      progress: this.#progress,
      error: this.#error,
      connections: [...(this.driven?.hosts ?? [])].map(([host, transport]) => ({
        host,
        state: transport.state(),
        reason: transport.reason(),
      })),
      standing: this.hand.list(),
      left: await leftBehind(),
    }
  }

  /** Makes a testbed the open one. A rack is connected to and looked at; a virtual lab that runs is taken over. */
  async open(file: string): Promise<void> {
    const loaded = (this.#options.load ?? loadTestbed)(file)
    if (loaded.file === this.#loaded?.file && loaded.text === this.#loaded.text && this.#phase !== 'failed') return
    this.#refuseWhileBusy('another testbed cannot be opened')
    await this.#letGo()
    this.#loaded = loaded
    this.#bed = bedOf(loaded)
    this.#error = null
    this.#set('down')
    if (!loaded.testbed.virtual) this.#connect()
    else if (await this.#options.driver.isUp(loaded)) void this.start().catch(() => undefined /* it is in the state */)
  }

  /** To all green. Rejects with why it did not get there, which is in the state as well. */
  async start(): Promise<void> {
    const loaded = this.#needed()
    if (this.#phase === 'green') return
    this.#refuseWhileBusy('it cannot be started')
    if (!loaded.testbed.destructive) {
      throw new ContractError(
        'user',
        `${loaded.file} does not say "destructive: true": starting the cluster writes registration keys to its LUNs`,
      )
    }
    await this.#work('starting', async (signal) => {
      await this.#stopLooking()
      await this.#driven?.close()
      this.#driven = undefined
      const onProgress = (progress: Progress) => this.#report(progress)
      this.#green = await this.#options.driver.green(loaded, { onProgress, signal })
      this.#watchConnections(this.#green)
      this.#startLooking(this.#green)
      return 'green'
    }).catch((error: Error) => {
      // another program works with it: that can be looked at
      if (error.cause instanceof LabInUse) this.#connect()
      throw error
    })
  }

  /** Ends what `start` started. What is injected by hand is taken back first. */
  async stop(): Promise<void> {
    const loaded = this.#needed()
    if (this.#phase === 'starting') {
      this.#working?.abort(new ContractError('stopped', 'starting the lab was stopped'))
      return
    }
    this.#refuseWhileBusy('it cannot be ended')
    await this.#work('stopping', async () => {
      const green = this.#green
      await this.#letGo()
      if (loaded.testbed.virtual) {
        await this.#options.driver.down(loaded)
        // what was injected ended with the machines
        await green?.forget()
      }
      return 'down'
    })
  }

  async reset(): Promise<void> {
    const green = this.#greenLab('go back to all green')
    this.#refuseWhileBusy('it cannot go back to all green')
    await this.#work('starting', async (signal) => {
      await this.#stopLooking()
      this.#report({ text: 'going back to all green' })
      await this.hand.clear()
      await green.restore(signal)
      await green.forget()
      this.#startLooking(green)
      return 'green'
    })
  }

  /** Runs one row. The eyes between rows are closed meanwhile: the row has its own, and looking costs. */
  async runRow({
    scenario,
    next,
    onProgress,
    signal,
  }: Pick<RowOptions, 'scenario' | 'next' | 'onProgress' | 'signal'>): Promise<RowDone> {
    const green = this.#greenLab('run a row')
    this.#refuseWhileBusy('no row can be run')
    if (this.hand.list().length > 0)
      throw new ContractError('busy', 'a fault is injected by hand: take it back before a row is run')
    let done: RowDone | undefined
    await this.#work('busy', async () => {
      await this.#stopLooking()
      this.#row = { directory: undefined, at: 0, heard: performance.now(), lines: 0 }
      // whose key is whose is told by the cluster that the row is about
      if (this.#loaded) this.#bed = bedOf(this.#loaded, choiceOf(scenario))
      try {
        done = await green.runRow({
          scenario,
          next,
          out: this.#options.collections.own,
          onProgress,
          signal,
          onLine: (line) => this.#heard(line),
        })
      } finally {
        this.#row = undefined
        this.#startLooking(green)
      }
      return 'green'
    })
    if (!done) throw new ContractError('internal', 'the scenario did not finish')
    return done
  }

  async scene(allViewers: boolean): Promise<LiveScene> {
    const wall = Date.now()
    const row = this.#row
    if (row?.directory !== undefined) {
      const run = this.#options.collections.idOf(row.directory) ?? null
      const at = row.at + (performance.now() - row.heard)
      await this.#options.reader.refresh(row.directory)
      return {
        scene: (await this.#options.reader.scene(row.directory, at, allViewers)) ?? null,
        wall,
        run,
        version: row.lines,
      }
    }
    return { scene: this.#look?.scene(allViewers) ?? null, wall, run: null, version: this.#look?.version ?? 0 }
  }

  async raw(event: number): Promise<string> {
    const text =
      this.#row?.directory === undefined
        ? this.#look?.raw(event)
        : (await this.#options.reader.line(this.#row.directory, event)).said
    if (text === undefined || text === null)
      throw new ContractError('not-found', 'that look is too long ago: its text is kept no longer')
    return text
  }

  async inject(fault: string, target: Readonly<Record<string, string>>): Promise<Standing> {
    const green = this.#greenLab('inject a fault')
    this.#refuseWhileBusy('no fault can be injected')
    const sink = this.#look
    if (!sink) throw new ContractError('lab', 'the lab is not being monitored')
    return this.hand.inject(green, sink, fault, target)
  }

  revert(id: string): Promise<void> {
    return this.hand.revert(id)
  }

  /** Takes back what is injected and lets go of the lab; a virtual lab that was started here ends with it. */
  async close(): Promise<void> {
    this.#working?.abort(new ContractError('stopped', 'the program ends'))
    await this.#letGo()
    clearTimeout(this.#telling)
    this.#set('closed')
  }

  #needed(): LoadedTestbed {
    if (!this.#loaded) throw new ContractError('lab', 'no testbed is open: open one first')
    return this.#loaded
  }

  #greenLab(what: string): GreenDriven {
    this.#needed()
    if (!this.#green) throw new ContractError('lab', `to ${what}, the lab must be all green: start it first`)
    return this.#green
  }

  #refuseWhileBusy(what: string): void {
    if (this.#phase === 'busy') throw new ContractError('busy', `${what} while a row is being run: stop it first`)
    if (this.#phase === 'starting' || this.#phase === 'stopping')
      throw new ContractError('busy', `${what} while the lab is ${this.#phase}`)
  }

  async #work(phase: Phase, action: (signal: AbortSignal) => Promise<Phase>): Promise<void> {
    const working = new AbortController()
    this.#working = working
    const before = this.#phase
    this.#error = null
    this.#set(phase)
    try {
      this.#set(await action(working.signal))
    } catch (error) {
      const known = working.signal.reason instanceof ContractError ? working.signal.reason : asContractError(error)
      this.#error = known.code === 'stopped' ? null : known.message
      // what was green before is so no more, unless a row could merely not be begun
      this.#set(
        this.#green
          ? before === 'green' && phase === 'busy'
            ? 'green'
            : 'failed'
          : known.code === 'stopped'
            ? 'down'
            : 'failed',
      )
      throw known
    } finally {
      this.#progress = null
      if (this.#working === working) this.#working = undefined
      this.#tell()
    }
  }

  #connect(): void {
    if (!this.#loaded) return
    this.#driven = this.#options.driver.connect(this.#loaded)
    this.#watchConnections(this.#driven)
    this.#startLooking(this.#driven)
    this.#set('open')
  }

  #startLooking(driven: DrivenLab): void {
    if (!this.#loaded) return
    this.#bed = bedOf(this.#loaded, driven.choice?.())
    this.#look = new LiveLook(this.#bed.record)
    const looking = new AbortController()
    this.#looking = looking
    const look = this.#look
    driven.look(
      {
        append: (event, seen) => {
          const line = look.append(event, seen)
          if (this.#look === look) this.#seen()
          return line
        },
        elapsed: () => look.elapsed(),
      },
      looking.signal,
    )
  }

  async #stopLooking(): Promise<void> {
    this.#looking?.abort(new ContractError('stopped', 'looking between rows ended'))
    this.#looking = undefined
  }

  async #letGo(): Promise<void> {
    await this.hand.clear()
    await this.#stopLooking()
    for (const dispose of this.#connections.splice(0)) dispose()
    const [green, driven] = [this.#green, this.#driven]
    this.#green = undefined
    this.#driven = undefined
    this.#look = undefined
    await green?.close()
    await driven?.close()
  }

  #watchConnections(driven: DrivenLab): void {
    for (const dispose of this.#connections.splice(0)) dispose()
    for (const transport of driven.hosts.values()) this.#connections.push(transport.onState(() => this.#tell()))
  }

  /** A line of the row that goes on. */
  #heard(line: Line): void {
    const row = this.#row
    if (!row) return
    row.at = line.at
    row.heard = performance.now()
    row.lines += 1
    if (line.type === 'run.started') row.directory = `${this.#options.collections.own}/${line.run}`
    if (row.directory !== undefined) this.#options.onGrown(row.directory)
    this.#options.onLine(line)
    this.#seen()
  }

  #seen(): void {
    this.#version += 1
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      this.#options.hub.publish('scene', { version: this.#version })
    }, tellMilliseconds)
  }

  #report(progress: Progress): void {
    this.#progress = progress
    this.#tell()
  }

  #set(phase: Phase): void {
    if (phase !== this.#phase)
      log.info(`the window's lab: ${this.#phase} → ${phase}`, this.#loaded ? { lab: this.#loaded.testbed.name } : {})
    this.#phase = phase
    this.#tell()
    this.#seen()
  }

  /** One at a time and the last one always: the state that is told last is the one that is. */
  #tell(): void {
    if (this.#stateTelling) {
      this.#tellAgain = true
      return
    }
    this.#stateTelling = true
    void this.state()
      .then(
        (state) => this.#options.hub.publish('lab', state),
        () => undefined /* the list of what was left cannot be read: whoever asks for the state is told why */,
      )
      .finally(() => {
        this.#stateTelling = false
        if (!this.#tellAgain) return
        this.#tellAgain = false
        this.#tell()
      })
  }
}

/** A list that cannot be read is told as such: it must not keep the state of the lab from being told. */
async function leftBehind(): Promise<LabState['left']> {
  const runs = await unfinishedRuns().catch((error: Error) => error)
  if (runs instanceof Error)
    return [{ run: 'unknown', testbed: '', faults: [`what it left cannot be told: ${runs.message}`] }]
  return runs
    .filter(({ faults }) => faults.length > 0)
    .map(({ run, testbed, faults }) => ({ run, testbed, faults: faults.map(({ text }) => text) }))
}
