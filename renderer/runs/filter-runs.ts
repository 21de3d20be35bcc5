import type { RunSummary } from '../../preload/contract/runs.ts'

/** Empty parts let everything through. */
export interface RunFilter {
  readonly words: string
  readonly row: string
  /** a verdict, or `none`: not judged */
  readonly verdict: string
  readonly testbed: string
  /** days, as `2026-11-25`, in the person's own zone; both ends included */
  readonly from: string
  readonly to: string
}

export const emptyFilter: RunFilter = { words: '', row: '', verdict: '', testbed: '', from: '', to: '' }

export function filterRuns(runs: readonly RunSummary[], filter: RunFilter): readonly RunSummary[] {
  const words = filter.words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const from = filter.from === '' ? -Infinity : Date.parse(`${filter.from}T00:00:00`)
  const to = filter.to === '' ? Infinity : Date.parse(`${filter.to}T23:59:59.999`)
  return runs.filter((run) => {
    const wall = Date.parse(run.wall)
    const text = [
      run.run,
      run.title,
      run.row,
      run.testbed,
      run.verdict ?? '',
      ...run.nodes.flatMap(({ name, observed }) => [name, observed ?? '']),
    ]
      .join(' ')
      .toLowerCase()
    return (
      words.every((word) => text.includes(word)) &&
      (filter.row === '' || run.row === filter.row) &&
      (filter.verdict === '' || (run.verdict ?? 'none') === filter.verdict) &&
      (filter.testbed === '' || run.testbed === filter.testbed) &&
      // a run whose time is not known is only hidden where days are asked for
      (filter.from === '' || wall >= from) &&
      (filter.to === '' || wall <= to)
    )
  })
}
