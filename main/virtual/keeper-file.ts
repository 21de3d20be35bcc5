import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import * as v from 'valibot'
import { identityOf, isAlive } from '../hypervisor/process-identity.ts'
import type { LabFiles } from './lab-files.ts'

const keeperSchema = v.object({
  pid: v.number(),
  /** boot and start time, see process-identity.ts; absent off Linux */
  process: v.optional(v.string()),
  /** the testbed file that the lab was started from */
  testbed: v.string(),
  /** when, ISO 8601 */
  since: v.string(),
  /** it ends with the program that started it */
  bound: v.boolean(),
})
/** What the process that keeps a virtual lab writes down about itself, for whoever finds its lab. */
export type KeeperFile = v.InferOutput<typeof keeperSchema>

export function writeKeeperFile(files: LabFiles, testbed: string, bound: boolean): void {
  const identity = identityOf(process.pid)
  const keeper: KeeperFile = {
    pid: process.pid,
    ...(identity !== undefined && { process: identity }),
    testbed,
    since: new Date().toISOString(),
    bound,
  }
  writeFileSync(`${files.keeper}.new`, JSON.stringify(keeper))
  renameSync(`${files.keeper}.new`, files.keeper)
}

export const removeKeeperFile = (files: LabFiles): void => rmSync(files.keeper, { force: true })

/** The keeper of a lab, if that very process is still there. A file that is damaged, or of an earlier version, tells nothing. */
export function keeperOf(files: LabFiles): KeeperFile | undefined {
  let text: string
  try {
    text = readFileSync(files.keeper, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const read = v.safeParse(keeperSchema, parseJson(text))
  return read.success && isAlive(read.output.pid, read.output.process) ? read.output : undefined
}

/** Was the lab started from this testbed file? One that cannot be found any more is another one. */
export function isKeptFor(keeper: KeeperFile, testbed: string): boolean {
  try {
    return realpathSync(keeper.testbed) === realpathSync(testbed)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return keeper.testbed === testbed
    throw error
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
