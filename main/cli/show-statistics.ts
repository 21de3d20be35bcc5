import { statisticsOf, winnerWords, type Distribution, type RunMeasures } from '../../labs/report/statistics.ts'
import { textTable } from './text-table.ts'

/** What several runs of the same rows have in common and where they differ, for a terminal. Times in seconds. */
export function showStatistics(rows: ReadonlyMap<string, readonly RunMeasures[]>): string {
  const shown = [...rows].map(([row, runs]) => {
    const { verdicts, faultToPanic, faultToLastKeyChange, ...rest } = statisticsOf(runs)
    const words = Object.entries(verdicts).flatMap(([word, times]) => (times > 0 ? [`${times} ${word}`] : []))
    return {
      times: [row, words.join(', '), seconds(faultToPanic), seconds(faultToLastKeyChange)],
      winners: `${row}: went on: ${winnerWords(rest)}`,
    }
  })
  const head = ['row', 'verdicts', 'fault to panic', 'fault to last key change']
  const note = 'Seconds: minimum / median / maximum (of how many).'
  return [
    textTable([head, ...shown.map(({ times }) => times)]),
    note,
    '',
    ...shown.map(({ winners }) => winners),
    '',
  ].join('\n')
}

function seconds(times: Distribution | undefined): string {
  if (!times) return '-'
  const of = (milliseconds: number) => (milliseconds / 1000).toFixed(1)
  return `${of(times.min)} / ${of(times.median)} / ${of(times.max)} (${times.count})`
}
