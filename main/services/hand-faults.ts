import { ContractError } from '../../preload/contract/contract-error.ts'
import type { Standing } from '../../preload/contract/lab.ts'
import { faultNamed } from '../../labs/faults/faults.ts'
import type { Event } from '../../labs/journal/event.ts'
import { log } from '../log/log.ts'
import type { GreenDriven, Injected, Sink } from './lab-driver.ts'

const revertMilliseconds = 60_000

/** Faults that a person injected by hand, outside of any row. Each is on disk before it is applied, as in a row. */
export class HandFaults {
  readonly #onChange: () => void
  readonly #standing = new Map<string, { standing: Standing; injected: Injected | undefined }>()
  #lab: GreenDriven | undefined
  #next = 1

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  list(): readonly Standing[] {
    return [...this.#standing.values()].map(({ standing }) => standing)
  }

  /** Applies it and sees whether it took. One that did not take stays in the list until it is taken back. */
  async inject(
    lab: GreenDriven,
    sink: Sink,
    fault: string,
    target: Readonly<Record<string, string>>,
  ): Promise<Standing> {
    const id = `hand-${this.#next++}`
    const signal = AbortSignal.timeout(revertMilliseconds)
    const told: Sink = {
      elapsed: () => sink.elapsed(),
      append: (event, seen) => (this.#heard(id, event), sink.append(event, seen)),
    }
    this.#lab = lab
    this.#standing.set(id, {
      standing: { id, fault, title: faultNamed(fault)?.title ?? fault, target, state: 'applying', evidence: '' },
      injected: undefined,
    })
    this.#onChange()
    try {
      const injected = await lab.prepare({ id, fault, target, sink: told }, signal)
      this.#change(id, {}, injected)
      await injected.apply(signal)
      const took = await injected.verify(signal)
      this.#change(id, { state: took ? 'in-force' : 'doubtful' })
    } catch (error) {
      // nothing was touched where it could not even be prepared
      if (this.#standing.get(id)?.injected === undefined) this.#standing.delete(id)
      else this.#change(id, { state: 'doubtful', evidence: error instanceof Error ? error.message : String(error) })
      this.#onChange()
      throw error
    }
    const found = this.#standing.get(id)
    if (!found) throw new ContractError('lab', 'the fault was taken back meanwhile')
    return found.standing
  }

  async revert(id: string): Promise<void> {
    const found = this.#standing.get(id)
    if (!found?.injected) throw new ContractError('not-found', `there is no fault ${id}`)
    this.#change(id, { state: 'reverting' })
    const gone = await found.injected.revert(AbortSignal.timeout(revertMilliseconds))
    if (!gone) {
      this.#change(id, { state: 'doubtful' })
      throw new ContractError(
        'lab',
        `${found.standing.title} (${Object.values(found.standing.target).join(' ')}) was not seen to be gone: ${this.#standing.get(id)?.standing.evidence ?? ''}`,
      )
    }
    this.#standing.delete(id)
    if (this.#standing.size === 0) await this.#lab?.forget()
    this.#onChange()
  }

  /** Takes everything back. What cannot be taken back is left to the timers on the hosts, and to `undo`. */
  async clear(): Promise<void> {
    await Promise.allSettled([...this.#standing.keys()].map((id) => this.revert(id)))
    this.#standing.clear()
    this.#onChange()
  }

  #heard(id: string, event: Event): void {
    if (event.type === 'fault') {
      const { fault, target, step, ok, evidence } = event
      const text = `fault ${fault} (${Object.values(target).join(' ')}): ${step}${ok === false ? ', NOT CONFIRMED' : ''}`
      log[ok === false ? 'warning' : 'info'](text, { id, ...(evidence !== undefined && { evidence }) })
    }
    if (event.type === 'fault' && event.evidence !== undefined) this.#change(id, { evidence: event.evidence })
  }

  #change(id: string, change: Partial<Standing>, injected?: Injected): void {
    const found = this.#standing.get(id)
    if (!found) return
    this.#standing.set(id, { standing: { ...found.standing, ...change }, injected: injected ?? found.injected })
    this.#onChange()
  }
}
