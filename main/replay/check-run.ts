import { decidingFirst, problemWords, reportRun } from '../../labs/report/run-report.ts'
import { abridged } from '../../labs/timeline/words.ts'
import type { Reason, Verdict, VerdictWord } from '../../labs/verdicts/verdict.ts'
import type { Problem } from '../recorder/read-journal.ts'
import { readRun } from '../report/read-runs.ts'
import { fingerprintOf } from './fingerprint.ts'

/** What a report says of a recording: nothing that a window shows of its verdict may say another thing. */
export interface Check {
  /** of the files that were read; empty where they changed meanwhile, so that it fits nothing */
  readonly fingerprint: string
  readonly whole: boolean
  readonly problems: readonly Problem[]
  /** how the verdict that it holds differs from what judging it again gives; absent where it does not */
  readonly judgedOtherwise?: string
  readonly word: VerdictWord
  readonly reason?: DecidingReason
  readonly observed: Readonly<Record<string, string>>
  /** to be shown in place of verdict.json: where the recording is not whole, or is judged otherwise now */
  readonly instead?: Verdict
}

/** The reason that decided a verdict, in one line. */
export interface DecidingReason {
  readonly rule: string
  readonly text: string
}

/** Verifies and judges a recording as a report does. Rejects where a file cannot be read. */
export async function checkRun(directory: string): Promise<Check> {
  const before = fingerprintOf(directory)
  const { recording, judged, word, reasons } = reportRun(await readRun(directory))
  const same = before !== undefined && before.text === fingerprintOf(directory)?.text
  const { whole, problems, judgedOtherwise } = recording
  const reason = decidingReason(word, reasons)
  return {
    fingerprint: same ? before.text : '',
    whole,
    problems,
    ...(judgedOtherwise !== undefined && { judgedOtherwise }),
    word,
    ...(reason && { reason }),
    observed: Object.fromEntries(Object.entries(judged.nodes).map(([name, { observed }]) => [name, observed])),
    ...((!whole || judgedOtherwise !== undefined) && { instead: { ...judged, verdict: word, reasons } }),
  }
}

/** What decided against a pass; undefined for a pass, which every rule decides together. */
export function decidingReason(verdict: string, reasons: readonly Reason[]): DecidingReason | undefined {
  if (verdict === 'pass') return undefined
  const first = decidingFirst(reasons).find(({ bearing }) => bearing !== 'pass')
  return first && { rule: first.rule, text: abridged(first.text) }
}

/** Why a check does not simply confirm the verdict that the recording holds; undefined where it does. */
export function checkWords({ whole, problems, judgedOtherwise }: Check): string | undefined {
  if (!whole) return `the recording is not whole: ${problems.map(problemWords).join('; ') || 'no reason given'}`
  return judgedOtherwise
}
