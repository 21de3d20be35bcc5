import { UserError, type LoadedTestbed } from '../load-testbed.ts'
import { refuseAnother } from '../virtual/lab-state.ts'
import { labIsUp } from '../virtual/virtual-lab.ts'

/** A command as it is to be typed for this testbed: the one that comes along need not be named. */
export const commandFor = (command: 'up' | 'down' | 'reset', testbed: string): string =>
  `"fencelab ${command}${testbed === 'virtual' ? '' : ` ${testbed}`}"`

/**
 * A virtual lab that is down has no hosts: whoever looks at it is told that, and not that each of them is missing.
 * @param name by which the person called it
 * @throws UserError where it is down; a rack is never refused
 */
export async function requireUp(
  { testbed, directory, file }: Pick<LoadedTestbed, 'testbed' | 'directory' | 'file'>,
  name: string,
): Promise<void> {
  if (!testbed.virtual) return
  refuseAnother({ directory, file })
  if (await labIsUp(directory)) return
  throw new UserError(`the lab "${testbed.name}" is not up: ${commandFor('up', name)} starts it`)
}
