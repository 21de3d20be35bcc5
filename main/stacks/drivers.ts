import type { Testbed } from '../../labs/testbed/testbed.ts'
import { referenceDriver } from './reference/reference-driver.ts'
import type { StackDriver } from './stack-driver.ts'

/** What drives the stacks that there are, one line each. */
const drivers: readonly StackDriver[] = [referenceDriver]

/** What drives the stack of a testbed. @throws Error if this version drives none of that kind */
export function driverOf({ stack: { kind } }: Pick<Testbed, 'stack'>): StackDriver {
  const found = drivers.find(({ pure }) => pure.kind === kind)
  if (!found) throw new Error(`this version of fencelab drives no stack of kind ${kind}`)
  return found
}
