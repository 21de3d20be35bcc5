import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { outcomes } from '../../labs/scenarios/outcome.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import { version } from '../version.ts'
import { journalFile, sha256, verdictFile } from './files.ts'
import { rawLines } from './read-journal.ts'
import { RecordingFailed } from './recording-failed.ts'

/** The program and version whose rules give a verdict now. */
export const judgedBy = `fencelab ${version}`

/** What a verdict was given on: the journal's lines, the hash of its last one, and the hash of the whole file. */
export interface JournalSeal {
  readonly lines: number
  readonly lastLine: string
  readonly sha256: string
}

const bearing = v.picklist(['pass', 'fail', 'inconclusive', 'not-applicable'])
const events = v.array(v.number())

const bodySchema = v.object({
  format: v.literal(1),
  verdict: bearing,
  nodes: v.record(
    v.string(),
    v.object({ expected: v.string(), observed: v.picklist(outcomes), why: v.string(), events }),
  ),
  reasons: v.array(v.object({ rule: v.string(), bearing, text: v.string(), events })),
  /** recordings of the first versions do not say; a word for the row that this version does not know is kept as it is */
  row: v.exactOptional(v.object({ name: v.string(), sha256: v.string(), identity: v.string(), revision: v.number() })),
  journal: v.object({ lines: v.number(), lastLine: v.string(), sha256: v.string() }),
  /** whose rules gave it; recordings of the first versions do not say */
  judgedBy: v.exactOptional(v.string()),
})
export const verdictFileSchema = v.object({
  ...bodySchema.entries,
  /** sha256 of this file's text without this entry: it tells a change, it does not tell who made it */
  seal: v.string(),
})
export type VerdictFile = v.InferOutput<typeof verdictFileSchema>

/**
 * Writes `verdict.json` beside a closed journal: the verdict and the seal of the journal that it was given on. An
 * earlier verdict.json is replaced whole. Rejects with RecordingFailed where it cannot be written.
 */
export async function writeVerdict(directory: string, verdict: Verdict): Promise<void> {
  const file = join(directory, verdictFile)
  try {
    const text = verdictText(verdict, await sealOf(join(directory, journalFile)))
    const temporary = `${file}.new`
    const descriptor = openSync(temporary, 'w')
    try {
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, file)
  } catch (cause) {
    throw new RecordingFailed(file, 'write', cause)
  }
}

/** The one text that verdict.json may have for this verdict and journal, given by this version (or by another one). */
export function verdictText(verdict: Verdict, journal: JournalSeal, by: string = judgedBy): string {
  return sealed(v.parse(bodySchema, { format: 1, ...verdict, journal, judgedBy: by }))
}

/** What the text of a verdict.json would have to be for its own seal to be right; compare it with what is there. */
export function resealed(file: VerdictFile): string {
  return sealed(v.parse(bodySchema, file))
}

function sealed(body: v.InferOutput<typeof bodySchema>): string {
  return layOut({ ...body, seal: sha256(layOut(body)) })
}

function layOut(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** Reads a journal for its seal. A torn last line counts: the seal is of what is there. */
export async function sealOf(file: string): Promise<JournalSeal> {
  const whole = createHash('sha256')
  let lines = 0
  let lastLine = ''
  for await (const raw of rawLines(file)) {
    whole.update(raw.bytes)
    if (!raw.torn) whole.update('\n')
    lines = raw.number
    lastLine = sha256(raw.bytes)
  }
  return { lines, lastLine, sha256: whole.digest('hex') }
}
