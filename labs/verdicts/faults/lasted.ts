import { unknown, type Case, type Finding } from '../case.ts'
import { faultNamed } from '../../faults/faults.ts'
import { lastStep, type FaultLife } from '../../journal/faults.ts'
import { isOfRevision } from '../../journal/revision.ts'
import { peerTimeoutOf } from '../../stacks/peer-timeout.ts'
import { recordedTestbed } from '../../testbed-file/recorded-testbed.ts'
import { answeredAgain, timerSigns } from './own-signs.ts'
import { deadOrFrozenSigns } from './dead-signs.ts'
import { linkSigns } from './link-signs.ts'
import { storageSigns } from './storage-signs.ts'
import type { FaultPlan } from '../../faults/fault.ts'
import type { Line } from '../../journal/event.ts'

/** Something that shows that a fault was there, or that it was not, between its verification and its end. */
export interface Sign {
  readonly seq: number
  /** `for`: borne out; `proof`: the answer of what was hit, which proves it by itself; `against`: it was not there */
  readonly kind: 'for' | 'proof' | 'against'
  readonly text: string
}

/** The time in which a fault must have been there. */
export interface Stretch {
  readonly run: Case
  readonly life: FaultLife
  readonly plan: FaultPlan
  /** where it was verified, and where it began to be taken back, or the last line that decides anything */
  readonly from: Pick<Line, 'seq' | 'at'>
  readonly to: Pick<Line, 'seq' | 'at'>
  /** the lines between */
  readonly lines: readonly Line[]
  /** how long a node may still be said to be heard that is not heard any more, milliseconds */
  readonly peerTimeout: number
}

/**
 * Whether a fault lasted until it was taken back, or to the end. One sign that it was not there means that the run has shown
 * nothing of what the row is about, whatever the cluster did. That it was there must be shown, too: by a second look (since
 * revision 2 of the recording each fault has one), and where what was hit cannot be asked any more, by anybody who can. A
 * recording of before is believed with any witness that it was still there after its verification.
 * @returns nothing where it lasted
 */
export function lasted(run: Case, life: FaultLife, plan: FaultPlan): readonly Finding[] {
  const lasts = faultNamed(life.fault)?.lasts
  const verified = lastStep(life.steps, 'verified')
  const testbed = recordedTestbed(run.started.testbed)
  if (!verified || !testbed || lasts === 'by-itself') return []
  const to = lastStep(life.steps, 'reverting') ?? run.lines.at(-1) ?? verified
  const lines = run.lines.filter(({ seq }) => seq > verified.seq && seq < to.seq + (to.type === 'fault' ? 0 : 1))
  const stretch = { run, life, plan, from: verified, to, lines, peerTimeout: peerTimeoutOf(testbed) }
  const signs = signsOf(stretch)
  const against = signs.filter(({ kind }) => kind === 'against')
  const [first] = against
  if (first)
    return [
      unknown(
        `did not last: ${first.text}`,
        [verified.seq, ...against.slice(0, mostEvents).map(({ seq }) => seq)].toSorted((a, b) => a - b),
      ),
    ]
  return lasts === 'once' ? [] : unproved(stretch, signs)
}

const mostEvents = 10

function signsOf(stretch: Stretch): readonly Sign[] {
  return [answeredAgain, timerSigns, deadOrFrozenSigns, linkSigns, storageSigns]
    .flatMap((find) => find(stretch))
    .toSorted((one, other) => one.seq - other.seq)
}

function unproved({ run, life, from, to }: Stretch, signs: readonly Sign[]): readonly Finding[] {
  const held = life.steps.findLast((line) => line.step === 'held' && line.seq > from.seq && line.seq <= to.seq)
  if (!held && isOfRevision(run.started, 2)) return [unknown('was not looked at again before its end', [from.seq])]
  if (held?.ok === true && !signs.some(({ kind, seq }) => kind === 'proof' && seq < held.seq))
    return [unknown('is said to have been there still, and nothing that was answered bears it out', [held.seq])]
  if (signs.length === 0)
    return [unknown('was not seen again after it was verified: nothing shows that it lasted', [from.seq])]
  return []
}
