import { reactive, watch } from 'vue'
import { views, type ViewName } from '../../preload/contract/system.ts'
import type { InterfaceMemory } from './interface-memory.ts'

/** Where the window is. `run` and `other` say what the view of runs shows: the list, one run, or two side by side. */
export interface Place {
  view: ViewName
  run: string | undefined
  other: string | undefined
}

export interface Route {
  readonly place: Place
  go(place: { readonly view: ViewName; readonly run?: string; readonly other?: string }): void
}

/** The window's place, with the browser's way back and forth. */
export function createRoute(memory: InterfaceMemory): Route {
  const place = reactive<Place>({ view: 'bench', run: undefined, other: undefined })
  const set = ({ view, run, other }: { view: ViewName; run?: string | undefined; other?: string | undefined }) =>
    Object.assign(place, { view, run, other })
  const remember = () => {
    memory.state.view = place.view
    if (place.run === undefined) delete memory.state.run
    else memory.state.run = place.run
  }
  let gone = false
  history.replaceState({ ...place }, '')
  void memory.loaded.then(() => {
    // who went somewhere before the memory was there is not taken back
    if (gone) remember()
    else {
      set({ view: memory.state.view, run: memory.state.run })
      history.replaceState({ ...place }, '')
    }
    watch(place, remember)
  })
  addEventListener('popstate', ({ state }) => {
    if (!isPlace(state)) return
    gone = true
    set(state)
  })
  return {
    place,
    go({ view, run, other }) {
      gone = true
      if (view === place.view && run === place.run && other === place.other) return
      set({ view, run, other })
      history.pushState({ ...place }, '')
    },
  }
}

function isPlace(state: unknown): state is Place {
  return (
    typeof state === 'object' && state !== null && 'view' in state && (views as readonly unknown[]).includes(state.view)
  )
}
