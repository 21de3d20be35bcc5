/** Closing the window with something injected: asks, heals, then quits. */
import { expect, test, vi } from 'vitest'
import { createClosing, type ClosingParts } from '../../../main/desktop/closing.ts'
import { deferred } from '../../../main/transport/deferred.ts'

function parts(change: Partial<ClosingParts> = {}) {
  const done: string[] = []
  const healed = deferred<string | null>()
  const own: ClosingParts = {
    activity: async () => ['injected by hand: both links cut'],
    ask: vi.fn(async () => 'end' as const),
    askAgain: vi.fn(async () => 'wait' as const),
    heal: () => {
      done.push('heal')
      return healed.promise
    },
    tellProblem: async (problem) => void done.push(`told: ${problem}`),
    quit: () => void done.push('quit'),
    ...change,
  }
  return { own, done, healed, closing: createClosing(own) }
}

test('with nothing going on, nobody is asked; the engine still ends first', async () => {
  const { own, done, healed, closing } = parts({ activity: async () => [] })
  healed.resolve(null)
  await closing.request()
  expect(own.ask).not.toHaveBeenCalled()
  expect(done).toEqual(['heal', 'quit'])
  expect(closing.over).toBe(true)
})

test('with a fault injected the person is asked, sees what it is, and everything is taken back before it ends', async () => {
  const { own, done, healed, closing } = parts()
  const request = closing.request()
  await vi.waitFor(() => expect(done).toEqual(['heal']))
  expect(own.ask).toHaveBeenCalledWith(['injected by hand: both links cut'])
  expect(closing.over).toBe(false)
  healed.resolve(null)
  await request
  expect(done).toEqual(['heal', 'quit'])
})

test('who stays stays, and is asked again the next time', async () => {
  const { own, done, closing } = parts({ ask: vi.fn(async () => 'stay' as const) })
  await closing.request()
  await closing.request()
  expect(own.ask).toHaveBeenCalledTimes(2)
  expect(done).toEqual([])
})

test('closing twice asks once', async () => {
  const answer = deferred<'end' | 'stay'>()
  const { own, closing } = parts({ ask: vi.fn(() => answer.promise) })
  const first = closing.request()
  await closing.request()
  answer.resolve('stay')
  await first
  expect(own.ask).toHaveBeenCalledTimes(1)
})

test('who closes while it heals may wait, or leave at once', async () => {
  const answers: ('wait' | 'leave')[] = ['wait', 'leave']
  const { done, healed, closing } = parts({ askAgain: async () => answers.shift() ?? 'wait' })
  const request = closing.request()
  await vi.waitFor(() => expect(done).toEqual(['heal']))
  await closing.request()
  expect(done).toEqual(['heal'])
  await closing.request()
  expect(done).toEqual(['heal', 'quit'])
  healed.resolve(null)
  await request
  expect(done).toEqual(['heal', 'quit'])
})

test('what could not be taken back is told before it ends', async () => {
  const { done, healed, closing } = parts()
  healed.resolve('nodea cannot be reached')
  await closing.request()
  expect(done).toEqual(['heal', 'told: nodea cannot be reached', 'quit'])
})

test('the system asks nobody: it heals and quits, also while a question is open', async () => {
  const answer = deferred<'end' | 'stay'>()
  const { done, healed, closing } = parts({ ask: () => answer.promise })
  const first = closing.request()
  healed.resolve(null)
  await closing.request({ asking: false })
  answer.resolve('stay')
  await first
  expect(done).toEqual(['heal', 'quit'])
})
