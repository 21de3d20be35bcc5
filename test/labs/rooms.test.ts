/** The table of who may import whom, in eslint.config.js: every room is in it, and no two rooms know each other. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

type Table = Readonly<Record<string, readonly string[]>>
const root = fileURLToPath(new URL('../..', import.meta.url))
const { roomImports, engineImports } = (await import(pathToFileURL(join(root, 'eslint.config.js')).href)) as {
  readonly roomImports: Readonly<Record<'labs' | 'main' | 'renderer', Table>>
  readonly engineImports: Table
}

/** folders without code that another room could import; what runs before anything is installed imports nothing */
const noRooms: Readonly<Record<string, readonly string[]>> = {
  labs: ['docs', 'samples', 'testbeds'],
  main: ['setup'],
  renderer: ['public', 'styles'],
}
const folders = (place: string) =>
  readdirSync(join(root, place), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

test.each(Object.entries(roomImports))('every room of %s/ is in it, and nothing else', (floor, table) => {
  const rooms = folders(floor).filter((name) => !noRooms[floor]?.includes(name))
  expect(Object.keys(table).toSorted()).toEqual(rooms.toSorted())
})

test('every part of the engine is in it', () => {
  expect(Object.keys(engineImports).toSorted()).toEqual(['.', ...folders('main/engine')].toSorted())
})

test.each([...Object.entries(roomImports), ['main/engine', engineImports] as const])(
  '%s: a room imports those above it alone, so that none is in a cycle',
  (_, table) => {
    const before = new Set<string>()
    for (const [room, imports] of Object.entries(table)) {
      expect({ room, unknown: imports.filter((other) => !before.has(other)) }).toEqual({ room, unknown: [] })
      before.add(room)
    }
  },
)
