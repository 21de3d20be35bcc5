import type { Line } from '../../labs/journal/event.ts'
import { judge } from '../../labs/verdicts/judge.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import { chained, checkedLine } from './chain.ts'
import { contradictions } from './contradictions.ts'
import { cuts } from './cuts.ts'
import { evidenceOf } from './evidence.ts'
import { harmless } from './harmless.ts'
import { groupBy } from './group-by.ts'
import { kindOf } from './kinds.ts'
import { planted } from './planted/planted.ts'
import type { Scene } from './scene.ts'

/** One change of one recording, and what the judge made of it. */
export interface Tried {
  /** what slips are listed by: row, kind, name and what it was done to */
  readonly id: string
  readonly row: string
  readonly kind: string
  readonly verdict: Verdict['verdict']
  /** undefined where it was caught; else what is wrong with the verdict */
  readonly slip: string | undefined
  /** the kinds of evidence that were changed, where all of it was of one type: then they alone made the difference */
  readonly touched: readonly string[]
}

/**
 * The verdict on a changed recording; undefined where nothing was changed.
 * @throws Error for a line that no recorder could have written
 */
export function judged(scene: Scene, lines: readonly Line[]): Verdict | undefined {
  const before = new Set(scene.lines)
  for (const line of lines) if (!before.has(line)) checkedLine(line)
  const made = chained(lines)
  // the last line holds the hash of the one before, and so of all
  const isTheSame = JSON.stringify(made.at(-1)) === JSON.stringify(scene.lines.at(-1))
  return isTheSame ? undefined : judge(made)
}

/** What a change made of a recording, by kinds of evidence; nothing where it changed lines of several types. */
function touched(scene: Scene, lines: readonly Line[]): readonly string[] {
  const before = new Set(scene.lines)
  const after = new Set(lines)
  const different = [...scene.lines.filter((line) => !after.has(line)), ...lines.filter((line) => !before.has(line))]
  // what a command printed that read the ledger is the reading once more
  const telling = different.filter((line) => !(line.type === 'command' && line.stdout.includes('"records"')))
  return new Set(telling.map(({ type }) => type)).size === 1 ? [...new Set(telling.flatMap(evidenceOf))] : []
}

/** All cuts, contradictions and planted defects that make sense in a recording. */
export function* mutated(scene: Scene): Generator<Tried> {
  for (const change of [...cuts, ...contradictions]) {
    for (const [label, lines] of change.apply(scene)) {
      const made = judged(scene, lines)
      if (!made) continue
      const { verdict } = made
      yield {
        id: [scene.row, change.kind, change.name, ...(label === '' ? [] : [label])].join(': '),
        row: scene.row,
        kind: change.kind,
        verdict,
        slip: verdict === 'pass' || verdict === 'not-applicable' ? `it is a ${verdict}` : undefined,
        touched: touched(scene, lines),
      }
    }
  }
  for (const change of harmless) {
    for (const [label, lines] of change.apply(scene)) {
      const made = judged(scene, lines)
      if (!made) continue
      const why = made.reasons.filter(({ bearing }) => bearing === 'fail').map(({ rule, text }) => `${rule} (${text})`)
      yield {
        id: [scene.row, 'harmless', change.name, ...(label === '' ? [] : [label])].join(': '),
        row: scene.row,
        kind: `harmless: ${change.kind}`,
        verdict: made.verdict,
        slip: made.verdict === 'fail' ? `it is a fail by ${why.join(', ')}` : undefined,
        touched: [],
      }
    }
  }
  for (const defect of planted) {
    for (const [label, lines] of defect.plant(scene)) {
      const made = judged(scene, lines)
      if (!made) continue
      const { verdict, reasons } = made
      const deciding = reasons
        .filter(({ bearing }) => bearing === verdict && bearing !== 'pass')
        .map(({ rule }) => rule)
      const isRight =
        (defect.verdict as readonly string[]).includes(verdict) && deciding.some((rule) => defect.rules.includes(rule))
      yield {
        id: [scene.row, 'planted', defect.name, ...(label === '' ? [] : [label])].join(': '),
        row: scene.row,
        kind: 'planted',
        verdict,
        slip: isRight
          ? undefined
          : verdict === 'pass'
            ? 'it is a pass'
            : `it is ${verdict} by ${[...new Set(deciding)].join(', ')}`,
        touched: touched(scene, lines),
      }
    }
  }
}

/** Whether some recording does not pass without a kind of evidence. */
export const isNeeded = (scenes: readonly Scene[], kind: string): boolean =>
  scenes.some((scene) => {
    const rest = scene.lines.filter((line) => !evidenceOf(line).includes(kind))
    return rest.length < scene.lines.length && judge(chained(rest)).verdict !== 'pass'
  })

/** For every kind of evidence in a recording, what the verdict is without it. */
export function deleted(
  scene: Scene,
): readonly { readonly kind: string; readonly count: number; readonly verdict: Verdict['verdict'] }[] {
  const kinds = groupBy(scene.lines, (line) => kindOf(scene, line))
  return [...kinds].map(([kind, lines]) => {
    const gone = new Set(lines)
    return { kind, count: lines.length, verdict: judge(chained(scene.lines.filter((line) => !gone.has(line)))).verdict }
  })
}
