import { open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseLine } from '../../labs/journal/schema.ts'
import type { Line } from '../../labs/journal/event.ts'
import type { RunSummary } from '../../preload/contract/runs.ts'
import { bedIdentity } from '../../labs/journal/bed-identity.ts'
import { journalFile, sha256 } from '../recorder/files.ts'
import { decidingReason } from './check-run.ts'
import { fingerprintOf } from './fingerprint.ts'
import { readVerdict } from './read-verdict.ts'

export interface RunPlace {
  readonly run: string
  readonly directory: string
  readonly sample: boolean
}

/** A recording as a list shows it, and how its files lay when it was read. */
export interface Listed {
  readonly directory: string
  readonly summary: RunSummary
  /** empty where the files cannot be looked at */
  readonly fingerprint: string
  readonly bytes: number
}

/** a first line holds the whole testbed file; more than this it cannot be */
const mostHead = 2 * 1024 * 1024
const tailBytes = 64 * 1024
/** a journal without its end that grew within this time is still being written */
const quietMilliseconds = 20_000

/**
 * What a list of runs shows, from the first and last line of the journal and the verdict beside it. Nothing is verified:
 * the summary says so. Remembers. Never rejects: a recording that cannot be read is in the list, with the reason. Undefined
 * where the folder holds no journal.
 */
export function summaries() {
  const known = new Map<string, Listed>()
  return async function summarise(place: RunPlace): Promise<Listed | undefined> {
    try {
      const now = fingerprintOf(place.directory)
      if (now === undefined) return undefined
      const before = known.get(place.directory)
      if (before?.fingerprint === now.text && before.summary.state !== 'going') return before
      const summary = await read(place, now.changed)
      const listed = { directory: place.directory, summary, fingerprint: now.text, bytes: now.bytes }
      known.set(place.directory, listed)
      return listed
    } catch (error) {
      // a folder that went away since it was listed is no run any more
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      const why = error instanceof Error ? error.message : String(error)
      return { directory: place.directory, summary: unreadable(place, why), fingerprint: '', bytes: 0 }
    }
  }
}

function unreadable({ run, sample, directory }: RunPlace, why: string): RunSummary {
  return {
    run,
    sample,
    row: '',
    title: basename(directory),
    policy: '',
    testbed: '',
    bed: '',
    wall: '',
    state: 'unreadable',
    check: 'unchecked',
    trouble: why,
    milliseconds: 0,
    nodes: [],
    lines: 0,
  }
}

async function read(place: RunPlace, changed: number): Promise<RunSummary> {
  const { first, last } = await ends(join(place.directory, journalFile))
  const started = first?.type === 'run.started' ? first : undefined
  const ended = last?.type === 'run.ended' ? last : undefined
  const { verdict, trouble } = await readVerdict(place.directory).then(
    (found) => ({ verdict: found, trouble: undefined }),
    (error: Error) => ({ verdict: undefined, trouble: error.message }),
  )
  const going = Date.now() - changed < quietMilliseconds
  const reason = verdict && decidingReason(verdict.verdict, verdict.reasons)
  return {
    run: place.run,
    sample: place.sample,
    row: started?.scenario.name ?? '',
    title: started?.scenario.title ?? basename(place.directory),
    policy: started?.scenario.policy ?? '',
    testbed: started?.testbed.name ?? '',
    bed: started ? sha256(bedIdentity(started.testbed)) : '',
    wall: started?.wall ?? '',
    state: ended?.reason ?? (going ? 'going' : 'unfinished'),
    check: 'unchecked',
    ...(verdict && { verdict: verdict.verdict }),
    ...(reason && { reason }),
    ...(trouble !== undefined && { trouble }),
    milliseconds: last?.at ?? 0,
    nodes: (started?.testbed.nodes ?? []).map(({ name, id }) => {
      const observed = verdict && Object.hasOwn(verdict.nodes, name) ? verdict.nodes[name]?.observed : undefined
      return { name, id, ...(observed !== undefined && { observed }) }
    }),
    lines: last?.seq ?? 0,
  }
}

/** The first and the last whole line of a journal, without what is between. */
async function ends(file: string): Promise<{ readonly first?: Line; readonly last?: Line }> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const part = async (from: number, length: number) =>
      (await handle.read(Buffer.alloc(length), 0, length, from)).buffer
    let head = await part(0, Math.min(size, 32 * 1024))
    if (!head.includes(10) && size > head.length) head = await part(0, Math.min(size, mostHead))
    const end = head.indexOf(10)
    const tail = await part(Math.max(0, size - tailBytes), Math.min(size, tailBytes))
    const lines = tail
      .subarray(0, tail.lastIndexOf(10) + 1)
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
    const first = end === -1 ? undefined : lineOf(head.subarray(0, end).toString('utf8'))
    const last = lines
      .toReversed()
      .map(lineOf)
      .find((line) => line !== undefined)
    return { ...(first && { first }), ...(last && { last }) }
  } finally {
    await handle.close()
  }
}

function lineOf(text: string): Line | undefined {
  try {
    const read = parseLine(JSON.parse(text))
    return read.kind === 'line' ? read.line : undefined
  } catch (error) {
    // half a line, or none: whoever opens the run is told
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
