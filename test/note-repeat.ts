declare module 'vitest' {
  interface TaskMeta {
    /** each attempt that was repeated, and why; the last lines of `npm test` print and count them */
    repeated?: string[]
  }
}

/** Notes that an attempt of a test is repeated: a repeat that is not counted hides a defect. */
export function noteRepeat(task: { readonly meta: { repeated?: string[] } }, why: string): void {
  task.meta.repeated = [...(task.meta.repeated ?? []), why]
}
