/** Why a power unit could not be used. A program may act on it; people read the message. */
export type PowerErrorCode =
  /** what the testbed or the environment says about the unit cannot be used */
  | 'configuration'
  /** nothing came back: unit off, unreachable, or (SNMP) it does not care for our community */
  | 'no-answer'
  /** it answered, and does not let us */
  | 'refused'
  /** it names itself as another model than the testbed does: on and off might be the other way round */
  | 'wrong-model'
  /** it has no such outlet */
  | 'no-such-outlet'
  /** it answered something else than an answer */
  | 'failed'
  /** it took the command, and the outlet is not in that state */
  | 'not-switched'

/** Something about using the power unit `unit` failed. The message says what, where and what to do about it. */
export class PowerError extends Error {
  override readonly name = 'PowerError'
  readonly code: PowerErrorCode
  readonly unit: string

  constructor(code: PowerErrorCode, unit: string, message: string, more: { cause?: unknown } = {}) {
    super(`${unit}: ${message}`, more.cause === undefined ? {} : { cause: more.cause })
    this.code = code
    this.unit = unit
  }
}
