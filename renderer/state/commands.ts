import { shallowReactive } from 'vue'

/** Something a person can do from anywhere: by a key, in the palette, in the system's menu. */
export interface Command {
  /** stays the same over versions */
  readonly id: string
  readonly title: string
  readonly group: string
  /** as `Ctrl+K`, `Alt+1`, `F1`; several do the same */
  readonly keys?: readonly string[]
  /** also while somebody types into a field or a terminal */
  readonly everywhere?: boolean
  readonly run: () => void
  readonly when?: () => boolean
}

export interface Commands {
  readonly all: Map<string, Command>
  /** Adds commands; returns what takes them away again. */
  add(commands: readonly Command[]): () => void
  /** There is a command of this name, and it can be run now. */
  applies(id: string): boolean
  run(id: string): void
  /** Finds the command of a key and runs it. True where there was one. */
  handle(event: KeyboardEvent): boolean
}

export function createCommands(): Commands {
  const all = shallowReactive(new Map<string, Command>())
  const applies = (id: string) => {
    const command = all.get(id)
    return command !== undefined && (command.when?.() ?? true)
  }
  return {
    all,
    add(commands) {
      for (const command of commands) all.set(command.id, command)
      return () => {
        for (const command of commands) if (all.get(command.id) === command) all.delete(command.id)
      }
    },
    applies,
    run(id) {
      if (applies(id)) all.get(id)?.run()
    },
    handle(event) {
      const pressed = keyText(event)
      const typing = isTyping(event.target)
      for (const command of all.values()) {
        if (!command.keys?.includes(pressed) || (typing && !command.everywhere) || !applies(command.id)) continue
        event.preventDefault()
        command.run()
        return true
      }
      return false
    },
  }
}

/** A key with what is held down, in the way in which commands name it. */
export function keyText({
  key,
  ctrlKey,
  metaKey,
  altKey,
  shiftKey,
}: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const name = key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key
  // with a sign like ? the shift is part of the sign
  const shift = shiftKey && (name.length > 1 || /[A-Z]/.test(name))
  return [ctrlKey || metaKey ? 'Ctrl' : '', altKey ? 'Alt' : '', shift ? 'Shift' : '', name]
    .filter((part) => part !== '')
    .join('+')
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}
