import { referenceStack } from './reference/reference-stack.ts'
import type { Stack } from './stack.ts'

/** The stacks that there are, one line each. */
export const stacks: readonly Stack[] = [referenceStack]
