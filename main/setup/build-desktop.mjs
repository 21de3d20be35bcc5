// Builds the desktop where its sources changed since the last time. Nothing but the dependencies need be there.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newerNode, root, step } from './prepare.mjs'

const stamp = join(root, 'out/desktop.stamp')
const products = ['out/main/desktop.cjs', 'out/preload/bridge.cjs', 'out/renderer/index.html', 'out/engine/engine.mjs']
const folders = ['labs', 'main', 'preload', 'renderer']
const files = ['electron.vite.config.ts', 'package.json', 'package-lock.json']

function stateOfSources() {
  const hash = createHash('sha256')
  const below = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs|vue|css|html|svg|json)$/.test(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .filter((name) => !name.includes('/samples/')),
  )
  for (const name of [...below.sort(), ...files.map((name) => join(root, name))])
    hash.update(name.slice(root.length)).update(readFileSync(name))
  return hash.digest('hex')
}

/** @returns {Promise<void>} when out/ is up to date */
export async function buildDesktop() {
  const state = stateOfSources()
  const built =
    products.every((name) => existsSync(join(root, name))) && existsSync(stamp) && readFileSync(stamp, 'utf8') === state
  if (built) return
  rmSync(stamp, { force: true })
  const tool = (name) => join(root, 'node_modules', name)
  await step('building the engine', newerNode(), [
    tool('vite/bin/vite.js'),
    'build',
    '--config',
    'main/vite.config.ts',
    '--logLevel',
    'warn',
  ])
  await step('building the window', newerNode(), [
    tool('electron-vite/bin/electron-vite.js'),
    'build',
    '--logLevel',
    'warn',
  ])
  writeFileSync(stamp, state)
}
