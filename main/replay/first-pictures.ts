import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { runViewSchema, type RunView } from '../../preload/contract/runs.ts'
import type { LaneWindow, Window } from '../../labs/replay/lane-window.ts'
import type { Scene } from '../../labs/replay/scene.ts'
import { journalFile } from '../recorder/files.ts'
import { version } from '../version.ts'

/** What is seen of a run before anybody moves: answers that were given when its journal was read last. */
export interface FirstPicture {
  readonly view: RunView
  readonly window: { readonly asked: Window; readonly answer: LaneWindow }
  readonly scene: { readonly asked: { readonly at: number; readonly allViewers: boolean }; readonly answer: Scene }
}

const windowSchema = v.object({ from: v.number(), to: v.number(), cells: v.number() })
/** fencelab wrote the file itself: what is checked is that it is one of these, and whole */
const pictureSchema = v.object({
  view: runViewSchema,
  window: v.object({ asked: windowSchema, answer: v.looseObject({ lanes: v.array(v.unknown()), phases: v.array(v.unknown()) }) }),
  scene: v.object({ asked: v.object({ at: v.number(), allViewers: v.boolean() }), answer: v.looseObject({ nodes: v.array(v.unknown()), luns: v.array(v.unknown()) }) }),
})

const tailBytes = 64 * 1024
const mostKept = 40

/**
 * The first pictures of long runs, in a folder that can be thrown away at any time. Each belongs to a journal of one
 * size, time and ending, and to one version of fencelab: of another one nothing is found. It is only ever shown while the journal itself
 * is being read, and nothing is judged by it.
 */
export function firstPictures(folder: string) {
  return {
    /** Undefined where there is none, or none that can be read. */
    async find(directory: string): Promise<FirstPicture | undefined> {
      const file = join(folder, await nameOf(directory))
      const text = await readFile(file, 'utf8').catch(notThere)
      if (text === undefined) return undefined
      try {
        const read = v.safeParse(pictureSchema, JSON.parse(text))
        return read.success ? (read.output as unknown as FirstPicture) : undefined
      } catch (error) {
        if (error instanceof SyntaxError) return undefined
        throw error
      }
    },
    /** Rejects where it cannot be written. */
    async keep(directory: string, picture: FirstPicture): Promise<void> {
      await mkdir(folder, { recursive: true })
      const file = join(folder, await nameOf(directory))
      const half = `${file}.${randomUUID()}`
      await writeFile(half, JSON.stringify(picture))
      await rename(half, file)
      await forgetOldest(folder)
    },
  }
}

async function nameOf(directory: string): Promise<string> {
  const handle = await open(join(directory, journalFile))
  try {
    const { size, mtimeMs } = await handle.stat()
    const length = Math.min(size, tailBytes)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return `${createHash('sha256').update(JSON.stringify([version, size, mtimeMs])).update(buffer).digest('hex')}.json`
  } finally {
    await handle.close()
  }
}

async function forgetOldest(folder: string): Promise<void> {
  const names = await readdir(folder)
  if (names.length <= mostKept) return
  const dated = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(notThere))?.mtimeMs ?? 0 })))
  for (const { name } of dated.toSorted((a, b) => b.at - a.at).slice(mostKept)) await rm(join(folder, name), { force: true })
}

function notThere(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
