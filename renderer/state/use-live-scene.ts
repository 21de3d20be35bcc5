import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { LiveScene } from '../../preload/contract/lab.ts'
import type { Scene } from '../../labs/replay/scene.ts'
import { useAnew, useApp, useTopic } from './app.ts'

export interface LiveSceneView {
  readonly live: ShallowRef<LiveScene | undefined>
  /** the scene with its moment moved on to now: what was not seen since then grows older by itself */
  readonly scene: ShallowRef<Scene | undefined>
  readonly paused: Ref<boolean>
}

/** between two questions, however much is seen meanwhile: while something happens, and while the lab only goes on */
const askMilliseconds = { eventful: 400, quiet: 1500 }
const tickMilliseconds = 1500

/** What is known of the lab now, for as long as the component is there. Asks when something was seen, not by the clock. */
export function useLiveScene(allViewers: () => boolean): LiveSceneView {
  const { engine, notices, lab } = useApp()
  const live = shallowRef<LiveScene>()
  const scene = shallowRef<Scene>()
  const paused = ref(false)
  let received = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let going = false
  let again = false
  let disposed = false

  async function ask() {
    if (going || paused.value) {
      again = true
      return
    }
    going = true
    again = false
    try {
      const found = await engine.lab.scene({ allViewers: allViewers() })
      if (disposed) return
      live.value = found
      scene.value = found.scene ?? undefined
      received = performance.now()
    } catch (error) {
      notices.report(error)
    } finally {
      going = false
      if (!disposed) {
        clearTimeout(timer)
        timer = setTimeout(() => {
          timer = undefined
          if (again && !document.hidden) void ask()
        }, pause())
      }
    }
  }
  const pause = () =>
    lab.now.lab.state === 'busy' || lab.now.lab.standing.length > 0 ? askMilliseconds.eventful : askMilliseconds.quiet
  const soon = () => {
    again = true
    // while a question goes on or was asked just now, it is asked again afterwards
    if (!going && timer === undefined && !document.hidden) void ask()
  }
  useAnew(() => void ask())
  useTopic('scene', soon)
  watch(
    () => [lab.now.lab.state, allViewers()],
    () => void ask(),
  )
  const ticking = setInterval(() => {
    if (document.hidden || !live.value?.scene || paused.value || performance.now() - received < tickMilliseconds * 0.9)
      return
    scene.value = { ...live.value.scene, at: live.value.scene.at + (performance.now() - received) }
  }, tickMilliseconds)
  const onShow = () => !document.hidden && void ask()
  document.addEventListener('visibilitychange', onShow)
  onScopeDispose(() => {
    disposed = true
    clearTimeout(timer)
    clearInterval(ticking)
    document.removeEventListener('visibilitychange', onShow)
  })
  return { live, scene, paused }
}
