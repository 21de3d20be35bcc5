import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { WebglAddon } from '@xterm/addon-webgl'
import { Terminal, type ITheme } from '@xterm/xterm'

export interface ScreenOptions {
  readonly fontSize: number
  readonly scrollback: number
  onInput(text: string): void
  onResize(columns: number, rows: number): void
  onTitle(title: string): void
  /** an address that was clicked */
  openLink(address: string): void
  /** Ctrl+Shift and a letter: what the view does with it. True: it was taken. */
  onShortcut(letter: string): boolean
}

/** A terminal's screen: lives as long as the terminal, and is put into whichever pane shows it. */
export interface Screen {
  readonly terminal: Terminal
  readonly search: SearchAddon
  /** Shows it in an element, in the size that there is. */
  show(parent: HTMLElement): void
  fit(): void
  focus(): void
  setFont(size: number): void
  dispose(): void
}

/** Terminals are dark in both themes: programs choose their colours for that. */
const theme: ITheme = {
  background: '#10151b',
  foreground: '#dfe6ee',
  cursor: '#dfe6ee',
  selectionBackground: '#3b5a80',
  black: '#28313b',
  red: '#ff7b72',
  green: '#4ac26b',
  yellow: '#e3a92f',
  blue: '#6aaef0',
  magenta: '#d08fd6',
  cyan: '#4fc1c9',
  white: '#c9d3de',
  brightBlack: '#6d7987',
  brightRed: '#ffa198',
  brightGreen: '#7ee29a',
  brightYellow: '#f2cc60',
  brightBlue: '#9ccbff',
  brightMagenta: '#e4b3e8',
  brightCyan: '#84dde3',
  brightWhite: '#f2f5f8',
}

export function createScreen(options: ScreenOptions): Screen {
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: false,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
    fontSize: options.fontSize,
    scrollback: options.scrollback,
    theme,
    minimumContrastRatio: 3,
    macOptionIsMeta: true,
  })
  const fit = new FitAddon()
  const search = new SearchAddon()
  const element = document.createElement('div')
  element.className = 'screen'
  let opened = false
  terminal.loadAddon(fit)
  terminal.loadAddon(search)
  terminal.loadAddon(new Unicode11Addon())
  terminal.unicode.activeVersion = '11'
  terminal.loadAddon(new WebLinksAddon((_event, address) => options.openLink(address)))
  terminal.onData(options.onInput)
  terminal.onBinary(options.onInput)
  terminal.onResize(({ cols, rows }) => options.onResize(cols, rows))
  terminal.onTitleChange(options.onTitle)
  terminal.attachCustomKeyEventHandler((event) => handleKey(event, terminal, options))

  return {
    terminal,
    search,
    show(parent) {
      parent.append(element)
      if (!opened) {
        opened = true
        terminal.open(element)
        withGraphics(terminal)
      }
      this.fit()
    },
    fit() {
      if (!opened || element.clientWidth < 20 || element.clientHeight < 20) return
      fit.fit()
    },
    focus: () => terminal.focus(),
    setFont(size) {
      terminal.options.fontSize = size
      this.fit()
    },
    dispose() {
      terminal.dispose()
      element.remove()
    },
  }
}

/** Drawn by the graphics processor where there is one; else by the page, which is slower and just as right. */
function withGraphics(terminal: Terminal): void {
  try {
    const addon = new WebglAddon()
    addon.onContextLoss(() => addon.dispose())
    terminal.loadAddon(addon)
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
}

/** Copy and paste with the keys of Linux terminals, and with Ctrl+C where something is selected. */
function handleKey(event: KeyboardEvent, terminal: Terminal, options: ScreenOptions): boolean {
  if (event.type !== 'keydown') return true
  const { key, ctrlKey, shiftKey, altKey, metaKey } = event
  const letter = key.toUpperCase()
  const copies =
    (ctrlKey && shiftKey && letter === 'C') ||
    (metaKey && letter === 'C') ||
    (ctrlKey && !shiftKey && letter === 'C' && terminal.hasSelection()) ||
    (ctrlKey && key === 'Insert')
  if (copies && !altKey) {
    event.preventDefault()
    if (terminal.hasSelection()) void navigator.clipboard.writeText(terminal.getSelection())
    terminal.clearSelection()
    return false
  }
  // the browser pastes by itself, and asks nobody: only the key must not become a character
  if ((ctrlKey && shiftKey && letter === 'V') || (metaKey && letter === 'V') || (shiftKey && key === 'Insert'))
    return false
  if (ctrlKey && shiftKey && !altKey && options.onShortcut(letter)) {
    event.preventDefault()
    return false
  }
  // keys of the window: Alt and a number, the list of commands
  if (altKey && /^[1-9]$/.test(key)) return false
  return true
}
