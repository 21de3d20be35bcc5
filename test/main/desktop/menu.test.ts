import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it, vi } from 'vitest'
import { menuTemplate, showApplicable } from '../../../main/desktop/menu.ts'
import { standardCommands, type StandardCommand } from '../../../preload/contract/commands.ts'
import { views } from '../../../preload/contract/system.ts'

const items = (template: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])])
const commands: readonly StandardCommand[] = standardCommands

describe('the menu', () => {
  const onCommand = vi.fn()
  const all = items(menuTemplate({ mac: false, tools: false, onCommand }))
  it('has every standard command once, with its key', () => {
    const shown = all.filter(({ id }) => id !== undefined).map(({ id, label, accelerator }) => [id, label, accelerator])
    expect(shown.sort()).toEqual(
      commands.map(({ id, title, keys }) => [id, title, keys?.[0]?.replace('Ctrl', 'CommandOrControl')]).sort(),
    )
  })
  it('tells the page which one was chosen', () => {
    all.find(({ id }) => id === 'view-keys')?.click?.({} as never, undefined, {} as never)
    expect(onCommand.mock.calls).toEqual([['view-keys']])
  })
  it('takes no key from the page, and none that a terminal needs', () => {
    expect(all.filter(({ id, registerAccelerator }) => id !== undefined && registerAccelerator !== false)).toEqual([])
    const taken = all.flatMap(({ accelerator, registerAccelerator }) =>
      typeof accelerator === 'string' && registerAccelerator !== false ? [accelerator] : [],
    )
    expect(taken).toEqual(['CommandOrControl+Shift+Q'])
    // roles with keys of their own that a shell needs, too: reload is Ctrl+R, close is Ctrl+W
    expect(
      all
        .map(({ role }) => role)
        .filter((role) =>
          ['reload', 'forceReload', 'close', 'minimize', 'windowMenu', 'fileMenu', 'viewMenu'].includes(role ?? ''),
        ),
    ).toEqual([])
  })
  it('greys what does not apply, and that alone', () => {
    const shown = new Map(commands.map(({ id }) => [id, { enabled: true }]))
    const menu = { getMenuItemById: (id: string) => (shown.get(id) ?? null) as never }
    showApplicable(
      menu,
      commands.map(({ id }) => id).filter((id) => id !== 'lab-stop'),
    )
    const greyed = () => [...shown].filter(([, { enabled }]) => !enabled).map(([id]) => id)
    expect(greyed()).toEqual(['lab-stop'])
    showApplicable(menu, [...commands.map(({ id }) => id), 'no such command'])
    expect(greyed()).toEqual([])
  })
  it('has developer tools in a checkout alone', () => {
    const tools = (on: boolean) =>
      items(menuTemplate({ mac: false, tools: on, onCommand })).some(({ role }) => role === 'toggleDevTools')
    expect([tools(true), tools(false)]).toEqual([true, false])
  })
})

describe('the list of commands', () => {
  it('leads to every view, in their order', () => {
    expect(commands.filter(({ group }) => group === 'Go').map(({ id, keys }) => [id, keys])).toEqual(
      views.map((view, index) => [`view-${view}`, [`Alt+${index + 1}`]]),
    )
  })
  it('gives no key to two commands', () => {
    const keys = commands.flatMap((command) => command.keys ?? [])
    expect(new Set(keys).size).toBe(keys.length)
  })
})
