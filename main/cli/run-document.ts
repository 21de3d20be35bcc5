import type { Line } from '../../labs/journal/event.ts'
import type { JudgedRow } from '../../labs/verdicts/judged-row.ts'
import type { Verdict, VerdictWord } from '../../labs/verdicts/verdict.ts'

/** What other programs are given of a run (`--json`). */
export interface RunDocument {
  readonly row: string
  readonly verdict: VerdictWord
  readonly dir: string
  readonly nodes: Readonly<Record<string, { readonly expected: string; readonly observed: string }>>
  readonly reasons: readonly { readonly text: string; readonly events: readonly number[] }[]
  readonly seconds: number
  /** the row that it is judged by: its hash, whether it is this version's, and the revision of the recording */
  readonly judgedRow?: Pick<JudgedRow, 'sha256' | 'identity' | 'revision'>
}

/** @param seconds from the first look to the verdict; without it, the span of the recording */
export function runDocument(lines: readonly Line[], verdict: Verdict, dir: string, seconds?: number): RunDocument {
  const started = lines.find((line) => line.type === 'run.started')
  return {
    row: started?.scenario.name ?? '',
    verdict: verdict.verdict,
    dir,
    nodes: Object.fromEntries(
      Object.entries(verdict.nodes).map(([name, { expected, observed }]) => [name, { expected, observed }]),
    ),
    reasons: verdict.reasons.map(({ text, events }) => ({ text, events })),
    seconds: Math.round((seconds ?? (lines.at(-1)?.at ?? 0) / 1000) * 10) / 10,
    ...(verdict.row && {
      judgedRow: {
        sha256: verdict.row.sha256,
        identity: verdict.row.identity,
        revision: verdict.row.revision,
      },
    }),
  }
}
