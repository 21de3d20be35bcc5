import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { Scene } from '../../labs/replay/scene.ts'
import { useApp } from '../state/app.ts'

/**
 * What was known of the lab at a cursor. While one question is under way the cursor may move on: then the next question
 * is about where it is by then, so that dragging never piles them up.
 */
export function useScene(
  run: Ref<string | undefined>,
  at: Ref<number | undefined>,
  version: Ref<unknown>,
): ShallowRef<Scene | undefined> {
  const { engine, notices } = useApp()
  const scene = shallowRef<Scene>()
  let going = false
  let again = false
  let disposed = false
  async function ask() {
    if (going) {
      again = true
      return
    }
    const [name, moment] = [run.value, at.value]
    if (name === undefined || moment === undefined) return
    going = true
    try {
      const found = await engine.runs.scene({ run: name, at: moment, allViewers: true })
      if (!disposed && run.value === name) scene.value = found
    } catch (error) {
      notices.report(error)
    } finally {
      going = false
      if (again && !disposed) {
        again = false
        void ask()
      }
    }
  }
  watch([run, at, version], () => void ask(), { immediate: true })
  onScopeDispose(() => (disposed = true))
  return scene
}
