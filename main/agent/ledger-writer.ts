/** The failover group's work: numbered writes to the data disk, one outstanding at a time, each with its result. */
import { BLOCK, capacityOf, encodeRecord, offsetOf } from './ledger-block.ts'
import type { DirectFile } from './direct-file.ts'
import type { EventLog } from './event-log.ts'
import { openDirect } from './direct-file.ts'
import { scanRegion } from './scan-ledger.ts'
import type { LedgerNode, LedgerPlace } from './scan-ledger.ts'
import { secondsSinceBoot } from './clock.ts'

/** errno of a write that a reservation refused (Linux: EBADE, "Invalid exchange"). */
const EBADE = 52

export interface LedgerWriter {
  /**
   * Belongs to this run from now on. Numbers go on where the run's records end; where a reservation keeps this node from
   * reading, that is found out before its first write.
   */
  start(run: string): Promise<void>
  stop(): void
  /** The group runs here (with this epoch) or not: null. */
  setEpoch(epoch: number | null): void
  /** The group was taken over: numbers go on after the highest that anybody wrote. */
  continueAfter(number: number): void
  /** Resolves when no write is on its way. */
  idle(): Promise<void>
  run(): string | null
  nextNumber(): number
  close(): Promise<void>
}

export interface LedgerWriterOptions {
  readonly place: LedgerPlace
  readonly node: LedgerNode
  /** everybody who writes into this ledger, this node too */
  readonly nodes: readonly LedgerNode[]
  readonly boot: string
  readonly writesPerSecond: number
  readonly events: EventLog
  readonly refused: () => void
  readonly failed: (text: string) => void
}

export function createLedgerWriter(options: LedgerWriterOptions): LedgerWriter {
  const { place, node, nodes, events } = options
  let run: string | null = null
  let number = 1
  /** in the own region, which stays without gaps whatever the numbers do */
  let slot = 1
  let located = false
  let unreadable = false
  let epoch: number | null = null
  let file: DirectFile | null = null
  let outstanding: Promise<void> | null = null
  const timer = setInterval(() => {
    if (run === null || epoch === null || outstanding) return
    outstanding = writeOne(run, epoch).finally(() => (outstanding = null))
  }, 1000 / options.writesPerSecond)

  /** Where this node's records end, and all records where there is a shared region. */
  async function locate(ofRun: string): Promise<boolean> {
    try {
      const own = await scanRegion(place, nodes, node.id, ofRun)
      const shared = place.sharedRegion === undefined ? [] : await scanRegion(place, nodes, place.sharedRegion, ofRun)
      slot = 1 + Math.max(0, ...own.map((one) => one.slot))
      number = Math.max(number, 1 + Math.max(0, ...[...own, ...shared].map((one) => one.record.number)))
      located = true
      unreadable = false
    } catch (error) {
      if (!unreadable) events.log('warning', 'ledger-unread', `the ledger cannot be read yet: ${String(error)}`)
      unreadable = true
    }
    return located
  }

  async function writeOne(ofRun: string, ofEpoch: number): Promise<void> {
    if (!located && !(await locate(ofRun))) return
    const mine = number++
    const position = slot++
    if (Math.max(mine, position) > capacityOf(place.regionBytes)) {
      run = null
      events.log('warning', 'ledger-full', `the region of node ${node.name} is full after ${position - 1} records`)
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
      // The own region first: it is the evidence of what this node wrote, which nobody else can overwrite.
      await file.write(BLOCK, offsetOf(node.id, position, place.regionBytes))
      if (place.sharedRegion !== undefined) {
        await file.write(BLOCK, offsetOf(place.sharedRegion, mine, place.regionBytes))
      }
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
      number = 1
      slot = 1
      located = false
      unreadable = false
      await locate(ofRun)
      run = ofRun
    },
    stop: () => (run = null),
    setEpoch: (now) => (epoch = now),
    continueAfter: (highest) => (number = Math.max(number, highest + 1)),
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
