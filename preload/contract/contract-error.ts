import * as v from 'valibot'

/** Everything that can go wrong with a call, by a word that a program may act on. People read the message. */
export const errorCodes = [
  /** the request was not as the contract has it: a mistake of the program that sent it */
  'invalid-request',
  'unknown-method',
  /** there is no such run, testbed, terminal, host */
  'not-found',
  /** what a person gave cannot be used: a file, a word, a setting */
  'user',
  /** it cannot be done while something else goes on */
  'busy',
  /** a host could not be reached or used; `data.host`, `data.reason` */
  'host',
  /** a power unit could not be used */
  'power',
  /** the lab is not in the state that this needs */
  'lab',
  /** a recording could not be written or read */
  'recording',
  /** whoever asked, or whoever runs the lab, stopped it */
  'stopped',
  /** the connection to the engine was lost before the answer came */
  'disconnected',
  /** a mistake in the program */
  'internal',
] as const
export type ErrorCode = (typeof errorCodes)[number]

export const errorSchema = v.object({
  code: v.picklist(errorCodes),
  message: v.string(),
  /** where to look, what to do: beside the message, for whoever shows it */
  data: v.exactOptional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
})
export type ErrorData = v.InferOutput<typeof errorSchema>

/** The one error that crosses the boundary, as data. Its message says what happened, where, and what to do. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
  readonly code: ErrorCode
  readonly data: ErrorData['data']

  constructor(code: ErrorCode, message: string, data?: ErrorData['data'], cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
    this.data = data
  }

  toData(): ErrorData {
    return { code: this.code, message: this.message, ...(this.data && { data: this.data }) }
  }

  static from({ code, message, data }: ErrorData): ContractError {
    return new ContractError(code, message, data)
  }
}
