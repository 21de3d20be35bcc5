import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { journalFile } from '../recorder/files.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import type { Reader } from './reader.ts'
import type { Asking } from './reader-thread.ts'
import { readerWorker } from './reader-worker.ts'
import type { RunPlace } from './summarise.ts'

/** The reader of recordings, in its threads. */
export interface ReaderClient extends Readonly<Pick<Reader, Exclude<Asking, 'skim'>>> {
  close(): Promise<void>
}

/** a journal of fewer bytes is read before anybody could look */
const longBytes = 6_000_000

/**
 * Three threads: one reads journals and folds them, the second answers at once what takes no time (lists of runs, and the
 * first look at a long journal while the first thread reads it), the third verifies recordings. Each is started when it is first asked, and anew where
 * it broke. `long`: so many bytes make a journal long.
 */
export function readerClient({ long = longBytes } = {}): ReaderClient {
  const reading = readerWorker()
  const quick = readerWorker()
  const checking = readerWorker()
  /** long journals that are being read, and what becomes of that; what is drawn of them comes from the other thread */
  const begun = new Map<string, Promise<unknown>>()
  /** could not be read in the background: whoever opens it is told why */
  const unreadable = new Set<string>()
  const drawing = (directory: string) => (begun.has(directory) ? quick : reading)

  async function open(place: RunPlace, instead?: Verdict) {
    const { directory } = place
    const length = await stat(join(directory, journalFile)).then(({ size }) => size, notThere)
    const isQuick = length < long || reading.held().includes(directory) || unreadable.delete(directory)
    if (isQuick && !begun.has(directory)) return reading.call.open(place, instead)
    const view = await quick.call.skim(place, instead)
    if (!begun.has(directory)) {
      const read = reading.call.open(place, instead).catch(() => unreadable.add(directory))
      begun.set(directory, read)
      void read.finally(() => begun.delete(directory))
    }
    return view
  }
  return {
    ...reading.call,
    open,
    check: (directory) => checking.call.check(directory),
    summaries: (places) => quick.call.summaries(places),
    window: (directory, window) => drawing(directory).call.window(directory, window),
    scene: (directory, at, allViewers) => drawing(directory).call.scene(directory, at, allViewers),
    async refresh(directory) {
      await begun.get(directory)
      return reading.call.refresh(directory)
    },
    async close() {
      await Promise.all([reading.close(), quick.close(), checking.close()])
    },
  }
}

/** whoever opens it tells that it is not there */
function notThere(error: NodeJS.ErrnoException): number {
  if (error.code === 'ENOENT') return 0
  throw error
}
