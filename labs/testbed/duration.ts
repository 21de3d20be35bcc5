import * as v from 'valibot'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const
const says = 'a duration like 200ms, 2s or 1m, or a number of milliseconds'
const longest = units.h

/**
 * Milliseconds of a duration as people write it: `"200ms"`, `"1.5s"`, `"2m"`, or a number that already is milliseconds.
 * Undefined where it is none: no unit is guessed for a text without one, and nothing is zero, below a thousandth of a
 * second or longer than an hour.
 */
export function durationMilliseconds(value: string | number): number | undefined {
  const milliseconds = typeof value === 'number' ? value : ofText(value)
  if (milliseconds === undefined || !Number.isFinite(milliseconds)) return undefined
  const whole = Math.round(milliseconds)
  return Math.abs(whole - milliseconds) < 1e-6 && whole >= 1 && whole <= longest ? whole : undefined
}

function ofText(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h)$/.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * units[unit as keyof typeof units]
}

/** A duration; milliseconds when read. */
export const duration = v.pipe(
  v.union([v.string(), v.number()], says),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const milliseconds = durationMilliseconds(dataset.value)
    if (milliseconds === undefined) {
      addIssue({ message: `${says}; at least 1ms, at most 1h` })
      return NEVER
    }
    return milliseconds
  }),
  v.description(says),
)
