import { readFileSync } from 'node:fs'
import { parseProcessStat } from './process-stat.ts'

/**
 * Which process of that number: boot id of this computer and start time (field 22 of /proc/PID/stat). No two processes of
 * a computer share both, however often a number comes round. Undefined where there is no such process, and off Linux.
 */
export function identityOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const { started, state } = parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    // one that has ended, and whose parent has not asked for its status yet
    return state === 'Z' || state === 'X' ? undefined : `${boot} ${started}`
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/**
 * Is this the process that it was?
 * @param identity what `identityOf` gave then; undefined: only the number is known
 */
export function isAlive(pid: number, identity: string | undefined): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return identity === undefined || identity === identityOf(pid)
}
