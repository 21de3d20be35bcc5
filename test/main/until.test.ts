import { expect, test } from 'vitest'
import { until } from '../../main/until.ts'

const never = new AbortController().signal

test('looks at once, and again until it is so', async () => {
  let looks = 0
  await until(() => (looks += 1) === 3, { signal: never, everyMilliseconds: 1 })
  await until(async () => (looks += 1) === 4, { signal: never, everyMilliseconds: 3_600_000 })
  expect(looks).toBe(4)
})

test('rejects with the reason of the signal: before the first look, during a pause, and of a time limit', async () => {
  const reason = new Error('the recording broke')
  let looks = 0
  const look = () => {
    looks += 1
    return false
  }
  await expect(until(look, { signal: AbortSignal.abort(reason), everyMilliseconds: 1 })).rejects.toBe(reason)
  expect(looks).toBe(0)
  const stop = new AbortController()
  const waiting = until(look, { signal: stop.signal, everyMilliseconds: 3_600_000 })
  await until(() => looks === 1, { signal: never, everyMilliseconds: 1 })
  stop.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  await expect(until(look, { signal: AbortSignal.timeout(5), everyMilliseconds: 3_600_000 })).rejects.toMatchObject({
    name: 'TimeoutError',
  })
})

test('what the condition throws comes out', async () => {
  const error = new Error('cannot look')
  await expect(until(() => Promise.reject(error), { signal: never, everyMilliseconds: 1 })).rejects.toBe(error)
})
