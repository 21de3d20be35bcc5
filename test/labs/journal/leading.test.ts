import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leading } from '../../../labs/journal/leading.ts'

test('counts the leading elements that suit, whatever is guessed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { maxLength: 30 }),
      fc.integer({ min: -1, max: 21 }),
      fc.option(fc.nat(40), { nil: undefined }),
      (numbers, most, guess) => {
        const list = numbers.toSorted((a, b) => a - b)
        expect(leading(list, (number) => number <= most, guess)).toBe(list.filter((number) => number <= most).length)
      },
    ),
  )
})
