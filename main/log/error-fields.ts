export interface ErrorFields {
  readonly name: string
  readonly message: string
  readonly stack?: string
  /** what a program may act on: `code`, `host` and the like, where the error has it */
  readonly [field: string]: unknown
}

/** causes of causes that are followed: an error may be its own */
const deepest = 6

/** An error with its stack and its causes, as fields. Objects that hang on it (sockets, whole results) are left out. */
export function errorFields(error: unknown, depth = 0): ErrorFields | string {
  if (!(error instanceof Error)) return String(error)
  const own = Object.entries(error).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  const others = error instanceof AggregateError ? (error.errors as readonly unknown[]) : []
  return {
    ...Object.fromEntries(own),
    name: error.name,
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(others.length > 0 && depth < deepest && { errors: others.map((one) => errorFields(one, depth + 1)) }),
    ...(error.cause !== undefined && depth < deepest && { cause: errorFields(error.cause, depth + 1) }),
  }
}
