import { expect, test } from 'vitest'
import { didYouMean, oneOf } from '../../../labs/testbed/did-you-mean.ts'

test.each([
  ['adress', ['address', 'alias', 'port'], 'address'],
  ['known_hosts', ['key', 'knownHosts'], 'knownHosts'],
  ['nodes', ['node', 'observer'], 'node'],
  ['arary1', ['array2', 'array1'], 'array1'],
  ['id', ['id', 'ids'], 'id'],
  ['entirely', ['different'], undefined],
  ['x', [], undefined],
  ['', ['a', 'abc'], 'a'],
])('%s among %j: %s', (given, known, meant) => {
  expect(didYouMean(given, known)).toBe(meant)
})

test('a very long word is answered at once', () => {
  const began = performance.now()
  expect(didYouMean('x'.repeat(2_000_000), ['hosts', 'links'])).toBeUndefined()
  expect(performance.now() - began).toBeLessThan(1000)
})

test('what may stand there, in words', () => {
  expect([oneOf(['a1', 'b1'], 'a2'), oneOf(['alpha', 'beta'], 'gamma-ray'), oneOf([], 'x')]).toEqual([
    'one of a1, b1; did you mean "a1"?',
    'one of alpha, beta',
    'none is declared',
  ])
})
