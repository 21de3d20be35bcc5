import { shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { RunView } from '../../preload/contract/runs.ts'
import type { EngineClient } from '../rpc/engine-client.ts'
import { seconds } from '../state/words.ts'

/** so many lines are asked for at once */
const count = 500

/** When the events that a verdict rests on were written down, by their numbers: lab time in milliseconds. */
export function useEventTimes(
  engine: EngineClient,
  view: Ref<RunView | undefined>,
): ShallowRef<ReadonlyMap<number, number>> {
  const times = shallowRef<ReadonlyMap<number, number>>(new Map())
  watch(
    () => view.value?.verdict,
    async (verdict) => {
      const run = view.value?.summary.run
      if (!verdict || run === undefined) return
      const wanted = [...Object.values(verdict.nodes), ...verdict.reasons].flatMap(({ events }) => events)
      const found = new Map<number, number>()
      const needed = new Set(wanted)
      let asked = 0
      for (const event of [...needed].sort((a, b) => a - b)) {
        // a verdict rests on few of the lines of a long journal: those between are not asked for
        if (event <= asked) continue
        const { lines } = await engine.runs
          .lines({ run, skip: event - 1, count, types: [], words: '' })
          .catch(() => ({ lines: [] }))
        for (const { seq, at } of lines) if (needed.has(seq)) found.set(seq, at)
        asked = event - 1 + count
      }
      if (view.value?.summary.run === run) times.value = found
    },
    { immediate: true },
  )
  return times
}

export const inWords = (times: ReadonlyMap<number, number>, zero = 0) =>
  new Map([...times].map(([seq, at]) => [seq, seconds(at - zero)]))
