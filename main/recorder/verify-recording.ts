import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { judge } from '../../labs/verdicts/judge.ts'
import type { Line } from '../../labs/journal/event.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import { journalFile, listRecording, noLineBefore, sha256, sha256OfFile, verdictFile } from './files.ts'
import { decode, rawLines, readLine, type Problem } from './read-journal.ts'
import { judgedBy, resealed, sealOf, verdictFileSchema, verdictText, type VerdictFile } from './verdict-file.ts'

export interface Verification {
  /** nothing was changed since it was written */
  readonly whole: boolean
  readonly problems: readonly Problem[]
  /**
   * What judging it again makes of it, where that is not the verdict it holds. The evidence is as it was: the rules are
   * others than those of the version that gave the verdict, or somebody gave another one.
   */
  readonly judgedOtherwise?: string
}

/**
 * Checks a recording by what it holds itself: the chain of hashes through the journal, its beginning and end, the
 * hashes of the other files, the seal of verdict.json, and the verdict, by judging again. Finds every change of a byte.
 * It does not tell who wrote it: somebody who writes everything anew can make another whole recording. That a later
 * version of the rules judges the same evidence otherwise is told apart from a change of the evidence. Rejects only where
 * the folder or a file cannot be read.
 */
export async function verifyRecording(directory: string, signal?: AbortSignal): Promise<Verification> {
  const problems: Problem[] = []
  const files = listRecording(directory)
  for (const file of files.irregular) problems.push({ file, what: 'not a regular file: nothing can hold its content' })
  for (const file of files.empty) problems.push({ file, what: 'an empty folder: not part of the recording' })
  if (!files.regular.includes(journalFile)) {
    return { whole: false, problems: [...problems, { file: journalFile, what: 'missing: this folder holds no run' }] }
  }
  const lines = await verifyChain(directory, problems, signal)
  verifyEnds(lines, problems)
  verifyAttachments(directory, files.regular, lines, problems)
  const judgedOtherwise = await verifyVerdict(directory, lines, problems)
  return { whole: problems.length === 0, problems, ...(judgedOtherwise !== undefined && { judgedOtherwise }) }
}

async function verifyChain(directory: string, problems: Problem[], signal?: AbortSignal): Promise<Line[]> {
  const lines: Line[] = []
  let prev = noLineBefore
  let at = 0
  for await (const raw of rawLines(join(directory, journalFile), signal)) {
    const problem = (what: string) => problems.push({ file: journalFile, line: raw.number, what })
    if (raw.torn) {
      problem('the last line is torn: the run was not finished, or the file was cut')
      continue
    }
    const read = readLine(raw)
    const before = prev
    prev = sha256(raw.bytes)
    if (read.kind === 'invalid') {
      problem(read.what)
      continue
    }
    const envelope = read.kind === 'line' ? read.line : (read.line.value as Pick<Line, 'seq' | 'at' | 'prev'>)
    if (envelope.seq !== raw.number) problem(`sequence number ${envelope.seq} where ${raw.number} must be`)
    if (envelope.prev !== before) problem('the line before this one is not the one that was there when it was written')
    if (envelope.at < at) problem(`the clock goes back: ${envelope.at} ms after ${at} ms`)
    at = Math.max(at, envelope.at)
    if (read.kind === 'line') lines.push(read.line)
  }
  return lines
}

function verifyEnds(lines: readonly Line[], problems: Problem[]): void {
  const problem = (what: string, line?: number) =>
    problems.push({ file: journalFile, ...(line === undefined ? {} : { line }), what })
  if (lines[0]?.type !== 'run.started' || lines[0].seq !== 1) problem('the first line is not run.started', 1)
  if (lines.at(-1)?.type !== 'run.ended') problem('the last line is not run.ended: the run was not finished')
  for (const line of lines.slice(1)) if (line.type === 'run.started') problem('a second run.started', line.seq)
  for (const line of lines.slice(0, -1)) if (line.type === 'run.ended') problem('lines after run.ended', line.seq)
}

function verifyAttachments(directory: string, present: string[], lines: readonly Line[], problems: Problem[]): void {
  const last = lines.at(-1)
  const listed = last?.type === 'run.ended' ? last.files : {}
  const own = [journalFile, verdictFile]
  for (const [file, hash] of Object.entries(listed)) {
    if (own.includes(file)) problems.push({ file, what: 'listed in run.ended, where only other files belong' })
    else if (!present.includes(file)) problems.push({ file, what: 'missing: run.ended lists it' })
    else if (sha256OfFile(join(directory, file)) !== hash) problems.push({ file, what: 'changed since the run ended' })
  }
  for (const file of present) {
    if (!own.includes(file) && !Object.hasOwn(listed, file)) {
      problems.push({ file, what: 'not part of the recording: run.ended does not list it' })
    }
  }
}

/** @returns how judging again differs from a verdict that is as its seal says; undefined where it does not, or there is none */
async function verifyVerdict(
  directory: string,
  lines: readonly Line[],
  problems: Problem[],
): Promise<string | undefined> {
  const problem = (what: string) => problems.push({ file: verdictFile, what })
  if (!existsSync(join(directory, verdictFile))) {
    problem('missing: nothing seals the last line of the journal, and no verdict can be compared')
    return undefined
  }
  const text = decode(readFileSync(join(directory, verdictFile)))
  const kept = text === undefined ? undefined : readVerdict(text)
  if (kept === undefined || resealed(kept) !== text) {
    problem('changed since it was written: it is not as its seal says')
    return undefined
  }
  const seal = await sealOf(join(directory, journalFile))
  if (kept.journal.lines !== seal.lines) {
    problem(`was given on ${kept.journal.lines} lines, the journal has ${seal.lines}`)
  }
  if (kept.journal.lastLine !== seal.lastLine) problem('was given on a journal with another last line')
  if (kept.journal.sha256 !== seal.sha256) problem('was given on another journal: its hash is not the same')
  const again = judge(lines)
  const differences = compareVerdicts(kept, again) ?? compareWords(kept, again)
  if (differences === undefined) return undefined
  const by = kept.judgedBy === undefined ? '' : ` (verdict.json was written by ${kept.judgedBy}, this is ${judgedBy})`
  return `judging again gives another verdict: ${differences}${by}`
}

function readVerdict(text: string): VerdictFile | undefined {
  try {
    const parsed = v.safeParse(verdictFileSchema, JSON.parse(text))
    return parsed.success ? parsed.output : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** This version says the same of the same lines, to the letter: whatever else stands there was written by somebody else. */
function compareWords(kept: VerdictFile, again: Verdict): string | undefined {
  if (kept.judgedBy !== judgedBy) return undefined
  // one that was kept before the row was said in it says nothing of it
  const words = ({ verdict, nodes, reasons, row }: VerdictFile) =>
    JSON.stringify({ verdict, nodes, reasons, ...(kept.row && { row }) })
  const asKept = JSON.parse(verdictText(again, kept.journal)) as VerdictFile
  return words(kept) === words(asKept)
    ? undefined
    : 'the words or the events of its reasons, of its nodes, or the row that it goes by are not those that this version gives'
}

/**
 * The words of a reason may be put better in a later version; what was decided, of which node and by which rule, may
 * not change.
 */
function compareVerdicts(kept: VerdictFile, again: Verdict): string | undefined {
  if (kept.verdict !== again.verdict) return `${kept.verdict} was kept, ${again.verdict} it is now`
  const nodes = ({ nodes }: Pick<Verdict, 'nodes'>) =>
    Object.entries(nodes).map(([name, node]) => `${name} ${node.observed}, expected ${node.expected}`)
  const rules = (reasons: readonly { readonly rule: string; readonly bearing: string }[]) =>
    reasons.map(({ rule, bearing }) => `${rule} ${bearing}`)
  const before = [...nodes(kept), ...rules(kept.reasons)].join('; ')
  const now = [...nodes(again), ...rules(again.reasons)].join('; ')
  return before === now ? undefined : `kept: ${before}; now: ${now}`
}
