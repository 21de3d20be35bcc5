import { open, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseLine } from '../../labs/journal/schema.ts'
import type { Line } from '../../labs/journal/event.ts'
import type { RunSummary } from '../../preload/contract/runs.ts'
import { journalFile, verdictFile } from '../recorder/files.ts'
import { readVerdict } from './read-verdict.ts'

export interface RunPlace {
  readonly run: string
  readonly directory: string
  readonly sample: boolean
}

interface Remembered {
  readonly stamp: string
  readonly summary: RunSummary
}

/** a first line holds the whole testbed file; more than this it cannot be */
const mostHead = 2 * 1024 * 1024
const tailBytes = 64 * 1024
/** a journal without its end that grew within this time is still being written */
const quietMilliseconds = 20_000

/** What a list of runs shows, from the first and last line of the journal and the verdict beside it. Remembers. */
export function summaries() {
  const known = new Map<string, Remembered>()
  return async function summarise(place: RunPlace): Promise<RunSummary | undefined> {
    const stamp = await stampOf(place.directory)
    if (stamp === undefined) return undefined
    const before = known.get(place.directory)
    if (before?.stamp === stamp.text && before.summary.state !== 'going') return before.summary
    const summary = await read(place, stamp.changed)
    known.set(place.directory, { stamp: stamp.text, summary })
    return summary
  }
}

async function stampOf(directory: string): Promise<{ readonly text: string; readonly changed: number } | undefined> {
  const of = (file: string) =>
    stat(join(directory, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
  const [journal, verdict] = await Promise.all([of(journalFile), of(verdictFile)])
  if (!journal) return undefined
  return {
    text: `${journal.ino} ${journal.size} ${journal.mtimeMs} ${verdict?.mtimeMs ?? ''}`,
    changed: journal.mtimeMs,
  }
}

async function read(place: RunPlace, changed: number): Promise<RunSummary> {
  const { first, last } = await ends(join(place.directory, journalFile))
  const started = first?.type === 'run.started' ? first : undefined
  const ended = last?.type === 'run.ended' ? last : undefined
  const verdict = await readVerdict(place.directory)
  const going = Date.now() - changed < quietMilliseconds
  return {
    run: place.run,
    sample: place.sample,
    row: started?.scenario.name ?? '',
    title: started?.scenario.title ?? basename(place.directory),
    policy: started?.scenario.policy ?? '',
    testbed: started?.testbed.name ?? '',
    wall: started?.wall ?? '',
    state: ended?.reason ?? (going ? 'going' : 'unfinished'),
    ...(verdict && { verdict: verdict.verdict }),
    milliseconds: last?.at ?? 0,
    nodes: (started?.testbed.nodes ?? []).map(({ name, id }) => {
      const observed = verdict?.nodes[name]?.observed
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
