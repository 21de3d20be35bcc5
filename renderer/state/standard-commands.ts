import { onScopeDispose } from 'vue'
import type { ViewName } from '../../preload/contract/system.ts'
import { useApp } from './app.ts'

export interface StandardCommands {
  readonly tabs: readonly { readonly view: ViewName; readonly title: string }[]
  openPalette(): void
  openShortcuts(): void
}

/** The commands that are there in every view. */
export function useStandardCommands({ tabs, openPalette, openShortcuts }: StandardCommands): void {
  const { commands, route, memory, engine, notices, lab } = useApp()
  const themes = ['system', 'light', 'dark'] as const
  const canStart = () => lab.now.lab.bed !== null && ['down', 'open', 'failed'].includes(lab.now.lab.state)
  onScopeDispose(
    commands.add([
      { id: 'palette', title: 'Show all commands', group: 'Help', keys: ['Ctrl+K'], run: openPalette },
      { id: 'palette-anywhere', title: 'Show all commands, also from a terminal', group: 'Help', keys: ['Ctrl+Shift+P'], everywhere: true, run: openPalette },
      { id: 'shortcuts', title: 'Keyboard shortcuts', group: 'Help', keys: ['F1', '?'], run: openShortcuts },
      { id: 'welcome', title: 'Show the introduction again', group: 'Help', run: () => (memory.state.welcomed = false) },
      ...tabs.map(({ view, title }, index) => ({
        id: `view-${view}`,
        title: `Go to ${title}`,
        group: 'Go',
        keys: [`Alt+${index + 1}`],
        everywhere: true,
        run: () => route.go({ view }),
      })),
      ...themes.map((theme) => ({
        id: `theme-${theme}`,
        title: theme === 'system' ? 'Colours as the system has them' : `${theme === 'light' ? 'Light' : 'Dark'} colours`,
        group: 'Looks',
        run: () => (memory.state.theme = theme),
      })),
      { id: 'lab-start', title: 'Start the lab', group: 'Lab', when: canStart, run: () => void engine.lab.start({}).catch(notices.report) },
      { id: 'lab-reset', title: 'Back to all green', group: 'Lab', when: () => lab.now.lab.state === 'green', run: () => void engine.lab.reset({}).catch(notices.report) },
      {
        id: 'lab-stop',
        title: 'End the lab',
        group: 'Lab',
        when: () => ['green', 'open', 'failed', 'starting'].includes(lab.now.lab.state),
        run: () => void engine.lab.stop({}).catch(notices.report),
      },
      {
        id: 'rows-stop',
        title: 'Stop the rows that are being run',
        group: 'Lab',
        when: () => lab.going.value !== undefined,
        run: () => void engine.control.stop({}).catch(notices.report),
      },
    ]),
  )
}
