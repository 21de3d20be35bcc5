import { computed, reactive, type ComputedRef } from 'vue'
import type { ControlState } from '../../preload/contract/control.ts'
import type { LabState } from '../../preload/contract/lab.ts'
import type { ConnectionState, EngineClient } from '../rpc/engine-client.ts'
import type { Notices } from './notices.ts'
import { clock } from './words.ts'

/** What the engine last told of the lab and of what is being run. A copy for showing; the truth is the engine's. */
export interface LabView {
  readonly now: {
    connection: ConnectionState
    reason: string
    /** when the connection was lost, by this computer's clock; undefined while it is there, and before the first one */
    lostSince: string | undefined
    lab: LabState
    control: ControlState
  }
  /** place of a node in the testbed, by its name: gives its colour */
  readonly placeOf: ComputedRef<(node: string) => number>
  readonly going: ComputedRef<ControlState['turns'][number] | undefined>
}

const none: LabState = {
  bed: null,
  state: 'closed',
  progress: null,
  error: null,
  connections: [],
  standing: [],
  left: [],
}

export function createLabView(engine: EngineClient, notices: Notices): LabView {
  const now = reactive<LabView['now']>({
    connection: engine.state(),
    reason: '',
    lostSince: undefined,
    lab: none,
    control: { turns: [], progress: null, overall: null, stopping: false },
  })
  const ask = () => {
    engine.lab.state({}).then((state) => (now.lab = state), notices.report)
    engine.control.state({}).then((state) => (now.control = state), notices.report)
  }
  engine.onState((state, reason) => {
    if (state === 'connected') now.lostSince = undefined
    else if (now.connection === 'connected') now.lostSince = clock(new Date().toISOString())
    Object.assign(now, { connection: state, reason })
  })
  engine.onAnew(ask)
  engine.on('lab', (state) => (now.lab = state))
  engine.on('control', (state) => (now.control = state))
  engine.on('notice', ({ kind, text }) => notices.add(kind, text))
  return {
    now,
    placeOf: computed(() => {
      const places = new Map((now.lab.bed?.record.nodes ?? []).map(({ name }, index) => [name, index]))
      return (node: string) => places.get(node) ?? -1
    }),
    going: computed(() => now.control.turns.find(({ state }) => state === 'going' || state === 'healing')),
  }
}
