/**
 * The commands that are there in every view: one list for the window's keys and palette, for the system's menu, and for
 * the list of shortcuts. What they do is the interface's business.
 */
export interface StandardCommand {
  /** stays the same over versions */
  readonly id: string
  readonly title: string
  readonly group: 'Go' | 'Lab' | 'Appearance' | 'Help'
  /** as `Ctrl+K`, `Alt+1`, `F1`; several do the same */
  readonly keys?: readonly string[]
  /** also while somebody types into a field or a terminal */
  readonly everywhere?: boolean
}

export const standardCommands = [
  { id: 'palette', title: 'Show all commands', group: 'Help', keys: ['Ctrl+K'] },
  {
    id: 'palette-anywhere',
    title: 'Show all commands, also from a terminal',
    group: 'Help',
    keys: ['Ctrl+Shift+P'],
    everywhere: true,
  },
  { id: 'shortcuts', title: 'Keyboard shortcuts', group: 'Help', keys: ['F1', '?'] },
  { id: 'welcome', title: 'Show the introduction again', group: 'Help' },
  { id: 'view-bench', title: 'Go to Bench', group: 'Go', keys: ['Alt+1'], everywhere: true },
  { id: 'view-table', title: 'Go to Table', group: 'Go', keys: ['Alt+2'], everywhere: true },
  { id: 'view-runs', title: 'Go to Runs', group: 'Go', keys: ['Alt+3'], everywhere: true },
  { id: 'view-keys', title: 'Go to Keys', group: 'Go', keys: ['Alt+4'], everywhere: true },
  { id: 'view-terminals', title: 'Go to Terminals', group: 'Go', keys: ['Alt+5'], everywhere: true },
  { id: 'view-testbeds', title: 'Go to Testbeds', group: 'Go', keys: ['Alt+6'], everywhere: true },
  { id: 'theme-system', title: 'Use system theme', group: 'Appearance' },
  { id: 'theme-light', title: 'Use light theme', group: 'Appearance' },
  { id: 'theme-dark', title: 'Use dark theme', group: 'Appearance' },
  { id: 'lab-start', title: 'Start the lab', group: 'Lab' },
  { id: 'lab-reset', title: 'Back to all green', group: 'Lab' },
  { id: 'lab-stop', title: 'Shut down the lab', group: 'Lab' },
  { id: 'rows-stop', title: 'Stop the rows that are being run', group: 'Lab' },
] as const satisfies readonly StandardCommand[]

export type StandardCommandId = (typeof standardCommands)[number]['id']
