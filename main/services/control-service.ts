import { scenarioNamed, scenarios } from '../../labs/scenarios/scenarios.ts'
import type { Scenario } from '../../labs/scenarios/scenario.ts'
import { whyNotOn } from '../../labs/steps/why-not-on.ts'
import { ContractError } from '../../preload/contract/contract-error.ts'
import type { ControlService, ControlState, Turn } from '../../preload/contract/control.ts'
import type { Progress } from '../../preload/contract/method.ts'
import type { OnProgress } from '../progress.ts'
import { lastDuration } from '../engine/run/durations.ts'
import { tableProgress, type TableProgress } from '../engine/run/table-progress.ts'
import { asContractError } from './as-contract-error.ts'
import type { Collections } from './collections.ts'
import type { EventHub } from './event-hub.ts'
import type { LabKeeper } from './lab-keeper.ts'

export interface ControlOptions {
  readonly keeper: LabKeeper
  readonly hub: EventHub
  readonly collections: Collections
}

export interface ControlParts {
  readonly service: ControlService
  /** rows wait or are being run */
  busy(): boolean
  /** Ends what goes on, and resolves when what was injected is taken back. */
  stop(): Promise<void>
}

/** Rows that are told of as a whole, by their turns. */
interface Batch {
  readonly first: number
  readonly last: number
  readonly progress: TableProgress
}

/** Runs rows one after the other. Nobody needs to look on. */
export function controlService({ keeper, hub, collections }: ControlOptions): ControlParts {
  let turns: Turn[] = []
  let progress: Progress | null = null
  let overall: Progress | null = null
  let batch: Batch | undefined
  let stopping: AbortController | undefined
  let going: Promise<void> = Promise.resolve()
  let next = 1

  const state = (): ControlState => ({
    turns: [...turns],
    progress,
    overall,
    stopping: stopping?.signal.aborted ?? false,
  })
  const tell = () => hub.publish('control', state())
  const change = (turn: number, more: Partial<Turn>) => {
    turns = turns.map((one) => (one.turn === turn ? { ...one, ...more } : one))
    tell()
  }
  const waiting = () => turns.find(({ state: now }) => now === 'waiting')
  const rowAfter = (turn: number) => {
    const { loaded } = keeper
    const waiting = turns
      .filter((one) => one.turn > turn && one.state === 'waiting')
      .flatMap(({ row }) => scenarioNamed(row) ?? [])
    // one that the testbed cannot carry starts no cluster
    return waiting.find((scenario) => loaded !== undefined && whyNotOn(scenario, loaded) === undefined)
  }
  const busy = () => turns.some(({ state: now }) => now === 'waiting' || now === 'going' || now === 'healing')

  async function take({ turn, row }: Turn, signal: AbortSignal): Promise<void> {
    const scenario = scenarioNamed(row)
    change(turn, { state: 'going' })
    try {
      if (!scenario) throw new ContractError('not-found', `there is no row ${row}`)
      // the row begins at once: how long rows took earlier is read meanwhile
      let ofTable: OnProgress | undefined
      void tellOfTable(turn).then((tellOf) => {
        ofTable = tellOf
        if (progress) onProgress(progress)
      })
      const onProgress = (said: Progress) => {
        progress = said
        ofTable?.(said)
        tell()
      }
      const done = await keeper.runRow({ scenario, next: rowAfter(turn), onProgress, signal })
      const run = collections.idOf(done.directory)
      change(turn, { state: 'done', verdict: done.verdict, seconds: done.seconds, ...(run !== undefined && { run }) })
      if (run !== undefined) hub.publish('runs', { run })
    } catch (error) {
      const { message } = asContractError(error)
      change(turn, { state: 'failed', error: message })
      hub.publish('notice', { kind: 'error', text: `${row} could not be run: ${message}` })
      // without a lab that is all green no other row can begin either
      if (keeper.phase !== 'green') leaveOut()
    } finally {
      progress = null
    }
  }

  /** Where the rows are as a whole: counted anew when rows were added, from the one that is being run now. */
  async function tellOfTable(turn: number): Promise<OnProgress> {
    const from = turns.findIndex((one) => one.turn === turn)
    if (!batch || batch.last !== turns.at(-1)?.turn) {
      const rows = turns.slice(from).map(({ row }) => row)
      batch = {
        first: turn,
        last: turns.at(-1)?.turn ?? turn,
        progress: await tableProgress(rows, (said) => (overall = said)),
      }
    }
    return batch.progress.ofRow(turn - batch.first)
  }

  function leaveOut(): void {
    turns = turns.map((one) => (one.state === 'waiting' ? { ...one, state: 'left-out' } : one))
  }

  async function work(): Promise<void> {
    stopping = new AbortController()
    for (let turn = waiting(); turn; turn = waiting()) {
      if (stopping.signal.aborted) break
      await take(turn, stopping.signal)
    }
    leaveOut()
    stopping = undefined
    batch = undefined
    overall = null
    tell()
  }

  const service: ControlService = {
    async table() {
      const rows = await Promise.all(
        scenarios.map(async (scenario) => ({
          scenario,
          // how long it took is comfort: a list of durations that cannot be read hides no row
          seconds: usable(await lastDuration(scenario.name).catch(() => undefined)),
          notApplicable: reason(keeper, scenario),
        })),
      )
      return { rows }
    },
    state: async () => state(),
    async start({ rows, repeat }) {
      const unknown = rows.find((row) => !scenarioNamed(row))
      if (unknown !== undefined) throw new ContractError('not-found', `there is no row ${unknown}`)
      if (keeper.phase !== 'green' && keeper.phase !== 'busy') {
        throw new ContractError('lab', 'rows are run from all green: start the lab first')
      }
      if (!busy()) turns = []
      const added = Array.from({ length: repeat }, () => rows).flat()
      turns = [
        ...turns,
        ...added.map((row): Turn => ({ turn: next++, row, title: scenarioNamed(row)?.title ?? row, state: 'waiting' })),
      ]
      tell()
      if (!stopping) going = work()
      return {}
    },
    async stop() {
      void stop()
      return {}
    },
  }
  function stop(): Promise<void> {
    leaveOut()
    turns = turns.map((one) => (one.state === 'going' ? { ...one, state: 'healing' } : one))
    stopping?.abort(new ContractError('stopped', 'stopped by the person who runs the lab'))
    tell()
    return going
  }
  return { service, busy, stop }
}

const usable = (seconds: unknown): number | null =>
  typeof seconds === 'number' && Number.isFinite(seconds) ? seconds : null

/** Why the open testbed cannot do a row, as far as it can be told without trying. */
function reason({ loaded }: LabKeeper, scenario: Scenario): string | null {
  if (!loaded) return null
  return whyNotOn(scenario, loaded) ?? null
}
