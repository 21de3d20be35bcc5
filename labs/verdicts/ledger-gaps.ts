import type { Write } from '../journal/ledger.ts'

/** a node that writes several times a second has written within so many milliseconds of working */
export const surelyWrites = 2000

/** Wrote it still when the lab stopped waiting? One that hangs in its last write tells of no failure. */
export const wroteUntil = (writes: readonly Write[], end: { readonly at: number } | undefined): boolean =>
  end !== undefined && writes.some(({ issued }) => issued !== undefined && issued.earliest >= end.at - surelyWrites)

/** What is missing, or there twice, in the numbers of a writer, in order: in words. */
export function gaps(numbers: readonly number[]): readonly string[] {
  return numbers.flatMap((number, index) => {
    const before = numbers[index - 1]
    if (before === undefined || number === before + 1) return []
    return [number === before ? `${number} (told twice)` : `${before + 1} to ${number - 1}`]
  })
}
