/** Plans of faults for tests, and what is in them. */
import { faultNamed } from '../../../labs/faults/faults.ts'
import type {
  CommandAction,
  CommandCheck,
  FaultAction,
  FaultCheck,
  FaultPlan,
  Found,
} from '../../../labs/faults/fault.ts'
import type { Testbed } from '../../../labs/testbed/testbed.ts'
import { exampleText, read } from '../testbed/example.ts'

export const virtual = read(exampleText('virtual.yaml'))
export const four = read(exampleText('virtual-four.yaml'))
export const rack = read(exampleText('rack-example.yaml'))

/** what the engine finds out before it plans */
export const found = { process: 4711, monitorCommand: ['node', 'monitor'] }
const context = { id: 'run-1-cut', deadManSeconds: 30 }

export function plan(
  name: string,
  target: Readonly<Record<string, string>>,
  more: Partial<typeof found> = {},
  testbed: Testbed = virtual,
): FaultPlan {
  const fault = faultNamed(name)
  if (!fault) throw new Error(`no fault ${name}`)
  return fault.plan(testbed, target, { ...context, ...more })
}

/** A target for each fault on the testbed of the virtual lab. */
export const targets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'private-link-down': { node: 'nodea', link: 'priv2' },
  'cable-pulled': { node: 'nodea', link: 'priv2' },
  'private-link-mute': { node: 'nodea', link: 'priv2' },
  'private-network-off': { link: 'priv2' },
  partition: { side: 'nodea' },
  'vm-freeze': { node: 'nodeb' },
  'node-starved': { node: 'nodeb' },
  'node-crash': { node: 'nodeb' },
  'node-power-off': { node: 'nodeb' },
  'array-power-off': { array: 'array2' },
  'keys-cleared': { lun: 'coord2' },
  'storage-port-closed': { node: 'nodeb' },
}

export const isCommand = (action: FaultAction): action is CommandAction => action.kind === 'command'
export const commandsOf = (actions: readonly FaultAction[]) => actions.filter(isCommand)
const isCommandCheck = (check: FaultCheck): check is CommandCheck => check.kind === 'command'
export const questionsOf = (checks: readonly FaultCheck[]) => checks.filter(isCommandCheck)

/** The host and the words of each question that is a command. */
export const asked = (checks: readonly FaultCheck[]) => questionsOf(checks).map(({ host, argv }) => [host, ...argv])

/** What the check of that number makes of an answer. */
export function answers(
  checks: readonly FaultCheck[],
  index: number,
  exit: number | null,
  stdout = '',
  stderr = '',
): Found | undefined {
  const check = checks[index]
  return check && isCommandCheck(check) ? check.read({ exit, stdout, stderr }) : undefined
}
