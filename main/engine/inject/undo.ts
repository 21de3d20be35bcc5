import { perform } from './inject.ts'
import { openLab } from '../../lab/lab.ts'
import { forgetRun, unfinishedRuns, type OutstandingRecord } from './outstanding.ts'
import { log } from '../../log/log.ts'
import { loadTestbed, type LoadedTestbed } from '../../load-testbed.ts'
import { withLab } from '../../locks/lab-lock.ts'
import { labIsUp } from '../../virtual/virtual-lab.ts'

/** Where it says what it does, and when it is to stop. */
export interface UndoContext {
  /** results */
  print(text: string): void
  /** everything else */
  say(text: string): void
  readonly signal: AbortSignal
}

/** Says what a run that was killed left behind, and how to take it back. */
export async function tellUnfinished(context: UndoContext): Promise<readonly OutstandingRecord[]> {
  const runs = await unfinishedRuns()
  for (const run of runs) {
    context.say(`An earlier run did not finish: ${run.directory}`)
    for (const fault of run.faults) context.say(`  injected and not taken back by it: ${fault.text}`)
  }
  if (runs.length > 0)
    context.say('  "fencelab undo" takes that back (the hosts revert by themselves within a minute).')
  return runs
}

/**
 * Takes back what runs that were killed left injected. What cannot be undone stays on the list, with the reason.
 * @returns whether nothing is left on it
 */
export async function undo(context: UndoContext, runs?: readonly OutstandingRecord[]): Promise<boolean> {
  const found = runs ?? (await unfinishedRuns())
  if (found.length === 0) {
    context.print('Nothing is left to be undone.')
    return true
  }
  let failed = false
  for (const run of found) {
    const ok = await undoRun(run, context)
    if (ok) await forgetRun(run.run)
    else failed = true
  }
  return !failed
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

async function undoRun(run: OutstandingRecord, context: UndoContext): Promise<boolean> {
  if (run.faults.length === 0) return true
  const loaded = loadTestbed(run.testbed)
  return withLab(loaded, () => undoFaults(run, loaded, context))
}

async function undoFaults(run: OutstandingRecord, loaded: LoadedTestbed, context: UndoContext): Promise<boolean> {
  if (loaded.testbed.virtual && !(await labIsUp(loaded.directory))) {
    context.say(`${run.run}: its virtual lab is down, and with it what was injected`)
    return true
  }
  const lab = openLab(loaded)
  let ok = true
  try {
    for (const fault of run.faults) {
      // on every host that it hit, whatever becomes of the others
      const done = await Promise.allSettled(fault.undo.map((action) => perform({ lab }, action, context.signal)))
      const failed = done.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []))
      ok &&= failed.length === 0
      const about = { lab: loaded.testbed.name, run: run.run }
      if (failed.length > 0) log.error(`undo: ${fault.text}: ${failed.join('; ')}`, about)
      else log.info(`undo: ${fault.text}: ${fault.undo.length > 0 ? 'done' : 'nothing to be done'}`, about)
      if (failed.length > 0) context.say(`could not be undone: ${fault.text}: ${failed.join('; ')}`)
      else
        context.say(fault.undo.length > 0 ? `undone: ${fault.text}` : `nothing can be undone from here: ${fault.text}`)
    }
  } finally {
    await lab.close()
  }
  return ok
}
