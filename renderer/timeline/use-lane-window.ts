import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { LaneWindow, Window } from '../../labs/replay/lane-window.ts'
import type { Viewport } from './viewport.ts'

export type AskWindow = (window: Window, signal: AbortSignal) => Promise<LaneWindow>

export interface LaneWindows {
  /** the last that was given: covers at least what is in view, once it has arrived */
  readonly shown: ShallowRef<LaneWindow | undefined>
}

/**
 * Keeps lanes for what is in view, and for as much on either side: panning and a little zooming draw from what is there,
 * and only then is more asked for. A window in which nothing was gathered serves for every zoom.
 */
export function useLaneWindow(
  ask: Ref<AskWindow>,
  view: Ref<Viewport>,
  width: Ref<number>,
  version: Ref<unknown>,
  report: (error: unknown) => void,
): LaneWindows {
  const shown = shallowRef<LaneWindow>()
  let going: AbortController | undefined
  let wanted: Viewport | undefined
  let fresh = false

  async function load(): Promise<void> {
    const { from, to } = view.value
    if (width.value < 10 || to <= from) return
    going?.abort()
    const own = new AbortController()
    going = own
    fresh = true
    const span = to - from
    wanted = { from: from - span, to: to + span }
    try {
      const found = await ask.value(
        { ...wanted, cells: Math.min(20_000, Math.max(1, Math.round(width.value * 3))) },
        own.signal,
      )
      if (!own.signal.aborted) shown.value = found
    } catch (error) {
      if (!own.signal.aborted) report(error)
    } finally {
      if (going === own) going = undefined
    }
  }

  const suits = () => {
    if (!fresh || !wanted) return false
    const loaded = shown.value
    if (loaded?.complete && !going) return true
    const { from, to } = view.value
    const closer = (wanted.to - wanted.from) / (to - from)
    return from >= wanted.from && to <= wanted.to && closer < 8
  }
  watch([ask, version], () => {
    fresh = false
    void load()
  })
  watch(
    [view, width],
    () => {
      if (!suits()) void load()
    },
    { immediate: true },
  )
  onScopeDispose(() => going?.abort())
  return { shown }
}
