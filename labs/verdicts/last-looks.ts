import { lastOfEach, lookedSince, type KeyAnswer, type Reading } from '../journal/key-tables.ts'
import { isBelievable, losers, type Case } from './case.ts'

/**
 * From when on a look shows the final state (lab time): the lab had stopped waiting, and every panic that counts had been
 * written down. Undefined where the run did not come that far.
 */
export function finalSince(run: Case): number | undefined {
  const { end, injected } = run.frame
  if (!end || !injected) return undefined
  const panicked = losers(run).filter(({ outcome }) => outcome === 'panicked')
  return Math.max(end.at, ...panicked.map(({ settled }) => settled))
}

type Good = Exclude<KeyAnswer, { kind: 'failed' }>
type Of<K extends Good['kind']> = Reading<Extract<KeyAnswer, { kind: K }>>

/** What had not ended before a moment, or was written down since the end: it may show what is so in the end. */
const perhaps = <R extends Reading>(run: Case, readings: readonly R[], moment: number): readonly R[] =>
  readings.filter(({ ended, seq }) => ended.latest >= moment || seq > (run.frame.end?.seq ?? Infinity))

/** The last good answer of each believable viewer about a LUN, begun since a moment. `which`: only these are looked at. */
export function lastLooks<K extends Good['kind']>(
  run: Case,
  lun: string,
  kind: K,
  since: number,
  which: (one: Of<K>) => boolean = () => true,
): readonly Of<K>[] {
  return lastOfEach(lookedSince(goodLooks(run, lun, kind), since).filter(which))
}

/** The same of all that may be since that moment: enough to contradict, not to prove. */
export function lastLooksPerhaps<K extends Good['kind']>(
  run: Case,
  lun: string,
  kind: K,
  since: number,
  which: (one: Of<K>) => boolean = () => true,
): readonly Of<K>[] {
  return lastOfEach(perhaps(run, goodLooks(run, lun, kind), since).filter(which))
}

function goodLooks<K extends Good['kind']>(run: Case, lun: string, kind: K): readonly Of<K>[] {
  return run.readings.filter(
    (one): one is Of<K> => one.lun === lun && one.answer.kind === kind && isBelievable(run, one.viewer),
  )
}

/** The last answers of believable viewers that may be from since then and cannot be true (`contradicts`). */
export function refutedLooks(run: Case, lun: string, kind: Good['kind'], since: number): readonly Reading[] {
  const those = run.readings.filter(
    (one) =>
      one.lun === lun &&
      one.action === kind &&
      isBelievable(run, one.viewer) &&
      (one.answer.kind !== 'failed' || one.answer.contradicts !== undefined),
  )
  return lastOfEach(perhaps(run, those, since)).filter(({ answer }) => answer.kind === 'failed')
}
