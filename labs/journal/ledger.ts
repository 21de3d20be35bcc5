import { ofType } from './run.ts'
import type { Clocks, Span } from './clock.ts'
import type { LedgerRecord, LedgerScan, LedgerWrite, Line } from './event.ts'

/** A write that a node told of. Times in lab time; undefined where the clock of that boot was not measured. */
export interface Write {
  readonly seq: number
  readonly node: string
  readonly boot: string | undefined
  readonly number: number
  readonly epoch: number
  readonly issued: Span | undefined
  readonly completed: Span | undefined
  readonly result: LedgerWrite['result']
  readonly errno: number
}

/** A record that was on the disk. */
export interface Recorded extends Pick<LedgerRecord, 'node' | 'number' | 'epoch' | 'boot'> {
  readonly issued: Span | undefined
}

/** A reading of the whole ledger. */
export interface Scan {
  readonly seq: number
  readonly when: LedgerScan['when']
  readonly viewer: string
  readonly lun: string
  readonly error: string | undefined
  /** when the reading began, where that was told and the viewer's clock was measured */
  readonly began: Span | undefined
  /** a moment before the reading began, in lab time: what had been acknowledged by then must be in it */
  readonly notBefore: number
  /** a moment when it had ended */
  readonly done: number
  readonly records: readonly Recorded[]
}

export interface Ledger {
  readonly writes: readonly Write[]
  readonly scans: readonly Scan[]
}

/** Joins what the nodes told of their writes with what was read from the disk. */
export function foldLedger(lines: readonly Line[], clocks: Clocks, collect: number | undefined): Ledger {
  const writes = ofType(lines, 'ledger.write').map((line): Write => {
    const node = line.host ?? ''
    return {
      seq: line.seq,
      node,
      boot: clocks.bootOf(node, line.seq),
      number: line.number,
      epoch: line.epoch,
      issued: clocks.span(node, line.issued, line),
      completed: clocks.span(node, line.completed, line),
      result: line.result,
      errno: line.errno,
    }
  })
  const scans = ofType(lines, 'ledger.scan').map((line): Scan => {
    const viewer = line.host ?? ''
    const began = line.began === undefined ? undefined : clocks.span(viewer, line.began, line)
    const done = line.hostAt === undefined ? undefined : clocks.span(viewer, line.hostAt, line)
    const asked = line.when !== 'takeover' && collect !== undefined && collect <= line.at ? collect : -Infinity
    return {
      seq: line.seq,
      when: line.when,
      viewer,
      lun: line.lun,
      error: line.error,
      began,
      notBefore: Math.max(began?.earliest ?? -Infinity, asked),
      done: done?.latest ?? line.at,
      records: line.records.map((one) => ({
        node: one.node,
        number: one.number,
        epoch: one.epoch,
        boot: one.boot,
        issued: clocks.span(one.node, one.issued, line, one.boot),
      })),
    }
  })
  return { writes, scans }
}

/** Is the record of this write in the scan? */
export function holds(scan: Scan, write: Pick<Recorded, 'node' | 'number' | 'epoch'>): boolean {
  return scan.records.some((one) => one.node === write.node && one.number === write.number && one.epoch === write.epoch)
}
