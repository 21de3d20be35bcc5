/** The failover group's work: numbered writes to the data disk, one outstanding at a time, each with its result. */
import { BLOCK, capacityOf, encodeRecord, offsetOf } from './ledger-block.ts'
import type { DirectFile } from './direct-file.ts'
import type { EventLog } from './event-log.ts'
import { openDirect } from './direct-file.ts'
import { scanLedger } from './scan-ledger.ts'
import type { LedgerPlace } from './scan-ledger.ts'
import { secondsSinceBoot } from './clock.ts'

/** errno of a write that a reservation refused (Linux: EBADE, "Invalid exchange"). */
const EBADE = 52

export interface LedgerWriter {
  /** Belongs to this run from now on; numbers go on where the run's records of this node end. */
  start(run: string): Promise<void>
  stop(): void
  /** The group runs here (with this epoch) or not: null. */
  setEpoch(epoch: number | null): void
  /** Resolves when no write is on its way. */
  idle(): Promise<void>
  run(): string | null
  nextNumber(): number
  close(): Promise<void>
}

export interface LedgerWriterOptions {
  readonly place: LedgerPlace
  readonly node: { readonly name: string; readonly id: number }
  readonly boot: string
  readonly writesPerSecond: number
  readonly events: EventLog
  readonly refused: () => void
  readonly failed: (text: string) => void
}

export function createLedgerWriter(options: LedgerWriterOptions): LedgerWriter {
  const { place, node, events } = options
  let run: string | null = null
  let number = 1
  let epoch: number | null = null
  let file: DirectFile | null = null
  let outstanding: Promise<void> | null = null
  const timer = setInterval(() => {
    if (run === null || epoch === null || outstanding) return
    outstanding = writeOne(run, epoch).finally(() => (outstanding = null))
  }, 1000 / options.writesPerSecond)

  async function writeOne(ofRun: string, ofEpoch: number): Promise<void> {
    const mine = number++
    if (mine > capacityOf(place.regionBytes)) {
      run = null
      events.log('warning', 'ledger-full', `the region of node ${node.name} is full after ${mine - 1} records`)
      return
    }
    const issued = secondsSinceBoot()
    let errno = 0
    let text: string | undefined
    try {
      file ??= await openDirect(place.device, { size: BLOCK, mode: 'write', direct: place.direct })
      encodeRecord(
        { run: ofRun, node: node.name, number: mine, epoch: ofEpoch, issued, boot: options.boot },
        file.buffer,
      )
      await file.write(BLOCK, offsetOf(node.id, mine, place.regionBytes))
    } catch (error) {
      errno = Math.abs((error as NodeJS.ErrnoException).errno ?? 5)
      text = String(error)
    }
    const result = errno === 0 ? 'acknowledged' : errno === EBADE ? 'refused' : 'failed'
    const completed = secondsSinceBoot()
    events.entry('ledger', {
      run: ofRun,
      number: mine,
      epoch: ofEpoch,
      issued,
      completed,
      result,
      errno,
      ...(text ? { text } : {}),
    })
    if (result === 'refused') options.refused()
    if (result === 'failed') options.failed(text ?? `errno ${errno}`)
  }

  return {
    async start(ofRun) {
      if (run === ofRun) return
      run = null
      await outstanding
      const records = await scanLedger(place, [node], ofRun)
      number = 1 + Math.max(0, ...records.map((record) => record.number))
      run = ofRun
    },
    stop: () => (run = null),
    setEpoch: (now) => (epoch = now),
    idle: async () => {
      await outstanding
    },
    run: () => run,
    nextNumber: () => number,
    async close() {
      clearInterval(timer)
      run = null
      await outstanding
      await file?.close()
      file = null
    },
  }
}
