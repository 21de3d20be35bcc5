import { shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { RunView } from '../../preload/contract/runs.ts'
import type { EngineClient } from '../rpc/engine-client.ts'
import { seconds } from '../state/words.ts'

/** When the events that a verdict rests on were written down, by their numbers: lab time in milliseconds. */
export function useEventTimes(engine: EngineClient, view: Ref<RunView | undefined>): ShallowRef<ReadonlyMap<number, number>> {
  const times = shallowRef<ReadonlyMap<number, number>>(new Map())
  watch(
    () => view.value?.verdict,
    async (verdict) => {
      const run = view.value?.summary.run
      if (!verdict || run === undefined) return
      const wanted = [...Object.values(verdict.nodes), ...verdict.reasons].flatMap(({ events }) => events)
      const first = Math.min(...wanted)
      const last = Math.max(...wanted)
      if (!Number.isFinite(first)) return
      const found = new Map<number, number>()
      const needed = new Set(wanted)
      for (let skip = first - 1; skip < last; skip += 2000) {
        const { lines } = await engine.runs.lines({ run, skip, count: 2000, types: [], words: '' }).catch(() => ({ lines: [] }))
        for (const { seq, at } of lines) if (needed.has(seq)) found.set(seq, at)
      }
      if (view.value?.summary.run === run) times.value = found
    },
    { immediate: true },
  )
  return times
}

export const inWords = (times: ReadonlyMap<number, number>, zero = 0) => new Map([...times].map(([seq, at]) => [seq, seconds(at - zero)]))
