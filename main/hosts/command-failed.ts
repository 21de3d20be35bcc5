import { commandLine } from '../transport/quote.ts'
import { environmentRefusal } from './environment-refusal.ts'

export interface FailedCommand {
  readonly host: string
  readonly purpose: string
  readonly argv: readonly string[]
  readonly exit: number | null
  readonly signal: string | null
  readonly expected: readonly number[]
  /** what it wrote on its standard error, or, where that is empty, on its standard output */
  readonly said: string
  /** sequence number of the recorded command */
  readonly event: number | undefined
}

/** lines of what the command said that go into the message */
const tailLines = 8

/** A command ran to its end, and the end was none of the expected ones. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly host: string
  readonly argv: readonly string[]
  readonly exit: number | null
  readonly signal: string | null
  readonly expected: readonly number[]
  readonly stderrTail: string
  readonly event?: number

  constructor(failed: FailedCommand) {
    const tail = failed.said.trimEnd().split('\n').slice(-tailLines).join('\n')
    const ended = failed.exit === null ? `by signal ${failed.signal ?? '(unknown)'}` : `with exit ${failed.exit}`
    const refusal = environmentRefusal(failed.argv, { exit: failed.exit, stderr: failed.said })
    super(
      `${failed.host}: ${failed.purpose}: '${commandLine(failed.argv)}' ended ${ended}, expected ` +
        `${failed.expected.join(' or ') || 'any exit'}. ${tail === '' ? 'It said nothing' : `It said: ${tail}`}` +
        (refusal === undefined ? '' : `. That is: ${refusal}`),
    )
    this.host = failed.host
    this.argv = failed.argv
    this.exit = failed.exit
    this.signal = failed.signal
    this.expected = failed.expected
    this.stderrTail = tail
    if (failed.event !== undefined) this.event = failed.event
  }
}
