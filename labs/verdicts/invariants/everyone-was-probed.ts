import { ofType } from '../../journal/run.ts'
import { onlookers } from '../onlookers.ts'
import type { LineOf } from '../../journal/event.ts'
import type { Reading } from '../../journal/key-tables.ts'
import { all, holds, isBelievable, unknown, type Case, type Finding } from '../case.ts'

/**
 * After the lab began to collect, each node was probed, the stack of each that answered was asked, and each LUN was read by a
 * host that can be believed. What nobody looked at in the end may have become anything. A read that failed is a look only where
 * it could not succeed: the array of the LUN was switched off by the row, or the LUN itself answered with a RESERVATION
 * CONFLICT, as one that is reserved in the SCSI-2 way does. Whoever only looks, and read a LUN before the fault, must have
 * read it in the end: a viewer that fell silent is a witness that is missed, however many others look.
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
  return all([...nodes, ...luns, ...missed(run, collect)], 'the testbed declares nothing')
}

/**
 * What was expected of those who only look and did not come: whoever read a LUN before the fault reads it in the end, too, and
 * the own view of an array that was followed before is followed still, unless the row switched that array off.
 */
function missed(run: Case, collect: LineOf<'phase'>): readonly Finding[] {
  const injected = run.frame.injected?.seq ?? Infinity
  const looks = onlookers(run).flatMap((viewer) =>
    run.started.testbed.luns.flatMap(({ name, array }): readonly Finding[] => {
      const own = run.readings.filter((one) => one.viewer === viewer && one.lun === name && isAnswer(one))
      const before = own.findLast(({ seq }) => seq < injected)
      const isSeen = own.some(({ began, seq }) => seq > collect.seq && !(began.latest < collect.at))
      return before && !isSeen && !isOff(run, array)
        ? [unknown(`${viewer} read ${name} before the fault, and not in the end`, [before.seq, collect.seq])]
        : []
    }),
  )
  const arrays = [...new Set(ofType(run.lines, 'array-keys').flatMap(({ host }) => host ?? []))]
  const views = arrays.flatMap((array): readonly Finding[] => {
    const gone = ofType(run.lines, 'note').findLast(
      ({ seq, text }) => seq > injected && text.startsWith(`the array's own view on ${array} came to its end`),
    )
    const again = gone && ofType(run.lines, 'array-keys').some(({ host, seq }) => host === array && seq > gone.seq)
    const isExplained = run.faults.some(({ fault, target }) => fault === 'array-power-off' && target['array'] === array)
    return gone && again !== true && !isExplained
      ? [unknown(`the array ${array} was not asked for its own view to the end`, [gone.seq])]
      : []
  })
  return [...looks, ...views]
}

const isAnswer = ({ answer }: Reading) => answer.kind !== 'failed' || answer.exit?.outcome === 'conflict'

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
