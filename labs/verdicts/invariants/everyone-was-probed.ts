import { ofType } from '../../journal/run.ts'
import { all, holds, isBelievable, unknown, type Case, type Finding } from '../case.ts'

/**
 * After the lab began to collect, each node was probed, the stack of each that answered was asked, and each LUN was read by a
 * host that can be believed. What nobody looked at in the end may have become anything. A read that failed is a look only where
 * it could not succeed: the array of the LUN was switched off by the row, or the LUN itself answered with a RESERVATION
 * CONFLICT, as one that is reserved in the SCSI-2 way does.
 */
export function everyoneWasProbed(run: Case): Finding {
  const collect = ofType(run.lines, 'phase').findLast(({ name }) => name === 'collect')
  if (!collect) return unknown('the lab did not collect what became of everything')
  const nodes = run.started.testbed.nodes.map(({ name }): Finding => {
    const probe = ofType(run.lines, 'probe').findLast((line) => line.node === name && line.seq > collect.seq)
    if (!probe) return unknown(`${name} was not probed in the end`, [collect.seq])
    if (!probe.reachable) return holds(`${name} was probed`, [probe.seq])
    const status = ofType(run.lines, 'stack').findLast((line) => line.host === name && line.seq > collect.seq)
    return status
      ? holds(`${name} was probed`, [probe.seq, status.seq])
      : unknown(`${name} answered in the end, and its stack was not asked`, [probe.seq])
  })
  const luns = run.started.testbed.luns.map(({ name, array }): Finding => {
    const look = run.readings.findLast(
      (one) =>
        one.lun === name &&
        isBelievable(run, one.viewer) &&
        one.began.earliest >= collect.at &&
        (one.answer.kind !== 'failed' || one.answer.exit?.outcome === 'conflict' || isOff(run, array)),
    )
    return look
      ? holds(`${name} was read`, [look.seq])
      : unknown(`${name} was not read in the end by a host that can be believed`, [collect.seq])
  })
  return all([...nodes, ...luns], 'the testbed declares nothing')
}

/** The row switched this array off, and did not give it its power back. */
function isOff(run: Case, array: string | undefined): boolean {
  return run.faults.some(
    ({ fault, target, steps, taken }) =>
      array !== undefined &&
      fault === 'array-power-off' &&
      target['array'] === array &&
      taken === true &&
      !steps.some(({ step }) => step === 'reverting'),
  )
}
