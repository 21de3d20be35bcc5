import type { TestbedRecord } from '../journal/event.ts'
import type { Stack, StackPart } from './stack.ts'
import { stacks } from './stacks.ts'

/** The stack of a testbed. @throws Error if this version has none of that kind */
export function stackOf({ stack: { kind } }: { readonly stack: Pick<StackPart, 'kind'> }): Stack {
  const found = stacks.find((stack) => stack.kind === kind)
  if (!found) throw new Error(`this version of fencelab knows no stack of kind ${kind}`)
  return found
}

/** The stack that a recording names; undefined where this version does not know it: what it did is then not known either. */
export const recordedStack = ({ stack: { kind } }: Pick<TestbedRecord, 'stack'>): Stack | undefined =>
  stacks.find((stack) => stack.kind === kind)
