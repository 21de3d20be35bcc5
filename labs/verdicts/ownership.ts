import { ofType } from '../journal/run.ts'
import { isOlder } from './stages.ts'
import type { Span } from '../journal/clock.ts'
import type { LineOf } from '../journal/event.ts'
import type { Scan } from '../journal/ledger.ts'
import type { Case } from './case.ts'

/** A start of the failover group, as the node told it. */
export interface GroupStart {
  readonly seq: number
  readonly node: string
  readonly boot: string | undefined
  /** seconds since that boot */
  readonly hostAt: number
  readonly epoch: number | undefined
  readonly span: Span | undefined
  /** lab time of it, surely not before and surely not after, whether or not the clock was measured */
  readonly within: Span
}

/** A start of the group since the row began: somebody else had it before, or nobody for a while. */
export interface Takeover {
  readonly by: GroupStart
  /** what stood on the disk when others had been fenced and before the first write of this start; undefined where it is not known */
  readonly scan: Scan | undefined
}

/** Something that a node wrote: a record on the disk, or a write that was acknowledged. */
export interface Written {
  readonly node: string
  readonly boot: string | undefined
  readonly epoch: number
  readonly issuedAt: number
}

/** every start that was told, in the order of the journal */
export function groupStarts(run: Case): readonly GroupStart[] {
  return ofType(run.lines, 'stack.log').flatMap((line) => {
    if (line.code !== 'group-started' || line.host === undefined || line.hostAt === undefined) return []
    return [
      {
        seq: line.seq,
        node: line.host,
        boot: run.clocks.bootOf(line.host, line.seq),
        hostAt: line.hostAt,
        epoch: epochOf(line),
        ...timesOf(run, line.host, line, run.clocks.span(line.host, line.hostAt, line)),
      },
    ]
  })
}

/**
 * Where the clock of that boot was not measured, what is told had happened when its line was written down; and not before the lab
 * had ordered the boot that it happened in.
 */
function timesOf(
  run: Case,
  node: string,
  { seq, at }: Pick<LineOf<'stack.log'>, 'seq' | 'at'>,
  span: Span | undefined,
): Pick<GroupStart, 'span' | 'within'> {
  if (span) return { span, within: span }
  const boot = run.clocks.bootOf(node, seq)
  const ordered = ofType(run.lines, 'operation').findLast(
    (line) => line.operation === 'restart' && line.step === 'begun' && line.nodes.includes(node) && line.seq < seq,
  )
  const before = ordered && run.clocks.bootOf(node, ordered.seq)
  const isNew = boot !== undefined && before !== undefined && boot !== before
  return { span, within: { earliest: ordered && isNew ? ordered.at : -Infinity, latest: at } }
}

function epochOf({ data, text }: LineOf<'stack.log'>): number | undefined {
  if (typeof data?.['epoch'] === 'number') return data['epoch']
  const [, told] = /\bepoch (\d+)/.exec(text) ?? []
  return told === undefined ? undefined : Number(told)
}

/**
 * Starts that no log line tells of, and that must have been: a node that did not write before the row began was told that
 * a write of it, of an epoch of its own, is on the disk. A border for others; what it wrote itself has no start by this.
 */
function untoldStarts(run: Case, told: readonly GroupStart[]): readonly GroupStart[] {
  const since = run.frame.injected?.seq ?? Infinity
  const { writes } = run.ledger
  const found: GroupStart[] = []
  for (const write of writes) {
    const { node, boot, epoch, issuedAt, issued, completedBy, seq } = write
    const isTold = ({ hostAt, ...start }: GroupStart) =>
      sameLife(start, write) && hostAt <= issuedAt && (start.epoch ?? epoch) === epoch
    if (write.result !== 'acknowledged' || seq < since || told.some(isTold) || found.some(isTold)) continue
    const hadIt = writes.some((other) => other.seq < since && sameLife(other, write) && other.epoch === epoch)
    if (!hadIt)
      found.push({ seq, node, boot, hostAt: issuedAt, epoch, ...timesOf(run, node, { seq, at: completedBy }, issued) })
  }
  return found
}

/**
 * All takeovers of a run, however many and whoever took over from whom: each start of the group since the first thing that
 * the row did, with the last reading of the disk that its node made before it, by that node's own clock.
 */
export function takeoversOf(run: Case): readonly Takeover[] {
  const since = run.frame.injected
  if (!since) return []
  const told = groupStarts(run)
  const starts = [...told, ...untoldStarts(run, told)]
  return starts
    .filter(({ seq, node, hostAt }) => {
      const told = run.lines.find((line) => line.seq === seq)
      return seq > since.seq && told !== undefined && !isOlder(run, { ...told, host: node, hostAt }, since)
    })
    .map((by) => ({ by, scan: scanBefore(run, by, starts) }))
}

function scanBefore(run: Case, by: GroupStart, starts: readonly GroupStart[]): Scan | undefined {
  const earlier = starts
    .filter((other) => other !== by && sameLife(other, by) && other.hostAt < by.hostAt)
    .reduce((latest, { hostAt }) => Math.max(latest, hostAt), -Infinity)
  const writes = run.ledger.writes.filter((write) => sameLife(write, by) && write.issuedAt > earlier)
  const line = ofType(run.lines, 'ledger.scan').findLast(
    ({ when, host, hostAt, seq, error }) =>
      when === 'takeover' &&
      host === by.node &&
      hostAt !== undefined &&
      error === undefined &&
      sameLife({ node: host, boot: run.clocks.bootOf(host, seq) }, by) &&
      hostAt > earlier &&
      hostAt <= by.hostAt &&
      writes.every(({ issuedAt }) => issuedAt >= hostAt),
  )
  return run.ledger.scans.find(({ seq }) => seq === line?.seq)
}

/** One boot of one host. A boot that was not seen may be any. */
export function sameLife(one: Pick<GroupStart, 'node' | 'boot'>, other: Pick<GroupStart, 'node' | 'boot'>): boolean {
  return one.node === other.node && (one.boot === undefined || other.boot === undefined || one.boot === other.boot)
}

/** The start of the group that something was written under: the last that its writer told before, by its own clock. */
export function startOf(starts: readonly GroupStart[], written: Written): GroupStart | undefined {
  return starts
    .filter((start) => sameLife(start, written) && start.hostAt <= written.issuedAt)
    .reduce<GroupStart | undefined>((last, start) => (last && last.hostAt > start.hostAt ? last : start), undefined)
}

/**
 * Which of two starts came first; undefined where neither the clocks nor the epochs tell. Epochs begin anew with a cluster that
 * forms anew: a lower one that was told later may be of another cluster.
 */
export function cameFirst(one: GroupStart, other: GroupStart): 'one' | 'other' | undefined {
  if (sameLife(one, other)) return one.hostAt < other.hostAt ? 'one' : 'other'
  if (one.within.latest < other.within.earliest) return 'one'
  if (other.within.latest < one.within.earliest) return 'other'
  if (one.epoch === undefined || other.epoch === undefined || one.epoch === other.epoch) return undefined
  const first = one.epoch < other.epoch ? one : other
  if (first.seq > (first === one ? other : one).seq) return undefined
  return first === one ? 'one' : 'other'
}
