/** What the window's process and the engine's process say to one another. Both are ours. */

export type ToEngine =
  /** a view wants a line: it comes along as a port */
  | { readonly do: 'connect' }
  /** the line to the process that keeps local terminals: it comes along as a port */
  | { readonly do: 'ptys'; readonly line: number }
  /** what would be lost or left if it ended now? Answered with `activity` */
  | { readonly do: 'tell-activity'; readonly question: number }
  /** take back what runs that were killed left. Answered with `undone` */
  | { readonly do: 'undo' }
  /** take back what is injected, then end. Answered with `ended` */
  | { readonly do: 'end' }

export type FromEngine =
  /** it takes lines. `unfinished`: what earlier runs left injected, in words */
  | { readonly is: 'ready'; readonly unfinished: readonly string[] }
  /** a local terminal is wanted */
  | { readonly is: 'wants-ptys'; readonly line: number }
  | { readonly is: 'activity'; readonly question: number; readonly activity: readonly string[] }
  | { readonly is: 'undone'; readonly ok: boolean; readonly said: readonly string[] }
  /** `problem`: what could not be taken back, in words */
  | { readonly is: 'ended'; readonly problem: string | null }

/** How the engine's process is told what to work with, in its environment. */
export const engineVariables = { testbed: 'FENCELAB_TESTBED' } as const
