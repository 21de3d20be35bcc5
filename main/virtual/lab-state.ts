import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { virtualMachines } from '../../labs/virtual/topology.ts'
import { UserError, type LoadedTestbed } from '../load-testbed.ts'
import { labDirectory } from '../directories.ts'
import { isKeptFor, keeperOf, type KeeperFile } from './keeper-file.ts'
import { labFiles } from './lab-files.ts'
import type { MachineReport } from './keeper.ts'
import { labIsUp, VirtualLab } from './virtual-lab.ts'

/** What a virtual lab is now: every part of it was asked, or looked for, just now. */
export type LabState =
  | { readonly is: 'up'; readonly machines: readonly MachineReport[] }
  /** its keeper is there and does not answer */
  | { readonly is: 'stuck'; readonly why: string; readonly keeper?: KeeperFile }
  /** its directory is in use by the lab of another testbed file with the same file name */
  | { readonly is: 'another'; readonly keeper: KeeperFile }
  /** `left`: machines that run though nobody keeps them */
  | { readonly is: 'down'; readonly left: readonly { readonly machine: string; readonly pid: number }[] }

export async function labState({ testbed, directory, file }: LoadedTestbed, signal: AbortSignal): Promise<LabState> {
  const files = labFiles(directory)
  const keeper = keeperOf(files)
  if (keeper && !isKeptFor(keeper, file)) return { is: 'another', keeper }
  if (!(await labIsUp(directory))) {
    if (keeper) return { is: 'stuck', why: 'it takes no connections', keeper }
    const left = virtualMachines(testbed).flatMap(({ name }) => {
      const pid = runningMachine(files.machine(name).pid, name)
      return pid === undefined ? [] : [{ machine: name, pid }]
    })
    return { is: 'down', left }
  }
  try {
    const lab = await VirtualLab.attach(directory)
    try {
      return { is: 'up', machines: await lab.status(signal) }
    } finally {
      lab.close()
    }
  } catch (error) {
    signal.throwIfAborted()
    return { is: 'stuck', why: (error as Error).message, ...(keeper && { keeper }) }
  }
}

/**
 * Refuses a lab whose directory the lab of another testbed file uses: a virtual lab's directory is named after its file.
 * @throws UserError
 */
export function refuseAnother({ directory, file }: Pick<LoadedTestbed, 'directory' | 'file'>): void {
  const keeper = keeperOf(labFiles(directory))
  if (!keeper || isKeptFor(keeper, file)) return
  throw new UserError(
    `the lab in ${directory} is up, and was started from ${keeper.testbed}, not from ${file}: end it with ` +
      `"fencelab down ${keeper.testbed}", or give this testbed file another file name`,
  )
}

/** Other labs that are up, by the testbed files they were started from. */
export function otherLabs(directory: string): readonly KeeperFile[] {
  const labs = labDirectory('')
  if (!existsSync(labs)) return []
  return readdirSync(labs).flatMap((name) => {
    const other = join(labs, name)
    return other === directory ? [] : (keeperOf({ ...labFiles(other) }) ?? [])
  })
}

/** QEMU's process, by its pid file, if it is this machine's. */
function runningMachine(pidFile: string, name: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').trim())
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return words.includes(`guest=${name}`) && words.includes(pidFile) ? pid : undefined
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
