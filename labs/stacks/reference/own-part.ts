import type { StackPart } from '../stack.ts'
import type { ReferencePart } from './part-schema.ts'

/** The part of a testbed that is the reference cluster's own, as its schema read it. @throws Error for another stack's */
export function ownPart(part: StackPart): ReferencePart {
  if (part.kind !== 'reference') throw new Error(`the reference cluster was asked about a stack of kind ${part.kind}`)
  return part as ReferencePart
}
