import type { Menu, MenuItemConstructorOptions } from 'electron'
import { standardCommands, type StandardCommand } from '../../preload/contract/commands.ts'

export interface MenuWishes {
  readonly mac: boolean
  /** developer tools: in a checkout alone */
  readonly tools: boolean
  /** a command of the interface was chosen */
  readonly onCommand: (id: string) => void
}

/** Greys the commands that do not apply now; `applicable` holds the names of those that do. */
export function showApplicable(menu: Pick<Menu, 'getMenuItemById'>, applicable: readonly string[]): void {
  for (const { id } of standardCommands) {
    const item = menu.getMenuItemById(id)
    if (item) item.enabled = applicable.includes(id)
  }
}

/**
 * The system's menu. The interface's commands come from the one list that its keys come from. The keys are shown and not
 * taken: the page knows whether somebody is typing. Keys that a terminal needs (Ctrl+W, Ctrl+R, Ctrl+Q) do nothing here.
 */
export function menuTemplate({ mac, tools, onCommand }: MenuWishes): MenuItemConstructorOptions[] {
  const commandsOf = (group: StandardCommand['group']): MenuItemConstructorOptions[] =>
    (standardCommands as readonly StandardCommand[])
      .filter((command) => command.group === group)
      .map(({ id, title, keys }) => ({
        id,
        label: title,
        ...(keys?.[0] !== undefined && { accelerator: keys[0].replace('Ctrl', 'CommandOrControl') }),
        registerAccelerator: false,
        click: () => onCommand(id),
      }))
  const rule: MenuItemConstructorOptions = { type: 'separator' }
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [mac ? { role: 'close' } : { role: 'quit', label: 'Quit', accelerator: 'CommandOrControl+Shift+Q' }],
    },
    { role: 'editMenu', label: 'Edit' },
    {
      label: 'View',
      submenu: [
        ...commandsOf('Go'),
        rule,
        ...commandsOf('Appearance'),
        rule,
        { role: 'resetZoom', label: 'Actual size' },
        { role: 'zoomIn', label: 'Larger' },
        { role: 'zoomOut', label: 'Smaller' },
        { role: 'togglefullscreen', label: 'Full screen' },
        ...(tools ? [rule, { role: 'toggleDevTools', label: 'Developer tools' } as const] : []),
      ],
    },
    { label: 'Lab', submenu: commandsOf('Lab') },
    { label: 'Help', role: 'help', submenu: commandsOf('Help') },
  ]
}
