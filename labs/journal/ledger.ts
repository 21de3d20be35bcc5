import { ofType } from './run.ts'
import type { Clocks, Span } from './clock.ts'
import type { LedgerOddity, LedgerRecord, LedgerScan, OtherRun, LedgerWrite, Line } from './event.ts'

/** A write that a node told of. Times in lab time; undefined where the clock of that boot was not measured. */
export interface Write {
  readonly seq: number
  readonly node: string
  readonly boot: string | undefined
  readonly number: number
  readonly epoch: number
  /** seconds since the writer's boot, its own clock: orders what one boot of one host did without any measurement */
  readonly issuedAt: number
  readonly issued: Span | undefined
  readonly completed: Span | undefined
  /** lab time by which it had surely completed: where the writer's clock was not measured, when its line was written down */
  readonly completedBy: number
  readonly result: LedgerWrite['result']
  readonly errno: number
}

/** A record that was on the disk. */
export interface Recorded extends Pick<LedgerRecord, 'node' | 'number' | 'epoch' | 'boot'> {
  /** as in Write */
  readonly issuedAt: number
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
  /** the slots of the log that all nodes share; undefined where the reading tells of none */
  readonly shared: readonly Recorded[] | undefined
  /** what is in the regions and is no record of this run in its place */
  readonly odd: readonly LedgerOddity[]
  /** how many records name another run */
  readonly otherRuns: readonly OtherRun[]
}

export interface Ledger {
  readonly writes: readonly Write[]
  readonly scans: readonly Scan[]
}

/** Joins what the nodes told of their writes with what was read from the disk. */
export function foldLedger(lines: readonly Line[], clocks: Clocks, collect: number | undefined): Ledger {
  const writes = ofType(lines, 'ledger.write').map((line): Write => {
    const node = line.host ?? ''
    const completed = clocks.span(node, line.completed, line)
    return {
      seq: line.seq,
      node,
      boot: clocks.bootOf(node, line.seq),
      number: line.number,
      epoch: line.epoch,
      issuedAt: line.issued,
      issued: clocks.span(node, line.issued, line),
      completed,
      completedBy: Math.min(completed?.latest ?? line.at, line.at),
      result: line.result,
      errno: line.errno,
    }
  })
  const scans = ofType(lines, 'ledger.scan').map((line): Scan => {
    const viewer = line.host ?? ''
    const began = line.began === undefined ? undefined : clocks.span(viewer, line.began, line)
    const done = line.hostAt === undefined ? undefined : clocks.span(viewer, line.hostAt, line)
    const asked = line.when === 'takeover' ? -Infinity : askedAt(lines, line, collect)
    const recorded = (one: LedgerRecord): Recorded => ({
      node: one.node,
      number: one.number,
      epoch: one.epoch,
      boot: one.boot,
      issuedAt: one.issued,
      issued: clocks.span(one.node, one.issued, line, one.boot),
    })
    return {
      seq: line.seq,
      when: line.when,
      viewer,
      lun: line.lun,
      error: line.error,
      began,
      notBefore: Math.max(began?.earliest ?? -Infinity, asked),
      done: done?.latest ?? line.at,
      records: line.records.map(recorded),
      shared: line.shared?.map(recorded),
      odd: line.odd ?? [],
      otherRuns: line.otherRuns ?? [],
    }
  })
  return { writes, scans }
}

/**
 * A moment before a last reading began: the lab asks for it after it began to collect, and where the command that read the
 * disk stands in the recording, when that command was started (it was written down as soon as it had ended).
 */
function askedAt(lines: readonly Line[], scan: Line, collect: number | undefined): number {
  if (collect === undefined || collect > scan.at) return -Infinity
  const asked = ofType(lines, 'command').findLast(
    (line) => line.seq < scan.seq && line.host === scan.host && line.purpose.startsWith('read the ledger back'),
  )
  return asked && asked.at >= collect ? Math.max(collect, asked.at - asked.milliseconds - tick) : collect
}
/** between the end of a command and its line in the recording, milliseconds: nothing is waited for, the program may be slow */
const tick = 100

/** What tells one write from every other, on the disk as in what its node told of it. */
export type Identity = Pick<Recorded, 'node' | 'number' | 'epoch' | 'issuedAt'>

/** seconds: the record holds the time that the node told, to the last digit; two writes of one node are further apart */
const sameMoment = 0.001

/**
 * Are they the same write? A node that is started anew may come to a number and an epoch again that it had in an earlier life
 * (a cluster that forms anew counts its epochs from 1): the time at which it was issued tells them apart.
 */
export const isSameWrite = (one: Identity, other: Identity): boolean =>
  one.node === other.node &&
  one.number === other.number &&
  one.epoch === other.epoch &&
  Math.abs(one.issuedAt - other.issuedAt) <= sameMoment

/** Is the record of this write in the scan? */
export function holds(scan: Pick<Scan, 'records'>, write: Identity): boolean {
  return scan.records.some((one) => isSameWrite(one, write))
}
