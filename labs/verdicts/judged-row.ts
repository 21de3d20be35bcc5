import { revision } from '../journal/revision.ts'
import { rowIdentity, rowText, type RowIdentity } from '../scenarios/row-identity.ts'
import { sha256 } from '../scenarios/sha256.ts'
import type { RunStarted } from '../journal/event.ts'

/** What a verdict goes by: the row as it was recorded, and what a recording of that revision can be expected to hold. */
export interface JudgedRow {
  readonly name: string
  /** of the recorded row's text, whatever the order of its fields: two rows are the same if their hashes are */
  readonly sha256: string
  /** whether that is the row which this version has by its name */
  readonly identity: RowIdentity
  /** of the recording's format: see `RunStarted.revision` */
  readonly revision: number
}

/**
 * The row and the revision that a recording is judged by. A row of an older version, or one that was edited, may expect
 * something else or name fewer rules: judging goes by the recorded one, and whoever reads the verdict must know.
 */
export function judgedRow({ scenario, revision: recorded = 1 }: Pick<RunStarted, 'scenario' | 'revision'>): JudgedRow {
  return {
    name: scenario.name,
    sha256: sha256(rowText(scenario)),
    identity: rowIdentity(scenario),
    revision: recorded,
  }
}

/** Why the verdict is not the one of this version's row, in a sentence; undefined where it is. */
export function rowNote({ name, identity }: JudgedRow): string | undefined {
  switch (identity) {
    case 'same':
      return undefined
    case 'differs':
      return `The row of this recording differs from the one this version has under that name (${name}): it is judged as recorded.`
    case 'unknown name':
      return `This version has no row named ${name}: it is judged as recorded.`
  }
}

/** What came with each revision, and is asked of no recording of an earlier one. */
const cameWith: Readonly<Record<number, string>> = {
  2: 'second looks at its faults and how far each log was followed',
  3: 'writes that must be refused and late readings of the ledger',
}

/** What is not asked of this recording because of its revision, in a sentence; undefined where all is. */
export function revisionNote({ revision: recorded }: JudgedRow): string | undefined {
  if (recorded === revision) return undefined
  if (recorded > revision)
    return `The recording is of revision ${recorded}, and this version knows revision ${revision}: what it holds beyond that is not judged.`
  const missing = Object.entries(cameWith).flatMap(([came, what]) => (Number(came) > recorded ? [what] : []))
  return `The recording is of revision ${recorded}, and this version writes revision ${revision}: it is not asked for ${missing.join(', nor for ')}.`
}

/** All that there is to say, for people: what the verdict must not be read without. */
export function rowNotes(row: JudgedRow): readonly string[] {
  return [rowNote(row), revisionNote(row)].flatMap((note) => note ?? [])
}

/** The row and the revision in one line: `row node-hangs (sha256 4a0c5f61e3b2), revision 3 of the recording`. */
export function rowLine({ name, sha256: hash, revision: recorded }: JudgedRow): string {
  return `row ${name} (sha256 ${hash.slice(0, 12)}), revision ${recorded} of the recording`
}
