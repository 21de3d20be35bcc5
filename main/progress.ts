/** How long work tells what it is doing. Who shows it (terminal, window) is not its business. */
export interface Progress {
  /** what is being done, in a few words */
  readonly text: string
  /** 0 to 1 over the whole piece of work, where that is known */
  readonly fraction?: number
  /** seconds left, an estimate from earlier measurements */
  readonly secondsLeft?: number
}
export type OnProgress = (progress: Progress) => void
