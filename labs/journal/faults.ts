import { ofType } from './run.ts'
import type { FaultStep, Line, LineOf } from './event.ts'

/** The life of one fault at one target. */
export interface FaultLife {
  readonly id: string
  readonly fault: string
  readonly target: Readonly<Record<string, string>>
  readonly steps: readonly LineOf<'fault'>[]
  /** it took, by the last verification; undefined where it was never verified */
  readonly taken: boolean | undefined
  /** it was verified to be gone; undefined where nobody looked */
  readonly gone: boolean | undefined
  /** the events that `taken` and `gone` rest on */
  readonly events: readonly number[]
}

/** The faults of a run, in the order in which they began. One id at several targets has several lives. */
export function foldFaults(lines: readonly Line[]): readonly FaultLife[] {
  const lives = new Map<string, LineOf<'fault'>[]>()
  for (const line of ofType(lines, 'fault')) {
    const key = JSON.stringify([line.id, Object.entries(line.target).sort()])
    lives.set(key, [...(lives.get(key) ?? []), line])
  }
  return [...lives.values()].map((steps) => {
    const verified = lastStep(steps, 'verified')
    const gone = lastStep(steps, 'gone')
    const first = steps[0] as LineOf<'fault'>
    return {
      id: first.id,
      fault: first.fault,
      target: first.target,
      steps,
      taken: verified && verified.ok === true,
      gone: gone && gone.ok === true,
      events: [verified, gone].flatMap((step) => (step ? [step.seq] : [])),
    }
  })
}

/** The last line of a step in a fault's life. */
export function lastStep(steps: readonly LineOf<'fault'>[], step: FaultStep['step']): LineOf<'fault'> | undefined {
  return steps.findLast((line) => line.step === step)
}
