/**
 * Everything that a fresh clone needs before fencelab can run: packages of this computer for the virtual lab, and the
 * dependencies. Runs on Node 20 with nothing installed. What is there already costs nothing.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const hostPackages = JSON.parse(readFileSync(join(root, 'labs/virtual/host-packages.json'), 'utf8'))
const stamp = join(root, 'node_modules/.fencelab-lock')

/** Is there a program of this name? Looked for where root's programs are, too. */
export function has(program) {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return places.some((place) => place !== '' && existsSync(join(place, program)))
}

/** Debian packages that the virtual lab needs and that are not there. */
export function missingPackages(extra = {}) {
  // without root the image is built in a user namespace, which needs the map of its user ids
  const asUser = process.getuid?.() === 0 ? {} : { newuidmap: 'uidmap' }
  const wanted = { ...hostPackages, ...asUser, ...extra }
  return [...new Set(Object.entries(wanted).flatMap(([program, name]) => (has(program) ? [] : [name])))]
}

/** Runs a step and shows that it goes on: what, and for how long. Its output is shown only where it fails. */
export function step(text, command, words, options = {}) {
  return new Promise((resolve, reject) => {
    const began = Date.now()
    const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`
    const show = (line, end) =>
      process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}${end}` : end ? `${line}\n` : '')
    show(`${text} ...`, process.stderr.isTTY ? '' : '\n')
    const timer = setInterval(() => show(`${text} ... ${seconds()}`, ''), 1000)
    const child = spawn(command, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output = (output + chunk).slice(-8000)))
    const finish = (error) => {
      clearInterval(timer)
      show(`${text}: ${error ? 'FAILED' : 'done'} (${seconds()})`, '\n')
      if (error) reject(error)
      else resolve()
    }
    child.once('error', (error) => finish(error))
    child.once('close', (code) =>
      finish(code === 0 ? undefined : new Error(`${command} ${words.join(' ')} ended with ${code}:\n${output.trim()}`)),
    )
  })
}

/** Installs the dependencies where the lock file changed since the last time. */
export async function prepareDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  // "npm run" puts the dependencies' own Node first, which "npm ci" is about to remove under its feet
  const path = (process.env.PATH ?? '').split(delimiter).filter((place) => !place.includes('node_modules'))
  const environment = { ...process.env, PATH: path.join(delimiter) }
  await step('installing dependencies (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund'], { env: environment })
  writeFileSync(stamp, lock)
}

/**
 * Installs the packages that the virtual lab needs, where this user may.
 * @returns what is still missing: then only racks and recordings can be worked with
 */
export async function preparePackages(extra = {}) {
  const missing = missingPackages(extra)
  if (missing.length === 0) return []
  const mayInstall = process.getuid?.() === 0 && has('apt-get')
  if (!mayInstall) return missing
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await step('reading the package lists (apt-get update)', 'apt-get', ['update', '-q'], { env: environment })
  const words = ['install', '-y', '-q', '--no-install-recommends', ...missing]
  await step(`installing ${missing.join(', ')}`, 'apt-get', words, { env: environment })
  return missingPackages(extra)
}

/** What somebody who may not install packages is told. */
export function explainMissing(missing) {
  return `The virtual lab needs packages that are not installed, and this user cannot install them:

    sudo apt-get install --no-install-recommends ${missing.join(' ')}

(On other systems than Debian: the programs ${Object.keys(hostPackages).join(', ')}.)
Without them fencelab still works with racks over SSH and with recordings:

    npx fencelab check my-rack.yaml     npx fencelab run my-rack.yaml --all     npx fencelab judge RUN_DIR
`
}

/** The Node that runs the sources as they are: the one the dependencies bring along, or this one where it is new enough. */
export function newerNode() {
  const bundled = join(root, 'node_modules/.bin/node')
  if (existsSync(bundled)) return bundled
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath
  throw new Error(`fencelab needs Node 22.18 or later on this kind of computer; this is ${process.version}`)
}

/** Runs fencelab with the person's terminal and gives its exit status. Ctrl-C is the child's to answer. */
export function runFencelab(words) {
  const ignore = () => undefined
  process.on('SIGINT', ignore)
  const child = spawn(newerNode(), [join(root, 'main/cli/bin.mjs'), ...words], { cwd: root, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 3))
  }).finally(() => process.off('SIGINT', ignore))
}
