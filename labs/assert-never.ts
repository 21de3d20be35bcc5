/** Closes a switch over a union: the compiler refuses a forgotten case, and a value from outside the types throws. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`)
}
