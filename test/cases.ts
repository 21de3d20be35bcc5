/**
 * How many cases a property test plays, and which. The same ones in every run: that a change is wrong must not show in the
 * next one's run. `npm run fuzz` looks for others: new ones each time, twenty times as many (or FENCELAB_FUZZ times).
 */
import * as fc from 'fast-check'

const SEED = 20261129
const fuzz = Number(process.env['FENCELAB_FUZZ'] ?? 0)

/** A number of cases, or the milliseconds they may take, times what a search for more of them takes. */
export function cases(usual: number): number {
  return fuzz > 0 ? usual * fuzz : usual
}

fc.configureGlobal(fuzz > 0 ? { numRuns: cases(100) } : { seed: SEED })
