import { reactive, watch } from 'vue'
import * as v from 'valibot'
import { interfaceStateSchema } from '../../preload/contract/system.ts'
import type { EngineClient } from '../rpc/engine-client.ts'

export type Memory = v.InferOutput<typeof interfaceStateSchema>

/** What of the interface survives a restart. Changed like any object; written down by the engine a moment later. */
export interface InterfaceMemory {
  readonly state: Memory
  /** resolves when what was kept is there */
  readonly loaded: Promise<void>
}

const settleMilliseconds = 400

export function interfaceMemory(engine: Pick<EngineClient, 'system'>): InterfaceMemory {
  const state = reactive(v.parse(interfaceStateSchema, {}))
  const untouched = plain(state)
  let timer: ReturnType<typeof setTimeout> | undefined
  // a loss of the connection loses a divider's place and no more: it is written with the next change
  const save = () => {
    clearTimeout(timer)
    timer = undefined
    void engine.system.saveState(plain(state)).catch(() => undefined)
  }
  const loaded = engine.system.loadState({}).then(
    (kept) => {
      const touched = plain(state)
      for (const [name, value] of Object.entries(structuredClone(kept))) {
        // what a person changed before the memory was there stays as it was changed
        if (same(touched[name as keyof Memory], untouched[name as keyof Memory]))
          Object.assign(state, { [name]: value })
      }
      const saveSoon = () => {
        clearTimeout(timer)
        timer = setTimeout(save, settleMilliseconds)
      }
      watch(state, saveSoon, { deep: true })
      if (!same(touched, untouched)) saveSoon()
      // a window that closes does not wait until things settle
      addEventListener('pagehide', () => {
        if (timer !== undefined) save()
      })
    },
    () => undefined,
  )
  return { state, loaded }
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
const plain = (state: Memory): Memory => JSON.parse(JSON.stringify(state)) as Memory
