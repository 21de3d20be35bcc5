import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { verdictFile } from '../recorder/files.ts'
import { verdictFileSchema } from '../recorder/verdict-file.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'

/** a verdict in a word that this version does not know is still a verdict: who reads it sees the word */
const laterSchema = v.object({
  ...verdictFileSchema.entries,
  verdict: v.string(),
  nodes: v.record(v.string(), v.looseObject({ observed: v.string() })),
})

/**
 * What verdict.json says, for showing it. Whether it is what was written, and whether judging again gives the same, is
 * for the verification to tell. Undefined where there is none, or none that can be read.
 */
export async function readVerdict(directory: string): Promise<Verdict | undefined> {
  const text = await readFile(join(directory, verdictFile), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    const read = v.safeParse(laterSchema, JSON.parse(text))
    return read.success ? (read.output as unknown as Verdict) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
