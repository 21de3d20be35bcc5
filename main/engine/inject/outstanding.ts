import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { FaultAction } from '../../../labs/faults/fault.ts'
import { stateDirectory } from '../../directories.ts'
import { UserError } from '../../load-testbed.ts'
import { identityOf, isAlive } from '../../hypervisor/process-identity.ts'
import { makeFolder } from '../../make-folder.ts'

/** A plan's lists are read-only, the record's are not. */
const copied = (action: FaultAction): OutstandingFault['undo'][number] =>
  action.kind === 'command' ? { ...action, argv: [...action.argv] } : { ...action, outlets: [...action.outlets] }

/** What is injected and not taken back yet: on disk before the fault is applied, so that it survives this program. */
const recordSchema = v.object({
  run: v.string(),
  /** folder of the recording */
  directory: v.string(),
  testbed: v.string(),
  pid: v.number(),
  /** which process of that number: after a reboot the number may be another program's */
  process: v.optional(v.string()),
  faults: v.array(
    v.object({
      id: v.string(),
      text: v.string(),
      /** nothing to be done: it ends by itself, or with a new start of the host */
      undo: v.array(
        v.variant('kind', [
          v.object({
            kind: v.literal('command'),
            host: v.string(),
            purpose: v.string(),
            argv: v.array(v.string()),
            timeout: v.exactOptional(v.number()),
          }),
          v.object({ kind: v.literal('outlets'), purpose: v.string(), outlets: v.array(v.string()), on: v.boolean() }),
        ]),
      ),
    }),
  ),
})
export type OutstandingRecord = v.InferOutput<typeof recordSchema>
export type OutstandingFault = OutstandingRecord['faults'][number]

export interface Outstanding {
  readonly run: string
  add(fault: { readonly id: string; readonly text: string; readonly undo: readonly FaultAction[] }): Promise<void>
  remove(id: string): Promise<void>
  /** The run is over, and nothing of it is left. */
  clear(): Promise<void>
}

const folder = () => join(stateDirectory(), 'outstanding')
const fileOf = (run: string) => join(folder(), `${run}.json`)

/** Opens the list of a run that begins. */
export async function openOutstanding(run: string, directory: string, testbed: string): Promise<Outstanding> {
  const faults = new Map<string, OutstandingFault>()
  makeFolder(folder())
  const identity = identityOf(process.pid)
  const itself = { pid: process.pid, ...(identity !== undefined && { process: identity }) }
  const save = async () => {
    const record: OutstandingRecord = { run, directory, testbed, ...itself, faults: [...faults.values()] }
    await writeFile(`${fileOf(run)}.new`, JSON.stringify(record, null, 2), { flush: true })
    await rename(`${fileOf(run)}.new`, fileOf(run))
  }
  // one after the other: two faults may be applied at the same time. One that fails (no space) fails its own caller alone
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (change: () => Promise<void>) => {
    const turn = last.then(change, change)
    last = turn
    return turn
  }
  await inTurn(save)
  return {
    run,
    add: (fault) =>
      inTurn(async () => {
        faults.set(fault.id, { ...fault, undo: fault.undo.map(copied) })
        try {
          await save()
        } catch (error) {
          // its caller does not inject what is not on the list
          faults.delete(fault.id)
          throw error
        }
      }),
    remove: (id) =>
      inTurn(async () => {
        faults.delete(id)
        await save()
      }),
    clear: () => inTurn(() => rm(fileOf(run), { force: true })),
  }
}

/**
 * Runs that did not come to their end: their program is not there any more.
 * @throws UserError where a list cannot be read: what is on it may still be injected
 */
export async function unfinishedRuns(): Promise<readonly OutstandingRecord[]> {
  const names = await readdir(folder()).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const found: OutstandingRecord[] = []
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const file = join(folder(), name)
    const record = v.safeParse(recordSchema, parseJson(await readFile(file, 'utf8')))
    if (!record.success) {
      throw new UserError(
        `${file} is no list of what a run left injected, or was written by another version of fencelab. See on the ` +
          'hosts whether anything is left (they revert by themselves within a minute), then remove that file',
      )
    }
    if (!isAlive(record.output.pid, record.output.process)) found.push(record.output)
  }
  return found
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Forgets a run of which nothing is left. */
export const forgetRun = (run: string) => rm(fileOf(run), { force: true })
