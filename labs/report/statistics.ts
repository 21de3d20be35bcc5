import { countWords, type RunReport } from './run-report.ts'
import { count } from '../timeline/words.ts'
import type { VerdictWord } from '../verdicts/verdict.ts'

/** Some lengths of time, in milliseconds. */
export interface Distribution {
  readonly count: number
  readonly min: number
  readonly median: number
  readonly max: number
}

/** Several runs of the same row on the same testbed. */
export interface RowStatistics {
  readonly runs: number
  /** adds up to `runs` */
  readonly verdicts: Readonly<Record<VerdictWord, number>>
  /** which nodes went on, most frequent first; with `undecided` it adds up to `runs` */
  readonly winners: readonly { readonly nodes: readonly string[]; readonly count: number }[]
  /** runs that are inconclusive, or where it is not known what became of a node */
  readonly undecided: number
  /** one time for each node that panicked in a run that decides something */
  readonly faultToPanic: Distribution | undefined
  /** one time for each run that decides something and in which a key came or went */
  readonly faultToLastKeyChange: Distribution | undefined
}

/**
 * Counts and times of several runs. Times begin when the first command of the fault was about to be given and end when
 * what is measured was written down or had surely been seen: they are never shorter than what really passed. Runs that
 * are inconclusive have no winner and no times.
 */
export function rowStatistics(reports: readonly RunReport[]): RowStatistics {
  return statisticsOf(reports.map(measuresOf))
}

/** What is counted and measured of one run; a run that decides nothing has no winner and no times. */
export interface RunMeasures {
  readonly word: VerdictWord
  /** undefined where it is not known */
  readonly winners: readonly string[] | undefined
  readonly panics: readonly number[]
  readonly keyChanges: readonly number[]
}

export function measuresOf(report: RunReport): RunMeasures {
  const { word } = report
  if (word === 'inconclusive' || word === 'not-applicable')
    return { word, winners: undefined, panics: [], keyChanges: [] }
  return { word, winners: continuing(report), panics: panicTimes(report), keyChanges: lastKeyChange(report) }
}

/** The same as rowStatistics, of runs whose recordings need not be kept in memory. */
export function statisticsOf(runs: readonly RunMeasures[]): RowStatistics {
  const winners = new Map<string, { readonly nodes: readonly string[]; readonly count: number }>()
  for (const { winners: nodes } of runs) {
    if (!nodes) continue
    const id = JSON.stringify(nodes)
    winners.set(id, { nodes, count: (winners.get(id)?.count ?? 0) + 1 })
  }
  const list = [...winners.values()].toSorted((a, b) => b.count - a.count)
  return {
    runs: runs.length,
    verdicts: countWords(runs),
    winners: list,
    undecided: runs.length - list.reduce((sum, { count }) => sum + count, 0),
    faultToPanic: distribution(runs.flatMap(({ panics }) => panics)),
    faultToLastKeyChange: distribution(runs.flatMap(({ keyChanges }) => keyChanges)),
  }
}

/** Who went on, in how many runs, in words. */
export function winnerWords({ winners, undecided }: Pick<RowStatistics, 'winners' | 'undecided'>): string {
  const parts = winners.map(({ nodes, count: runs }) => `${nodes.join(' and ') || 'nobody'} in ${count(runs, 'run')}`)
  return [...parts, ...(undecided > 0 ? [`not decided in ${count(undecided, 'run')}`] : [])].join(', ')
}

/** Minimum, median (the mean of the middle two of an even number) and maximum; undefined for nothing. */
export function distribution(values: readonly number[]): Distribution | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number) => sorted[index] as number
  if (sorted.length === 0) return undefined
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2
  return { count: sorted.length, min: at(0), median, max: at(sorted.length - 1) }
}

/** Milliseconds from the fault to the first witness of each proved panic. */
export function panicTimes({ run }: RunReport): readonly number[] {
  const injected = run?.frame.injected
  if (!run || !injected) return []
  return run.nodes
    .filter(({ outcome }) => outcome === 'panicked')
    .flatMap(({ events }) => {
      const first = run.lines.find(({ seq }) => events.includes(seq))
      return first ? [first.at - injected.at] : []
    })
}

/** Milliseconds from the fault until the last change of a key had been seen, on any LUN. */
export function lastKeyChange({ run, keys }: RunReport): readonly number[] {
  const injected = run?.frame.injected
  if (!injected) return []
  const changes = keys.flatMap(({ changes }) => changes.filter(({ latest }) => latest >= injected.at))
  if (changes.length === 0) return []
  return [changes.reduce((last, { latest }) => Math.max(last, latest), 0) - injected.at]
}

function continuing({ run }: RunReport): readonly string[] | undefined {
  if (!run || run.nodes.some(({ outcome }) => outcome === 'unknown')) return undefined
  return run.nodes.filter(({ outcome }) => outcome === 'running').map(({ name }) => name)
}
