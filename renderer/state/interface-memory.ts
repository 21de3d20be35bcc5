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

export function interfaceMemory(engine: EngineClient): InterfaceMemory {
  const state = reactive(v.parse(interfaceStateSchema, {}))
  let timer: ReturnType<typeof setTimeout> | undefined
  const loaded = engine.system.loadState({}).then(
    (kept) => {
      Object.assign(state, structuredClone(kept))
      watch(
        state,
        () => {
          clearTimeout(timer)
          // a loss of the connection loses a divider's place and no more: it is written with the next change
          timer = setTimeout(() => void engine.system.saveState(plain(state)).catch(() => undefined), settleMilliseconds)
        },
        { deep: true },
      )
    },
    () => undefined,
  )
  return { state, loaded }
}

const plain = (state: Memory): Memory => JSON.parse(JSON.stringify(state)) as Memory
