/**
 * The value that a JSON pointer points to (RFC 6901: `/outlets/0/state`, `~1` for `/`, `~0` for `~`; the empty pointer
 * is the whole document); undefined where there is none.
 */
export function pointedTo(document: unknown, pointer: string): unknown {
  if (pointer === '') return document
  const steps = pointer.split('/').slice(1)
  return steps.reduce<unknown>((value, step) => {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? (value as unknown[])[Number(key)] : undefined
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    return (value as Record<string, unknown>)[key]
  }, document)
}
