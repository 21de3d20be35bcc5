import { onScopeDispose, ref, type Ref } from 'vue'

export interface Playback {
  readonly playing: Ref<boolean>
  readonly rate: Ref<number>
  toggle(): void
  stop(): void
}

/** Moves a cursor along at a multiple of the time in which it happened. */
export function usePlayback(
  cursor: Ref<number | undefined>,
  extent: () => { readonly from: number; readonly to: number },
): Playback {
  const playing = ref(false)
  const rate = ref(1)
  let before: number | undefined
  let frame = 0
  const step = (now: number) => {
    if (!playing.value) return
    const { from, to } = extent()
    const at = (cursor.value ?? from) + (before === undefined ? 0 : (now - before) * rate.value)
    before = now
    cursor.value = Math.min(at, to)
    if (at >= to) return stop()
    frame = requestAnimationFrame(step)
  }
  const stop = () => {
    playing.value = false
    cancelAnimationFrame(frame)
  }
  onScopeDispose(stop)
  return {
    playing,
    rate,
    stop,
    toggle() {
      if (playing.value) return stop()
      const { from, to } = extent()
      if (cursor.value === undefined || cursor.value >= to) cursor.value = from
      before = undefined
      playing.value = true
      frame = requestAnimationFrame(step)
    },
  }
}
