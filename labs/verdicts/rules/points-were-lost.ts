import { lastStep, type FaultLife } from '../../journal/faults.ts'
import { failedReadings, keyReadings, type FailedReading } from '../../journal/key-tables.ts'
import { all, believable, holds, isBelievable, lunsFor, unknown, type Case, type Finding } from '../case.ts'
import type { LineOf } from '../../journal/event.ts'

/**
 * With the array, more than half of the coordination points were really out of reach: they answered before the fault, and
 * since it was verified nobody got an answer from any of them, and somebody tried. Without that the row shows nothing: the
 * lab did not do what it says, and no cluster is to blame for it, so this is never violated. Source: the scenario table, "the
 * disk array containing two of the three coordination points is powered off".
 */
export function pointsWereLost(run: Case): Finding {
  const fault = run.faults.find((one) => one.fault === 'array-power-off')
  const verified = fault && lastStep(fault.steps, 'verified')
  if (!fault || !verified || fault.taken !== true) return unknown('no array was proved to be off')
  const points = lunsFor(run, 'coordination')
  const lost = points.filter(({ array }) => array === fault.target['array'])
  if (lost.length * 2 <= points.length) {
    return unknown(`only ${lost.length} of ${points.length} coordination points are on ${fault.target['array']}`, [
      verified.seq,
    ])
  }
  return all(
    lost.map(({ name }) => wasLost(run, name, fault, verified)),
    'the testbed declares no coordination point',
  )
}

function wasLost(run: Case, lun: string, fault: FaultLife, verified: LineOf<'fault'>): Finding {
  const good = believable(run, lun)
  const failed = failedReadings(run.readings, lun).filter(({ began }) => began.earliest >= verified.at)
  // an answer that a loser got is an answer, too: what it says may be wrong, that somebody said it is not
  const answer =
    keyReadings(run.readings, lun).find(({ began }) => began.earliest >= verified.at) ?? failed.find(isAnswer)
  if (answer) return unknown(`${lun} still answers ${answer.viewer}`, [verified.seq, answer.seq])
  const before = good.findLast(({ seq }) => seq < (fault.steps[0]?.seq ?? 0))
  if (!before) return unknown(`${lun}: it was not seen to answer before the array was off`, [verified.seq])
  const vain = failed.find((one) => isVain(one) && isBelievable(run, one.viewer))
  if (!vain) return unknown(`${lun}: nobody tried to read it after the array was off`, [verified.seq])
  return holds(`${lun} answers nobody any more`, [before.seq, verified.seq, vain.seq])
}

/** A refusal is an answer, too: a device that has no power gives none. */
const isAnswer = ({ answer: { exit } }: FailedReading) =>
  exit !== undefined && ['unit-attention', 'conflict', 'unsupported', 'not-executed'].includes(exit.outcome)

/** No way to the device, or nothing came back. That the program did not run, or was not understood, says nothing of it. */
const isVain = ({ answer: { exit } }: FailedReading) =>
  exit !== undefined &&
  (exit.outcome === 'path' || ['transport-error', 'timeout', 'stopped', 'other'].includes(exit.name))
