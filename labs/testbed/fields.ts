import * as v from 'valibot'

/**
 * How the schema of a testbed says things. valibot has one text for each issue; here that text is always what was
 * *expected* ("a port, 1 to 65535"), because what was *found* is in the issue itself. `schema-findings.ts` joins them.
 */
type Field = v.GenericSchema<unknown, unknown>

/** A mapping with exactly these keys. */
export function fields<const E extends v.ObjectEntries>(entries: E) {
  const known = Object.keys(entries)
  const schema = v.strictObject(entries, (issue) => {
    // An unknown key: the text is the keys there are (the reader of issues takes it apart again).
    if (issue.expected === 'never') return known.join(', ')
    const missing = /^"(.*)"$/.exec(issue.expected ?? '')?.[1]
    if (missing === undefined) return `a mapping with ${known.join(', ')}`
    return expectation(entries[missing] as Field | undefined)
  })
  return noList(schema)
}

/** To valibot a list is an object, too: without this `power: []` would be a mapping without entries. */
function noList<S extends Field>(schema: S): S {
  return {
    ...schema,
    '~run'(dataset, config) {
      return (Array.isArray(dataset.value) ? refusedList : schema)['~run'](dataset, config)
    },
  }
}
const refusedList = v.custom<never>(() => false, 'a mapping')

/** A mapping whose keys are names given by whoever writes the file, all with the same kind of value. */
export function named<S extends Field>(what: string, value: S) {
  const says = `a mapping from names to ${what}`
  return v.pipe(noList(v.record(name, value, says)), v.description(says))
}

/** One value or a list of them; always a list when read. */
export function oneOrMany<T>(item: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, readonly T[]> {
  const says = `${expectation(item)}, or a list of such`
  const many = v.pipe(v.array(item, says), v.minLength(1, says))
  const one = v.pipe(
    item,
    v.transform((value) => [value]),
  )
  return v.pipe(
    v.lazy((input): v.GenericSchema<unknown, readonly T[]> => (Array.isArray(input) ? many : one)),
    v.description(says),
  )
}

/** Text of a certain form; `says` is what an error expects. */
export function textLike(pattern: RegExp, says: string) {
  return v.pipe(v.string(says), v.regex(pattern, says), v.description(says))
}

/** One of a few words. */
export function word<const W extends readonly string[]>(words: W) {
  const says = `one of ${words.join(', ')}`
  return v.pipe(v.picklist(words, says), v.description(says))
}

/** A whole number from `least` to `most`, in `unit`. */
export function whole(least: number, most: number, unit: string) {
  const says = `${unit}, a whole number from ${least} to ${most}`
  return v.pipe(v.number(says), v.integer(says), v.minValue(least, says), v.maxValue(most, says), v.description(says))
}

/** What a schema expects, in words. */
export function expectation(schema: Field | undefined): string {
  return (schema && v.getDescription(schema as v.GenericSchema)) ?? 'a value'
}

/**
 * Names start with a letter: JavaScript moves keys that look like numbers to the front of an object, and the order of
 * the coordination LUNs in the file is the order of the race. No `/` and no `.`: `pdu1/3` is outlet 3 of `pdu1`, and
 * names become names of files.
 */
export const name = textLike(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'a name: a letter, then letters, digits, - or _')

export const freeText = v.pipe(v.string('text'), v.minLength(1, 'text'), v.description('text'))
export const yesOrNo = v.pipe(v.boolean('true or false'), v.description('true or false'))
/** A command as a list of arguments; it is never given to a shell as one text. */
export const argumentList = (() => {
  const says = 'a command as a list of its arguments, like [ipmitool, sol, activate]'
  return v.pipe(v.array(v.string('text'), says), v.minLength(1, says), v.description(says))
})()
