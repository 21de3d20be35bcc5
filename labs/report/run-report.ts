import { buildCase, type Case } from '../verdicts/case.ts'
import { judge } from '../verdicts/judge.ts'
import { keyHistories, type KeyHistory } from '../timeline/key-history.ts'
import type { Line, LineOf } from '../journal/event.ts'
import type { Reason, Verdict, VerdictWord } from '../verdicts/verdict.ts'

/** A recorded run as it was found in its folder. */
export interface Recording {
  /** the folder's own name, without where it lies */
  readonly name: string
  readonly lines: readonly Line[]
  readonly journal: { readonly lines: number; readonly lastLine: string; readonly sha256: string }
  /** whether it is as it was written */
  readonly whole: boolean
  /** how the verdict that it holds differs from what judging it again gives; absent where it does not */
  readonly judgedOtherwise?: string
  readonly problems: readonly { readonly file: string; readonly line?: number; readonly what: string }[]
}

/** A run judged for a report. */
export interface RunReport {
  readonly recording: Recording
  readonly started: LineOf<'run.started'> | undefined
  /** folded once; undefined where the run has no beginning, or cannot be folded */
  readonly run: Case | undefined
  readonly keys: readonly KeyHistory[]
  /** what the rules make of the lines, whatever state the recording is in */
  readonly judged: Verdict
  /** what the report says: a recording that is not whole proves nothing, whatever its lines say */
  readonly word: VerdictWord
  readonly reasons: readonly Reason[]
  readonly milliseconds: number
}

/** Judges a recording by its lines, and by whether it is whole. Never throws. */
export function reportRun(recording: Recording): RunReport {
  const { lines, whole, problems } = recording
  const judged = judge(lines)
  const first = lines[0]
  const started = first?.type === 'run.started' ? first : undefined
  const run = started && fold(started, lines)
  const broken: Reason = {
    rule: 'precondition',
    bearing: 'inconclusive',
    text: `the recording is not whole, so it proves nothing: ${problems.map(problemWords).join('; ') || 'no reason given'}`,
    events: [],
  }
  return {
    recording,
    started,
    run,
    keys: started && run ? keyHistories(started, run.readings, run.nodes) : [],
    judged,
    word: whole ? judged.verdict : 'inconclusive',
    reasons: whole ? judged.reasons : [broken, ...judged.reasons],
    milliseconds: lines.at(-1)?.at ?? 0,
  }
}

/** The reason that decided a verdict that is no pass, in one line; undefined for a pass. */
export function decidingWords({ word, reasons }: Pick<RunReport, 'word' | 'reasons'>): string | undefined {
  if (word === 'pass') return undefined
  const first = decidingFirst(reasons).find(({ bearing }) => bearing !== 'pass')
  return first && `${first.rule.replaceAll('-', ' ')}: ${first.text}`
}

export function problemWords({ file, line, what }: Recording['problems'][number]): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${what}`
}

/** The reasons, those that decide first: unmet preconditions outrank everything, as in the verdict. */
export function decidingFirst(reasons: readonly Reason[]): readonly Reason[] {
  const rank = ({ rule, bearing }: Reason) =>
    rule === 'precondition' ? 0 : { fail: 1, inconclusive: 2, 'not-applicable': 2, pass: 3 }[bearing]
  return reasons.toSorted((a, b) => rank(a) - rank(b))
}

/** How many runs of each verdict; they add up to the number of runs. */
export function countWords(reports: readonly Pick<RunReport, 'word'>[]): Readonly<Record<VerdictWord, number>> {
  const of = (word: VerdictWord) => reports.filter((report) => report.word === word).length
  return {
    pass: of('pass'),
    fail: of('fail'),
    inconclusive: of('inconclusive'),
    'not-applicable': of('not-applicable'),
  }
}

/** What a report that does not hold all runs says of it; undefined where it holds all. */
export function leftOutWords(held: number, leftOut: number): string | undefined {
  if (leftOut <= 0) return undefined
  return `This report holds ${held} of ${held + leftOut} runs: ${leftOut} were left out when it was made. Its totals are those of the ${held} alone.`
}

/** judge() says itself why a run cannot be folded. */
function fold(started: LineOf<'run.started'>, lines: readonly Line[]): Case | undefined {
  try {
    return buildCase(started, lines)
  } catch {
    return undefined
  }
}
