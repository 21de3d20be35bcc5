import { inject, onScopeDispose, type InjectionKey } from 'vue'
import type { Topic, TopicData } from '../../preload/contract/topics.ts'
import type { Host } from '../host/host.ts'
import type { EngineClient } from '../rpc/engine-client.ts'
import type { Commands } from './commands.ts'
import type { InterfaceMemory } from './interface-memory.ts'
import type { LabView } from './lab-view.ts'
import type { Notices } from './notices.ts'
import type { Route } from './route.ts'

/** What every view works with. Put together once, in main.ts. */
export interface App {
  readonly engine: EngineClient
  readonly host: Host
  readonly memory: InterfaceMemory
  readonly lab: LabView
  readonly notices: Notices
  readonly route: Route
  readonly commands: Commands
}

export const appKey: InjectionKey<App> = Symbol('app')

export function useApp(): App {
  const app = inject(appKey)
  if (!app) throw new Error('no app is provided')
  return app
}

/** Listens for as long as the component is there. */
export function useTopic<T extends Topic>(topic: T, listener: (data: TopicData<T>) => void): void {
  onScopeDispose(useApp().engine.on(topic, listener))
}

/** Runs `ask` now, and whenever events were missed. */
export function useAnew(ask: () => void): void {
  const { engine } = useApp()
  onScopeDispose(engine.onAnew(ask))
  if (engine.state() === 'connected') ask()
}
