import { computed, reactive, shallowReactive, watch, type ComputedRef } from 'vue'
import type { Terminal as About } from '../../preload/contract/terminals.ts'
import type { App } from '../state/app.ts'
import { leaves, newTab, readTabs, reconciled, withSplit, without, type Tab } from './pane-tree.ts'
import { outputReader, type OutputReader } from './output-reader.ts'
import { createScreen, type Screen } from './screen.ts'

export interface OpenTerminal {
  readonly about: About
  readonly screen: Screen
  readonly reader: OutputReader
  /** what the program calls itself */
  title: string
}

export interface TerminalStore {
  readonly terminals: Map<string, OpenTerminal>
  readonly layout: { tabs: readonly Tab[]; at: string | undefined; searching: boolean }
  readonly shown: ComputedRef<Tab | undefined>
  open(
    what: { readonly host?: string; readonly program?: string; readonly argv?: readonly string[] },
    where?: 'tab' | 'row' | 'column',
  ): Promise<void>
  close(id: string): void
  focus(id: string): void
  dispose(): void
}

const firstSize = { columns: 100, rows: 30 }

/** The terminals of this window: their screens, and where they stand. */
export function createTerminalStore({ engine, notices, memory, host }: App): TerminalStore {
  const terminals = shallowReactive(new Map<string, OpenTerminal>())
  const layout = reactive<TerminalStore['layout']>({
    tabs: readTabs(memory.state.terminalLayout),
    at: undefined,
    searching: false,
  })
  const shown = computed(() => layout.tabs.find(({ id }) => id === layout.at) ?? layout.tabs[0])

  function add(about: About): OpenTerminal {
    const { id } = about
    const screen = createScreen({
      fontSize: memory.state.terminal.fontSize,
      scrollback: memory.state.terminal.scrollback,
      // a program that ended hears nothing, and the connection may be lost: then nothing can be typed
      onInput: (text) => void engine.terminals.write({ id, text }).catch(notices.report),
      onResize: (columns, rows) => void engine.terminals.resize({ id, columns, rows }).catch(() => undefined),
      onTitle: (title) => {
        const found = terminals.get(id)
        if (found) terminals.set(id, { ...found, title })
      },
      openLink: (address) => host.openExternal(address),
      onShortcut,
    })
    const reader = outputReader({
      attach: (from) => engine.terminals.attach({ id, from }),
      write: (text, done) => screen.terminal.write(text, done),
      clear: () => screen.terminal.reset(),
      taken: (upTo) => engine.taken(id, upTo),
    })
    const made: OpenTerminal = { about, screen, reader, title: '' }
    terminals.set(id, made)
    reader.attach().catch(notices.report)
    return made
  }

  async function refresh(): Promise<void> {
    const { terminals: present } = await engine.terminals.list({})
    for (const about of present) {
      const found = terminals.get(about.id)
      if (found) terminals.set(about.id, { ...found, about })
      else add(about)
    }
    for (const [id, { screen }] of [...terminals]) {
      if (present.some((one) => one.id === id)) continue
      screen.dispose()
      terminals.delete(id)
    }
    setTabs(
      reconciled(
        layout.tabs,
        present.map(({ id }) => id),
      ),
    )
  }
  function setTabs(tabs: readonly Tab[]): void {
    layout.tabs = tabs
    if (!tabs.some(({ id }) => id === layout.at)) layout.at = tabs.at(-1)?.id
    memory.state.terminalLayout = JSON.stringify(tabs)
  }

  function onShortcut(letter: string): boolean {
    const focus = shown.value?.focus
    const about = focus === undefined ? undefined : terminals.get(focus)?.about
    const same = about && {
      ...(about.host !== undefined && { host: about.host }),
      ...(about.argv && { argv: about.argv }),
    }
    switch (letter) {
      case 'F':
        layout.searching = true
        return true
      case 'E':
        if (same) void store.open(same, 'row').catch(notices.report)
        return true
      case 'O':
        if (same) void store.open(same, 'column').catch(notices.report)
        return true
      case 'W':
        if (focus !== undefined) store.close(focus)
        return true
      default:
        return false
    }
  }

  const again = () =>
    void refresh().then(() => Promise.all([...terminals.values()].map(({ reader }) => reader.attach())), notices.report)
  const disposers = [
    engine.onOutput((frame) => {
      const found = terminals.get(frame.terminal)
      // nobody shows it here: that must not hold it back
      if (found) found.reader.frame(frame)
      else engine.taken(frame.terminal, frame.from + frame.text.length)
    }),
    engine.on('terminals', () => void refresh().catch(notices.report)),
    engine.onAnew(again),
    engine.onState((state) => state === 'connected' && again()),
    watch(
      () => memory.state.terminal.fontSize,
      (size) => {
        for (const { screen } of terminals.values()) screen.setFont(size)
      },
    ),
  ]
  if (engine.state() === 'connected') again()

  const store: TerminalStore = {
    terminals,
    layout,
    shown,
    async open(what, where = 'tab') {
      const beside = shown.value
      const about = await engine.terminals.open({ ...what, ...(what.argv && { argv: [...what.argv] }), ...firstSize })
      if (!terminals.has(about.id)) add(about)
      const others = layout.tabs.flatMap((tab) => without(tab, about.id) ?? [])
      const target = where === 'tab' ? undefined : others.find(({ id }) => id === beside?.id)
      const made = target
        ? withSplit(target, target.focus, where === 'row' ? 'row' : 'column', about.id)
        : newTab(about.id)
      setTabs(target ? others.map((tab) => (tab.id === target.id ? made : tab)) : [...others, made])
      layout.at = made.id
    },
    close(id) {
      engine.terminals.close({ id }).catch(notices.report)
      setTabs(layout.tabs.flatMap((tab) => without(tab, id) ?? []))
    },
    focus(id) {
      const tab = layout.tabs.find(({ root }) => leaves(root).includes(id))
      if (!tab) return
      layout.at = tab.id
      if (tab.focus !== id) layout.tabs = layout.tabs.map((one) => (one.id === tab.id ? { ...tab, focus: id } : one))
    },
    dispose() {
      for (const dispose of disposers) dispose()
      for (const { screen } of terminals.values()) screen.dispose()
      terminals.clear()
    },
  }
  return store
}
