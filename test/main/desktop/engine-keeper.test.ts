/** The window's process and the engine's: what is said, and what happens when one of them is gone. */
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EngineKeeper, type EngineParts } from '../../../main/desktop/engine-keeper.ts'
import type { FromEngine, ToEngine } from '../../../main/desktop/engine-messages.ts'

class Engine extends EventEmitter {
  readonly pid = 7
  readonly told: [ToEngine, unknown[]][] = []
  readonly kill = vi.fn(() => true)
  postMessage = (message: ToEngine, ports: unknown[] = []) => void this.told.push([message, ports])
  says = (message: FromEngine) => this.emit('message', message)
}

let engines: Engine[]
let parts: { [Name in keyof EngineParts]: ReturnType<typeof vi.fn> }
let keeper: EngineKeeper
let pairs = 0
const last = () => engines.at(-1) as Engine
beforeEach(() => {
  vi.useFakeTimers()
  engines = []
  pairs = 0
  parts = {
    fork: vi.fn(() => {
      engines.push(new Engine())
      return last()
    }),
    startPtys: vi.fn(),
    channel: vi.fn(() => {
      pairs += 1
      return { port1: `a${pairs}`, port2: `b${pairs}` }
    }),
    onUnfinished: vi.fn(),
    onUndone: vi.fn(),
    onEnded: vi.fn(),
  }
  keeper = new EngineKeeper(parts as unknown as EngineParts)
  keeper.start()
})
afterEach(() => vi.useRealTimers())
const ready = () => last().says({ is: 'ready', unfinished: [] })

test('a view gets a line to the engine, and none before there is one', () => {
  expect(keeper.line()).toBeUndefined()
  ready()
  expect(keeper.line()).toBe('a1')
  expect(last().told).toEqual([[{ do: 'connect' }, ['b1']]])
})

test('an engine that broke is started again, later each time; lines go to the new one', () => {
  ready()
  last().emit('exit', 9)
  expect(parts.onEnded).toHaveBeenCalledWith(expect.stringContaining('9'))
  expect(keeper.line()).toBeUndefined()
  vi.advanceTimersByTime(500)
  expect(engines).toHaveLength(2)
  last().emit('exit', 9)
  vi.advanceTimersByTime(500)
  expect(engines).toHaveLength(2)
  vi.advanceTimersByTime(500)
  expect(engines).toHaveLength(3)
  ready()
  expect(keeper.line()).toBe('a1')
  expect(last().told).toHaveLength(1)
})

test('one that stayed a while is started again at once, however often it broke before', () => {
  for (const pause of [500, 1000, 2000]) {
    last().emit('exit', 1)
    vi.advanceTimersByTime(pause)
  }
  vi.advanceTimersByTime(61_000)
  last().emit('exit', 1)
  vi.advanceTimersByTime(500)
  expect(engines).toHaveLength(5)
})

test('what earlier runs left is told, and taken back when that is asked for', () => {
  last().says({ is: 'ready', unfinished: ['priv1 of nodea is down'] })
  expect(parts.onUnfinished).toHaveBeenCalledWith(['priv1 of nodea is down'])
  keeper.undo()
  expect(last().told).toEqual([[{ do: 'undo' }, []]])
  last().says({ is: 'undone', ok: true, said: ['undone: priv1'] })
  expect(parts.onUndone).toHaveBeenCalledWith(true, ['undone: priv1'])
})

test('local terminals get a process, and the engine a line to it', () => {
  last().says({ is: 'wants-ptys', line: 3 })
  expect(parts.startPtys).toHaveBeenCalledWith('a1')
  expect(last().told).toEqual([[{ do: 'ptys', line: 3 }, ['b1']]])
})

test('what goes on is asked for; each answer belongs to its question', async () => {
  ready()
  const [first, second] = [keeper.activity(), keeper.activity()]
  last().says({ is: 'activity', question: 2, activity: ['two'] })
  last().says({ is: 'activity', question: 1, activity: ['one'] })
  expect(await Promise.all([first, second])).toEqual([['one'], ['two']])
})

test('an engine that hangs is no reason to be silent', async () => {
  ready()
  const activity = keeper.activity()
  vi.advanceTimersByTime(3000)
  expect(await activity).toEqual([expect.stringContaining('does not answer')])
})

test('an engine that is gone injects nothing', async () => {
  ready()
  const activity = keeper.activity()
  last().emit('exit', 1)
  expect(await activity).toEqual([])
})

test('it ends when everything is taken back, and is not started again', async () => {
  ready()
  const ended = keeper.end()
  expect(last().told).toEqual([[{ do: 'end' }, []]])
  last().says({ is: 'ended', problem: null })
  expect(await ended).toBeNull()
  last().emit('exit', 0)
  vi.advanceTimersByTime(60_000)
  expect(engines).toHaveLength(1)
})

test('what could not be taken back is told; so is an engine that broke over it', async () => {
  ready()
  const ended = keeper.end()
  last().says({ is: 'ended', problem: 'nodea cannot be reached' })
  expect(await ended).toBe('nodea cannot be reached')
  const other = new EngineKeeper(parts as unknown as EngineParts)
  other.start()
  const broken = other.end()
  last().emit('exit', 139)
  expect(await broken).toMatch(/139 before everything was taken back/)
})
