/** What every stack's part of a testbed file has. The rest of it is the stack's own: nobody else reads it. */
export interface StackPart {
  /** by which the stack is found among those that there are (labs/stacks/stacks.ts) */
  readonly kind: string
  /** which of its ways to fence; a stack with a single one names that */
  readonly policy: string
}
