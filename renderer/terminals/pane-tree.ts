/** Terminals in tabs, each tab a tree of splits. Values only: every change makes a new one. */

export type Pane =
  | { readonly kind: 'leaf'; readonly terminal: string }
  | { readonly kind: 'split'; readonly direction: 'row' | 'column'; readonly first: Pane; readonly second: Pane }

export interface Tab {
  readonly id: string
  readonly root: Pane
  /** the terminal that has the focus when the tab is shown */
  readonly focus: string
}

export function leaves(pane: Pane): readonly string[] {
  return pane.kind === 'leaf' ? [pane.terminal] : [...leaves(pane.first), ...leaves(pane.second)]
}

export const newTab = (terminal: string): Tab => ({ id: terminal, root: { kind: 'leaf', terminal }, focus: terminal })

/** Puts a terminal beside (`row`) or below (`column`) another one of the tab. */
export function withSplit(tab: Tab, beside: string, direction: 'row' | 'column', terminal: string): Tab {
  const place = (pane: Pane): Pane => {
    if (pane.kind === 'split') return { ...pane, first: place(pane.first), second: place(pane.second) }
    return pane.terminal === beside
      ? { kind: 'split', direction, first: pane, second: { kind: 'leaf', terminal } }
      : pane
  }
  return { ...tab, root: place(tab.root), focus: terminal }
}

/** Without a terminal; undefined where it was the last. */
export function without(tab: Tab, terminal: string): Tab | undefined {
  const remove = (pane: Pane): Pane | undefined => {
    if (pane.kind === 'leaf') return pane.terminal === terminal ? undefined : pane
    const [first, second] = [remove(pane.first), remove(pane.second)]
    return first && second ? { ...pane, first, second } : (first ?? second)
  }
  const root = remove(tab.root)
  return root && { ...tab, root, focus: tab.focus === terminal ? (leaves(root)[0] ?? '') : tab.focus }
}

/** The tabs with exactly these terminals: those that are gone are taken out, new ones get tabs of their own. */
export function reconciled(tabs: readonly Tab[], present: readonly string[]): readonly Tab[] {
  const kept = tabs.flatMap(
    (tab) =>
      leaves(tab.root)
        .filter((terminal) => !present.includes(terminal))
        .reduce<Tab | undefined>((left, gone) => left && without(left, gone), tab) ?? [],
  )
  const shown = new Set(kept.flatMap(({ root }) => leaves(root)))
  return [...kept, ...present.filter((terminal) => !shown.has(terminal)).map(newTab)]
}

/** What was kept of the layout, where it can be read; nothing else is lost with it. */
export function readTabs(text: string): readonly Tab[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter(isTab) : []
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

const isTab = (value: unknown): value is Tab =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'focus' in value &&
  typeof value.focus === 'string' &&
  'root' in value &&
  isPane(value.root, 0)

function isPane(value: unknown, depth: number): value is Pane {
  if (typeof value !== 'object' || value === null || !('kind' in value) || depth > 12) return false
  if (value.kind === 'leaf') return 'terminal' in value && typeof value.terminal === 'string'
  return (
    value.kind === 'split' &&
    'direction' in value &&
    (value.direction === 'row' || value.direction === 'column') &&
    'first' in value &&
    isPane(value.first, depth + 1) &&
    'second' in value &&
    isPane(value.second, depth + 1)
  )
}
