import { list, holds, unknown, violated, type Case, type Finding } from './case.ts'
import { keyOwner } from './final-keys.ts'
import type { KeyReading, Reading } from '../journal/key-tables.ts'

/**
 * What the last looks at a LUN come to: wrong where every viewer sees it wrong; where they differ nobody knows.
 * @param whatIsWrong what one look shows that must not be, in words; undefined where it is right
 * @param words the text where nothing is wrong, and the one where nobody looked
 */
export function byLastLooks<R extends Reading>(
  lun: string,
  looks: readonly R[],
  whatIsWrong: (one: R) => string | undefined,
  { right, nothing }: { readonly right: string; readonly nothing: string },
): Finding {
  const seen = looks.map((look) => ({ look, wrong: whatIsWrong(look) }))
  const events = looks.map(({ seq }) => seq)
  const wrong = seen.filter((one) => one.wrong !== undefined)
  const [first] = wrong
  if (seen.length === 0) return unknown(`${lun}: ${nothing}`)
  if (!first) return holds(`${lun}: ${right}`, events)
  const by = list(wrong.map(({ look }) => look.viewer))
  return wrong.length === seen.length
    ? violated(`${lun}: ${first.wrong}`, events)
    : unknown(`${lun}: ${first.wrong} as ${by} reads it, and other viewers disagree`, events)
}

/** That exactly these keys are registered on a LUN, each once or several times (once for each path), as its last looks show. */
export function exactlyRegistered(
  run: Case,
  lun: string,
  wanted: readonly string[],
  looks: readonly KeyReading[],
): Finding {
  const named = (those: readonly string[]) => list([...new Set(those)].map((key) => keyOwner(run, key)))
  const whatIsWrong = ({ answer: { keys } }: KeyReading): string | undefined => {
    const strangers = keys.filter((key) => !wanted.includes(key))
    const missing = wanted.filter((key) => !keys.includes(key))
    if (strangers.length > 0) return `${named(strangers)} registered`
    return missing.length > 0 ? `${named(missing)} not registered` : undefined
  }
  return byLastLooks(lun, looks, whatIsWrong, {
    right: `exactly ${wanted.join(' ')} registered`,
    nothing: 'no viewer that can be believed got a good answer to READ KEYS in the end',
  })
}
