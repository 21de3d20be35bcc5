import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { Output } from '../../preload/contract/method.ts'
import type { runs } from '../../preload/contract/runs.ts'
import { useAnew, useApp, useTopic } from './app.ts'

export type RunsList = Output<typeof runs.list>

/** at most so often, however many recordings become others */
const pauseMilliseconds = 500

/** Every recording there is, asked again when one of them became another. */
export function useRunsList(): { readonly list: ShallowRef<RunsList | undefined>; load(): Promise<void> } {
  const { engine, notices } = useApp()
  const list = shallowRef<RunsList>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let again = false
  const load = async () => {
    try {
      list.value = await engine.runs.list({})
    } catch (error) {
      notices.report(error)
    }
  }
  const soon = () => {
    if (timer !== undefined) {
      again = true
      return
    }
    void load()
    timer = setTimeout(() => {
      timer = undefined
      if (!again) return
      again = false
      soon()
    }, pauseMilliseconds)
  }
  useAnew(soon)
  useTopic('runs', soon)
  onScopeDispose(() => clearTimeout(timer))
  return { list, load }
}
