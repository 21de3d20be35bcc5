import type { Line } from '../../../labs/journal/event.ts'
import { scsiTimeoutOf } from '../../../labs/journal/scsi-timeout.ts'
import { lastTakeover } from '../../../labs/journal/takeover-moment.ts'
import { setTimeout as delay } from 'node:timers/promises'
import type { Going } from '../going.ts'

/** Who can read the data disk in the end. */
export interface Readers {
  /** a member, the one with the group if there is one */
  readonly survivor: string | undefined
  readonly observer: string | undefined
  /** there are reservations under which only the holder can read */
  readonly observerMayRead: boolean
}

/** a group that is started while the ledger is read makes another late reading necessary, but not for ever */
const mostLateReadings = 3
/**
 * A reading begins so much later than it has to, milliseconds: the judge goes by all measurements of the host's clock, also by a
 * worse one that is made afterwards, and what began just in time is then not surely late enough.
 */
const clockMargin = 1000

/**
 * Reads the ledger back: at once by a survivor (where there is none, by a host that only looks), and late by both, each on its
 * own path, when a write that was on its way at the takeover has either arrived or been given up. A first reading that is
 * late enough is not made twice.
 */
export async function readLedger(going: Going, readers: Readers, signal: AbortSignal): Promise<void> {
  const first = readers.survivor ?? readers.observer
  if (first === undefined) return
  const due = dueOf(going)
  const isLate = due !== undefined && going.recorder.elapsed() >= due
  await Promise.all([read(going, first, 'final', signal), readLate(going, readers, isLate ? first : undefined, signal)])
}

/** @param done who has read it late enough already */
async function readLate(
  going: Going,
  { survivor, observer, observerMayRead }: Readers,
  done: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { lab, recorder, started } = going
  const bySurvivor = async (due: number) => {
    if (survivor === undefined || survivor === done) return
    await delay(Math.max(0, due - recorder.elapsed()), undefined, { signal })
    await read(going, survivor, 'late', signal)
  }
  const byObserver = async (due: number) => {
    if (observer === undefined || observer === done || !observerMayRead) return
    // its program takes a while to start: where the host's clock is known it is started now, and waits for the moment by
    // that clock
    const clock = hostClock(going.lines, observer, due)
    if (clock === undefined) await delay(Math.max(0, due - recorder.elapsed()), undefined, { signal })
    const notBefore = clock ?? 0
    const { scan, hostAt } = await lab.stack.readLedger(
      lab,
      observer,
      { run: started.run, when: 'late', notBefore },
      signal,
    )
    recorder.append(scan, { host: observer, ...(hostAt !== undefined && { hostAt }) })
  }
  let before = -Infinity
  for (let left = mostLateReadings; left > 0; left--) {
    const due = dueOf(going)
    // a group that was started meanwhile is another takeover
    if (due === undefined || due <= before) return
    await Promise.all([bySurvivor(due), byObserver(due)])
    before = due
    done = undefined
  }
}

async function read(going: Going, host: string, when: 'final' | 'late', signal: AbortSignal): Promise<void> {
  const { lab, recorder, started } = going
  const what = { run: started.run, when }
  const { scan, hostAt } = await lab.stack.readLedger(lab, host, what, signal)
  recorder.append(scan, { host, ...(hostAt !== undefined && { hostAt }) })
}

/** From when on (lab time) a reading is late enough; undefined where nothing was taken over. */
function dueOf({ lines, started }: Going): number | undefined {
  const takeover = lastTakeover(lines)
  return takeover && takeover.at + scsiTimeoutOf(started.testbed, lines) + clockMargin
}

/** The uptime that a host surely has at a lab time, by the last measurement of its clock. */
function hostClock(lines: readonly Line[], host: string, at: number): number | undefined {
  const last = lines.findLast((line) => line.type === 'clock' && line.host === host)
  return last?.type === 'clock' ? Math.max(0, at - last.offset + last.uncertainty) / 1000 : undefined
}
