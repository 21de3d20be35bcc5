import { expect, test } from 'vitest'
import { deferred } from '../../../main/transport/deferred.ts'
import { soonest } from '../../../main/ssh/soonest.ts'

/** Attempts that end when they are told to. */
function attempts() {
  const made: {
    greeted: () => void
    succeed: (with_: string) => void
    fail: (error: Error) => void
    signal: AbortSignal
  }[] = []
  const discarded: string[] = []
  const stop = new AbortController()
  const open = (everyMs: number) =>
    soonest<string>(
      (signal, greeted) => {
        const end = deferred<string>()
        made.push({ greeted, succeed: end.resolve, fail: end.reject, signal })
        signal.addEventListener('abort', () => end.reject(new Error(`given up: ${String(signal.reason)}`)), {
          once: true,
        })
        return end.promise
      },
      everyMs,
      (late) => discarded.push(late),
      stop.signal,
    )
  const given = () => made.map(({ signal }) => signal.aborted)
  return { made, discarded, stop, open, given }
}
const long = 600_000
const nth = <T>(list: readonly T[], index: number): T => {
  const found = list[index]
  if (found === undefined) throw new Error(`there is no number ${index}`)
  return found
}

test('one attempt that is greeted is the only one', async () => {
  const { made, open } = attempts()
  const opened = open(5)
  nth(made, 0).greeted()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(made).toHaveLength(1)
  nth(made, 0).succeed('first')
  expect(await opened).toBe('first')
})

test('without a word another one begins; the one that is greeted goes on alone', async () => {
  const { made, open, given } = attempts()
  const opened = open(5)
  await expect.poll(() => made.length).toBeGreaterThanOrEqual(3)
  const many = made.length
  nth(made, 1).greeted()
  expect(given()).toEqual(Array.from({ length: many }, (_, index) => index !== 1))
  nth(made, 1).succeed('second')
  expect(await opened).toBe('second')
  expect(made).toHaveLength(many)
})

test('the first that fails by itself ends all of them', async () => {
  const { made, open, given } = attempts()
  const opened = open(5)
  await expect.poll(() => made.length).toBeGreaterThanOrEqual(2)
  nth(made, 0).fail(new Error('refused'))
  await expect(opened).rejects.toThrow('refused')
  const many = made.length
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect([made.length, given().slice(1)]).toEqual([many, Array.from({ length: many - 1 }, () => true)])
})

test('that the one that was greeted fails is told; no other one begins', async () => {
  const { made, open } = attempts()
  const opened = open(long)
  nth(made, 0).greeted()
  nth(made, 0).fail(new Error('not let in'))
  await expect(opened).rejects.toThrow('not let in')
  expect(made).toHaveLength(1)
})

test('whoever stops ends all of them, also before the first', async () => {
  const { made, open, stop, given } = attempts()
  const opened = open(5)
  await expect.poll(() => made.length).toBeGreaterThanOrEqual(2)
  stop.abort('enough')
  await expect(opened).rejects.toThrow('given up: enough')
  expect(given().every(Boolean)).toBe(true)
  await expect(open(long)).rejects.toThrow('given up: enough')
})

test('what comes too late is let go of', async () => {
  const discarded: string[] = []
  const ends = [deferred<string>(), deferred<string>()]
  let begun = 0
  const opened = soonest<string>(
    () => ends[begun++]?.promise ?? deferred<string>().promise,
    5,
    (late) => discarded.push(late),
    new AbortController().signal,
  )
  await expect.poll(() => begun).toBeGreaterThanOrEqual(2)
  nth(ends, 1).resolve('second')
  expect(await opened).toBe('second')
  nth(ends, 0).resolve('first')
  await expect.poll(() => discarded).toEqual(['first'])
})
