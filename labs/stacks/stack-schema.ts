import * as v from 'valibot'
import type { StackPart } from './stack.ts'
import { stacks } from './stacks.ts'

const says = `a mapping with kind: ${stacks.map(({ kind }) => kind).join(' or ')}`
/** What says that it is none of the kinds that there are. */
const anyKind = v.variant(
  'kind',
  stacks.map(({ kind }) => v.object({ kind: v.literal(kind), policy: v.string() })),
  says,
)

/** The fencing stack under test, read by the schema of the stack of its kind. */
export const stackSchema: v.GenericSchema<unknown, StackPart> = v.pipe(
  v.lazy((input): v.GenericSchema<unknown, StackPart> => {
    const named = (input as { readonly kind?: unknown } | null | undefined)?.kind
    return stacks.find(({ kind }) => kind === named)?.schema ?? anyKind
  }),
  v.description(says),
)
