import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { RunView } from '../../preload/contract/runs.ts'
import type { Window } from '../../labs/replay/lane-window.ts'
import { useApp } from '../state/app.ts'
import { wordsOf } from '../state/notices.ts'

/** A run that is open: what it is, and more of it as its journal grows. */
export function useRun(run: Ref<string | undefined>) {
  const { engine } = useApp()
  const view = shallowRef<RunView>()
  const error = ref<string>()
  const loading = ref(false)
  /** changes with everything that makes the time line another */
  const version = ref('')
  let disposed = false

  async function load(name: string) {
    loading.value = true
    try {
      const found = await engine.runs.open({ run: name })
      if (disposed || run.value !== name) return
      view.value = found
      error.value = undefined
      version.value = `${name} ${found.seq} ${found.verdict?.verdict ?? ''}`
    } catch (problem) {
      if (!disposed && run.value === name) error.value = wordsOf(problem)
    } finally {
      loading.value = false
    }
  }
  watch(
    run,
    (name) => {
      view.value = undefined
      error.value = undefined
      if (name !== undefined) void load(name)
    },
    { immediate: true },
  )
  const again = () => {
    if (run.value !== undefined) void load(run.value)
  }
  const disposers = [
    engine.on('grown', (grown) => {
      if (grown.run === run.value) again()
    }),
    engine.on('runs', (changed) => {
      if (changed.run === run.value) again()
    }),
    engine.onAnew(again),
  ]
  onScopeDispose(() => {
    disposed = true
    for (const dispose of disposers) dispose()
  })
  return {
    view,
    error,
    loading,
    version,
    reload: again,
    /** numbers of the nodes, in the order of the testbed */
    ids: computed(() => new Map((view.value?.started?.testbed.nodes ?? []).map(({ name, id }) => [name, id]))),
    ask: computed(() => {
      const name = run.value ?? ''
      return (window: Window, signal: AbortSignal) => engine.runs.window({ run: name, ...window }, { signal })
    }),
  }
}
