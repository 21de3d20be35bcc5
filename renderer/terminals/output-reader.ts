import { takenEvery } from '../../preload/contract/terminals.ts'
import type { OutputFrame } from '../../preload/contract/wire.ts'

export interface OutputReaderOptions {
  /** asks for everything since a place */
  readonly attach: (
    from: number,
  ) => Promise<{ readonly from: number; readonly text: string; readonly cleared: boolean }>
  /** gives text to the screen; calls back when it was worked through */
  readonly write: (text: string, done: () => void) => void
  /** what was on the screen is no longer what the engine remembers */
  readonly clear: () => void
  /** so much was taken in: the engine may send on */
  readonly taken: (upTo: number) => void
}

export interface OutputReader {
  /** Takes a frame that the engine sent. */
  frame(frame: Pick<OutputFrame, 'from' | 'text'>): void
  /** Asks for what is missing: at first, and when the connection was lost. */
  attach(): Promise<void>
}

/**
 * Puts a terminal's output together in the right order, whatever was lost on the way, and reports how much of it was
 * worked through: that is what keeps a program from writing faster than it can be shown.
 */
export function outputReader({ attach, write, clear, taken }: OutputReaderOptions): OutputReader {
  let received = 0
  let worked = 0
  let reported = 0
  let attaching: Promise<void> | undefined
  const waiting: Pick<OutputFrame, 'from' | 'text'>[] = []

  function put(text: string): void {
    if (text === '') return
    received += text.length
    const upTo = received
    write(text, () => {
      worked = Math.max(worked, upTo)
      if (worked - reported >= takenEvery || worked === received) {
        reported = worked
        taken(worked)
      }
    })
  }
  function take({ from, text }: Pick<OutputFrame, 'from' | 'text'>): void {
    if (from > received) return void reader.attach()
    put(text.slice(received - from))
  }
  const reader: OutputReader = {
    frame(frame) {
      if (attaching) waiting.push(frame)
      else take(frame)
    },
    attach() {
      attaching ??= attach(received)
        .then(({ from, text, cleared }) => {
          if (cleared || from > received) {
            clear()
            received = from
            worked = from
            reported = from
          }
          put(text.slice(received - from))
        })
        .finally(() => {
          attaching = undefined
          for (const frame of waiting.splice(0)) take(frame)
        })
      return attaching
    },
  }
  return reader
}
