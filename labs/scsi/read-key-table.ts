import { sgPersistMeaning, type ExitMeaning } from './exit-status.ts'
import { parseKeys } from './parse-keys.ts'
import { whyNotProvenEmpty } from './proven-empty.ts'
import { readTrace } from './read-trace.ts'

/** The words of READ KEYS whose answer `readKeyTable` reads: an empty table needs the bytes that arrived. */
export const readKeysTraced = ['sg_persist', '-n', '-y', '-k', '-vvv'] as const

export type KeyTableRead =
  | { readonly ok: true; readonly generation: number; readonly keys: readonly string[] }
  /** `why`: a clause; `meaning`: what the exit status says, together with what was printed */
  | { readonly ok: false; readonly why: string; readonly meaning: ExitMeaning }

/**
 * The key table that a traced READ KEYS was answered (`readKeysTraced`, run just now). Not ok: it failed, its text is not
 * understood, or it is empty and the bytes do not prove it: "no keys" is never concluded from an answer that may be none.
 */
export function readKeyTable(run: {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}): KeyTableRead {
  const { bytes, rest } = readTrace(run.stderr)
  const meaning = sgPersistMeaning(run.exit, rest)
  if (meaning.outcome !== 'good') return { ok: false, why: meaning.meaning, meaning }
  const table = parseKeys(run.stdout)
  if (!table.ok) return { ok: false, why: table.reason, meaning }
  const { generation, keys } = table
  const doubt = keys.length > 0 ? undefined : unproven(generation, bytes)
  return doubt === undefined ? { ok: true, generation, keys } : { ok: false, why: doubt, meaning }
}

const unproven = (generation: number, bytes: string | undefined) =>
  bytes === undefined
    ? 'it prints an empty table, and no byte arrived that says so'
    : whyNotProvenEmpty(generation, bytes)
