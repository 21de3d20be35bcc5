import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '../load-testbed.ts'
import type { OnProgress } from '../progress.ts'
import { root } from '../root.ts'

const built = join(root, 'out/renderer')
const stamp = join(root, 'out/renderer.stamp')
/** what the interface is made of */
const sources = ['renderer', 'preload', 'labs'] as const

/**
 * The folder of the built interface. In a checkout it is built where its sources changed since the last time, which takes
 * some seconds; a packaged program brings it along.
 * @throws UserError where it cannot be built
 */
export async function buildInterface(onProgress: OnProgress, signal: AbortSignal): Promise<string> {
  const packaged = fileURLToPath(new URL('../renderer', import.meta.url))
  if (existsSync(join(packaged, 'index.html')) && !existsSync(join(packaged, 'main.ts'))) return packaged
  const state = await stateOfSources()
  if (existsSync(join(built, 'index.html')) && (await readFile(stamp, 'utf8').catch(() => '')) === state) return built
  onProgress({ text: 'building the interface' })
  await runVite(signal)
  await writeFile(stamp, state)
  return built
}

async function stateOfSources(): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of sources) {
    const names = (await readdir(join(root, folder), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && /\.(ts|vue|css|html|svg)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
    for (const name of names) hash.update(name.slice(root.length)).update(await readFile(name))
  }
  hash.update(await readFile(join(root, 'package-lock.json')))
  return hash.digest('hex')
}

function runVite(signal: AbortSignal): Promise<void> {
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  if (!existsSync(vite))
    throw new UserError('the interface is not built, and the tools to build it are not installed: run "npm ci"')
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [vite, 'build', '--config', join(root, 'renderer/vite.config.ts'), '--logLevel', 'warn'],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], signal },
    )
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4000)))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new UserError(`the interface could not be built:\n${said.trim()}`)),
    )
  })
}
