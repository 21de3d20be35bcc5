import { lastStep } from '../../journal/faults.ts'
import { all, believable, holds, lunsFor, unknown, violated, type Case, type Finding } from '../case.ts'

/**
 * With the array, more than half of the coordination points were really out of reach: since the fault was verified nobody
 * got a good answer from any of its points, and somebody tried. Without that the row shows nothing. Source: the scenario
 * table, "the disk array containing two of the three coordination points is powered off".
 */
export function pointsWereLost(run: Case): Finding {
  const fault = run.faults.find((one) => one.fault === 'array-power-off')
  const verified = fault && lastStep(fault.steps, 'verified')
  if (!fault || !verified || fault.taken !== true) return unknown('no array was proved to be off')
  const points = lunsFor(run, 'coordination')
  const lost = points.filter(({ array }) => array === fault.target['array'])
  if (lost.length * 2 <= points.length) return unknown(`only ${lost.length} of ${points.length} coordination points are on ${fault.target['array']}`, [verified.seq])
  return all(
    lost.map(({ name }) => {
      const good = believable(run, name).find((reading) => reading.began.earliest >= verified.at)
      if (good) return violated(`${name} still answers ${good.viewer}`, [verified.seq, good.seq])
      const failed = run.readings.find((reading) => reading.lun === name && reading.answer.kind === 'failed' && reading.at > verified.at)
      if (!failed) return unknown(`${name}: nobody tried to read it after the array was off`, [verified.seq])
      return holds(`${name} answers nobody any more`, [verified.seq, failed.seq])
    }),
    'the testbed declares no coordination point',
  )
}
