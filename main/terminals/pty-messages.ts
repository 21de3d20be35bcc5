/** characters of one terminal that may be on the way to the engine: a flood must not stand in the way of the others */
export const mostOnTheWay = 32_000

/** What the engine and the process that keeps local terminals say to one another. Both ends are ours. */

export type ToPtys =
  | {
      readonly do: 'open'
      readonly id: string
      readonly argv: readonly string[]
      readonly columns: number
      readonly rows: number
      readonly folder: string
    }
  | { readonly do: 'write'; readonly id: string; readonly text: string }
  | { readonly do: 'resize'; readonly id: string; readonly columns: number; readonly rows: number }
  /** so many characters of its output were taken in */
  | { readonly do: 'taken'; readonly id: string; readonly characters: number }
  | { readonly do: 'close'; readonly id: string }

export type FromPtys =
  | { readonly is: 'opened'; readonly id: string; readonly pid: number }
  | { readonly is: 'output'; readonly id: string; readonly text: string }
  | { readonly is: 'ended'; readonly id: string; readonly code: number | null; readonly signal: number | null }
  | { readonly is: 'failed'; readonly id: string; readonly reason: string }

/** A line to that process. */
export interface PtyLine {
  send(message: ToPtys): void
  onMessage(listener: (message: FromPtys) => void): void
  /** the process ended, wanted or not */
  onEnd(listener: (reason: string) => void): void
  end(): void
}

/** Starts that process: a Node process beside the engine, or a utility process of Electron's. Only this differs. */
export type StartPtys = () => PtyLine
