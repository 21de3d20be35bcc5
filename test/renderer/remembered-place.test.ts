// @vitest-environment happy-dom
import { nextTick } from 'vue'
import * as v from 'valibot'
import { expect, test, vi } from 'vitest'
import { interfaceStateSchema } from '../../preload/contract/system.ts'
import { interfaceMemory, type Memory } from '../../renderer/state/interface-memory.ts'
import { createRoute } from '../../renderer/state/route.ts'

/** An engine whose memory comes when the test says so, and which keeps what it is told. */
function slowEngine(kept: Partial<Memory>) {
  const saved: Memory[] = []
  let come: (state: Memory) => void = () => undefined
  const loading = new Promise<Memory>((resolve) => (come = resolve))
  const engine = {
    system: { loadState: () => loading, saveState: async (state: Memory) => void saved.push(state) },
  } as unknown as Parameters<typeof interfaceMemory>[0]
  return { engine, saved, come: () => come(v.parse(interfaceStateSchema, kept)) }
}

test('the window opens where it was left', async () => {
  const { engine, come } = slowEngine({ view: 'runs', run: 'one' })
  const memory = interfaceMemory(engine)
  const route = createRoute(memory)
  come()
  await memory.loaded
  await nextTick()
  expect(route.place).toEqual({ view: 'runs', run: 'one', other: undefined })
})

test('who went somewhere before the memory came is not taken back, and that is what is remembered', async () => {
  const { engine, come } = slowEngine({ view: 'terminals' })
  const memory = interfaceMemory(engine)
  const route = createRoute(memory)
  route.go({ view: 'table' })
  come()
  await memory.loaded
  await nextTick()
  expect(route.place.view).toBe('table')
  expect(memory.state.view).toBe('table')
})

test('who stayed on the first view on purpose stays there, too', async () => {
  const { engine, come } = slowEngine({ view: 'terminals' })
  const memory = interfaceMemory(engine)
  const route = createRoute(memory)
  route.go({ view: 'bench' })
  come()
  await memory.loaded
  await nextTick()
  expect(route.place.view).toBe('bench')
})

test('what was changed before the memory came stays changed; the rest is as it was kept', async () => {
  const { engine, come } = slowEngine({ theme: 'light', welcomed: true })
  const memory = interfaceMemory(engine)
  memory.state.theme = 'dark'
  come()
  await memory.loaded
  expect(memory.state).toMatchObject({ theme: 'dark', welcomed: true })
})

test('a window that closes writes at once what it would have written a moment later', async () => {
  vi.useFakeTimers()
  const { engine, come, saved } = slowEngine({})
  const memory = interfaceMemory(engine)
  come()
  await memory.loaded
  memory.state.theme = 'dark'
  await nextTick()
  expect(saved).toEqual([])
  dispatchEvent(new Event('pagehide'))
  expect(saved.map(({ theme }) => theme)).toEqual(['dark'])
  vi.runAllTimers()
  expect(saved).toHaveLength(1)
  vi.useRealTimers()
})
