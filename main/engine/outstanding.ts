import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { stateDirectory } from '../directories.ts'

/** What is injected and not taken back yet: on disk before the fault is applied, so that it survives this program. */
const recordSchema = v.object({
  run: v.string(),
  /** folder of the recording */
  directory: v.string(),
  testbed: v.string(),
  pid: v.number(),
  faults: v.array(
    v.object({
      id: v.string(),
      host: v.string(),
      text: v.string(),
      undo: v.object({ purpose: v.string(), argv: v.array(v.string()) }),
    }),
  ),
})
export type OutstandingRecord = v.InferOutput<typeof recordSchema>
export type OutstandingFault = OutstandingRecord['faults'][number]

export interface Outstanding {
  readonly run: string
  add(fault: {
    readonly id: string
    readonly host: string
    readonly text: string
    readonly undo: { readonly purpose: string; readonly argv: readonly string[] }
  }): Promise<void>
  remove(id: string): Promise<void>
  /** The run is over, and nothing of it is left. */
  clear(): Promise<void>
}

const folder = () => join(stateDirectory(), 'outstanding')
const fileOf = (run: string) => join(folder(), `${run}.json`)

/** Opens the list of a run that begins. */
export async function openOutstanding(run: string, directory: string, testbed: string): Promise<Outstanding> {
  const faults = new Map<string, OutstandingFault>()
  await mkdir(folder(), { recursive: true, mode: 0o700 })
  const save = async () => {
    const record: OutstandingRecord = { run, directory, testbed, pid: process.pid, faults: [...faults.values()] }
    await writeFile(`${fileOf(run)}.new`, JSON.stringify(record, null, 2), { flush: true })
    await rename(`${fileOf(run)}.new`, fileOf(run))
  }
  // one after the other: two faults may be applied at the same time
  let last: Promise<void> = save()
  const inTurn = (change: () => void) => {
    last = last.then(() => {
      change()
      return save()
    })
    return last
  }
  await last
  return {
    run,
    add: (fault) => inTurn(() => faults.set(fault.id, { ...fault, undo: { ...fault.undo, argv: [...fault.undo.argv] } })),
    remove: (id) => inTurn(() => faults.delete(id)),
    clear: () => last.then(() => rm(fileOf(run), { force: true })),
  }
}

/** Runs that did not come to their end: their program is not there any more. */
export async function unfinishedRuns(): Promise<readonly OutstandingRecord[]> {
  const names = await readdir(folder()).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const found: OutstandingRecord[] = []
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const record = v.safeParse(recordSchema, JSON.parse(await readFile(join(folder(), name), 'utf8')))
    if (record.success && !isAlive(record.output.pid)) found.push(record.output)
  }
  return found
}

/** Forgets a run of which nothing is left. */
export const forgetRun = (run: string) => rm(fileOf(run), { force: true })

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
