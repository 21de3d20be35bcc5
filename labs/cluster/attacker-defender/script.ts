/**
 * The published scripts, line by line (EXPRESSCLUSTER/SCSI-PR, `Linux Scripts/attacker.sh` and `defender.sh` of November
 * 2020, `Windows Scripts/attacker.ps1` and `defender.ps1`): which commands in which order, what counts as success, and how
 * they look for their reservation. Their faults are part of it.
 *
 * - A step that fails changes nothing; only the check decides.
 * - REGISTER counts as success on exit 0 and 2. 2 is NOT READY; the conflict that a registered nexus gets is 24.
 * - A unit attention (6) is a failure like any other and is not tried again, not even for the check.
 * - The check greps for the key and the type's words, so it finds longer keys and longer names of types, too.
 */
import { ecxDownKey } from '../../scsi/key-codec.ts'
import { typeWords } from '../../scsi/reservation-type.ts'
import type { ClusterConfig, ClusterNode } from '../config.ts'
import type { DiskAnswer, DiskOperation } from '../disk.ts'

export type ScriptStep = 'register' | 'clear' | 'reserve' | 'check' | 'read-keys' | 'down-key'

export interface Script {
  readonly windows: boolean
  /** of the shared disk */
  readonly type: number
  /** milliseconds between wiping the registrations and reserving */
  readonly attackWait: number
  readonly defendInterval: number
  readonly rounds: number
  /** of a defender that goes on; Windows dies with the second in a row */
  readonly missesAllowed: number
  readonly key: string
  readonly downKey: string
}

export function scriptOf(config: ClusterConfig, self: ClusterNode): Script {
  const { parameters, timings } = config
  const windows = parameters.variant === 'windows'
  return {
    windows,
    type: parameters.reservationType ?? (windows ? 1 : 3),
    attackWait: timings.attackWait ?? (windows ? 10_000 : 7000),
    defendInterval: timings.defendInterval,
    rounds: parameters.rounds,
    missesAllowed: windows ? 1 : 0,
    key: self.keys.data,
    downKey: ecxDownKey(self.id + 1),
  }
}

/** Before the first round. */
export const attackerBegins = (script: Script): readonly ScriptStep[] => register(script)
/** Up to the wait. */
export const attackerWipes = (script: Script): readonly ScriptStep[] => ['clear', ...register(script)]
export const attackerTakes: readonly ScriptStep[] = ['reserve', 'check']
/** Windows looks first whether this node lost before and is on its way down. */
export const defenderBegins = (script: Script): readonly ScriptStep[] => (script.windows ? ['read-keys'] : ['register'])
export const defenderKeeps = (script: Script): readonly ScriptStep[] =>
  script.windows ? ['register', 'reserve', 'check'] : ['clear', 'register', 'reserve', 'check']
/** Windows, after losing: the node says that it goes down. */
export const defenderGoesDown: readonly ScriptStep[] = ['read-keys', 'down-key']

/** The attacker on Windows gives back the down key of an earlier life, if it finds it. */
function register(script: Script): readonly ScriptStep[] {
  return script.windows ? ['read-keys', 'register'] : ['register']
}

/** @param seen registrations that the last read-keys found on this disk; none if it failed or was not asked */
export function operationOf(script: Script, step: ScriptStep, seen: readonly string[]): DiskOperation {
  const { key, downKey, type } = script
  switch (step) {
    case 'register':
      return { kind: 'register', key, ...(hasKey(seen, downKey) && { from: downKey }) }
    case 'clear':
      return { kind: 'clear', key }
    case 'reserve':
      return { kind: 'reserve', key, type }
    case 'check':
      return { kind: 'read-reservation' }
    case 'read-keys':
      return { kind: 'read-keys' }
    case 'down-key':
      return { kind: 'register', key: downKey, ...(hasKey(seen, key) && { from: key }) }
  }
}

/** `findstr`: the digits anywhere in a line. */
export function hasKey(keys: readonly string[], key: string): boolean {
  return keys.some((one) => one.includes(key.slice(2)))
}

/** What the scripts call a success, by the exit status alone. */
export function succeeded(step: ScriptStep, answer: DiskAnswer): boolean {
  return answer.exit === 0 || (step === 'register' && answer.exit === 2)
}

/** Linux: `sg_persist -r DEV | grep -A 1 KEY | grep 'Exclusive Access'`. Windows: `| findstr KEY`. */
export function findsReservation(script: Script, answer: DiskAnswer): boolean {
  if (answer.result !== 'good' || !answer.reservation) return false
  const { key, type } = answer.reservation
  return key.includes(script.key.slice(2)) && (script.windows || typeWords(type).includes(typeWords(script.type)))
}
