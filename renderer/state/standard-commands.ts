import { onScopeDispose } from 'vue'
import { standardCommands, type StandardCommandId } from '../../preload/contract/commands.ts'
import type { InterfaceState, ViewName } from '../../preload/contract/system.ts'
import { useApp } from './app.ts'
import type { Command } from './commands.ts'

export interface StandardCommands {
  openPalette(): void
  openShortcuts(): void
}

/** What the commands do that are there in every view. Their titles and keys are in the contract. */
export function useStandardCommands({ openPalette, openShortcuts }: StandardCommands): void {
  const { commands, route, memory, engine, notices, lab } = useApp()
  const state = () => lab.now.lab.state
  const go = (view: ViewName): Does => ({ run: () => route.go({ view }) })
  const look = (theme: InterfaceState['theme']): Does => ({ run: () => (memory.state.theme = theme) })
  const does: Readonly<Record<StandardCommandId, Does>> = {
    palette: { run: openPalette },
    'palette-anywhere': { run: openPalette },
    shortcuts: { run: openShortcuts },
    welcome: { run: () => (memory.state.welcomed = false) },
    'view-bench': go('bench'),
    'view-table': go('table'),
    'view-runs': go('runs'),
    'view-keys': go('keys'),
    'view-terminals': go('terminals'),
    'view-testbeds': go('testbeds'),
    'theme-system': look('system'),
    'theme-light': look('light'),
    'theme-dark': look('dark'),
    'lab-start': {
      when: () => lab.now.lab.bed !== null && ['down', 'open', 'failed'].includes(state()),
      run: () => void engine.lab.start({}).catch(notices.report),
    },
    'lab-reset': { when: () => state() === 'green', run: () => void engine.lab.reset({}).catch(notices.report) },
    'lab-stop': {
      when: () => ['green', 'open', 'failed', 'starting'].includes(state()),
      run: () => void engine.lab.stop({}).catch(notices.report),
    },
    'rows-stop': {
      when: () => lab.going.value !== undefined,
      run: () => void engine.control.stop({}).catch(notices.report),
    },
  }
  onScopeDispose(commands.add(standardCommands.map((command) => ({ ...command, ...does[command.id] }))))
}

type Does = Pick<Command, 'run' | 'when'>
