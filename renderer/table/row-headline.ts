import type { RunSummary } from '../../preload/contract/runs.ts'

/** So many runs of a row with one verdict. */
export interface HeadlinePart {
  /** a verdict, or `not judged` */
  readonly word: string
  readonly check: RunSummary['check']
  readonly count: number
}

/** worst first: what must not be out of sight */
const order: readonly string[] = ['fail', 'inconclusive', 'not judged', 'not-applicable', 'pass']
const rank = (word: string) => (order.includes(word) ? order.indexOf(word) : 1.5)

/**
 * What all runs of a row together say, the worst first: one run never speaks for the others. What nobody verified is
 * counted apart from what was. Runs that go on say nothing yet. The counts add up to the number of the other runs.
 */
export function rowHeadline(runs: readonly Pick<RunSummary, 'verdict' | 'check' | 'state'>[]): readonly HeadlinePart[] {
  const parts = new Map<string, { word: string; check: RunSummary['check']; count: number }>()
  for (const { verdict: word = 'not judged', check, state } of runs) {
    if (state === 'going') continue
    const id = `${word} ${check}`
    const part = parts.get(id) ?? { word, check, count: 0 }
    part.count += 1
    parts.set(id, part)
  }
  return [...parts.values()].toSorted((a, b) => rank(a.word) - rank(b.word) || (a.check < b.check ? -1 : 1))
}

/**
 * Which of many runs, the latest first, a strip of squares shows, in the same order: the latest, but of those that are too
 * old for it the ones that are no pass before passes that are newer. `gap`: how many are left out just before (older than) it.
 */
export function stripOf<R extends Pick<RunSummary, 'verdict'>>(
  runs: readonly R[],
  most: number,
): readonly { readonly run: R; readonly gap: number }[] {
  const bad = runs.filter(({ verdict }) => verdict !== 'pass')
  const kept = new Set<R>(bad.slice(0, most))
  for (const run of runs) {
    if (kept.size >= most) break
    kept.add(run)
  }
  const shown: { run: R; gap: number }[] = []
  for (const run of runs) {
    if (kept.has(run)) shown.push({ run, gap: 0 })
    else {
      const last = shown.at(-1)
      if (last) last.gap += 1
    }
  }
  return shown
}

/** Runs of a row on the testbed that is open, and those that are not: these never count as its own. */
export function byPlace<R extends Pick<RunSummary, 'bed' | 'sample' | 'testbed'>>(
  runs: readonly R[],
  here: string | null,
): {
  readonly own: readonly R[]
  readonly elsewhere: readonly { readonly name: string; readonly runs: readonly R[] }[]
} {
  const isOwn = (run: R) => !run.sample && run.bed !== '' && run.bed === here
  const elsewhere = new Map<string, R[]>()
  for (const run of runs) {
    if (isOwn(run)) continue
    const name = run.sample ? `sample, on ${run.testbed}` : `on ${run.testbed || 'an unknown testbed'}`
    elsewhere.set(name, [...(elsewhere.get(name) ?? []), run])
  }
  return { own: runs.filter(isOwn), elsewhere: [...elsewhere].map(([name, list]) => ({ name, runs: list })) }
}
