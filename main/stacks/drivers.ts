import type { Testbed } from '../../labs/testbed/testbed.ts'
import { referenceDriver } from './reference/reference-driver.ts'
import type { StackDriver } from './stack-driver.ts'

/** One line a stack: the kind that a testbed names, and what drives it. */
const drivers: Readonly<Record<Testbed['stack']['kind'], StackDriver>> = {
  reference: referenceDriver,
}

/** What drives the stack of a testbed. */
export const driverOf = ({ stack }: Pick<Testbed, 'stack'>): StackDriver => drivers[stack.kind]
