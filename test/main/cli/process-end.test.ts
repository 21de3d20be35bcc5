/** How the command line ends when its surroundings fail: a real process, with outputs that close and signals that come. */
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { small } from '../../labs/testbed/example.ts'
import { entry, environment, fencelab, home } from './cli.ts'

const limit = 60_000
const sample = fileURLToPath(new URL('../../../labs/samples/both-private-networks-fail', import.meta.url))

/** Starts the program with both outputs as pipes of ours. */
function start(words: readonly string[], { directory = home(), node = [] as readonly string[] } = {}) {
  const child = spawn(process.execPath, [...node, entry, ...words], {
    env: environment(directory),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<{ status: number | null; signal: string | null }>((resolve) =>
    child.once('exit', (status, signal) => resolve({ status, signal })),
  )
  const said = { stdout: '', stderr: '' }
  const until = (what: string) =>
    new Promise<void>((resolve) => {
      const look = () => said.stderr.includes(what) && resolve()
      child.stderr.on('data', look)
      look()
    })
  child.stdout.setEncoding('utf8').on('data', (more: string) => (said.stdout += more))
  child.stderr.setEncoding('utf8').on('data', (more: string) => (said.stderr += more))
  return { child, ended, said, until }
}

/** A rack of which every host accepts the connection and never says a word: commands wait for it. */
async function silentRack(directory: string): Promise<string> {
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  mkdirSync(join(directory, '.ssh'), { recursive: true })
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  writeFileSync(join(directory, '.ssh/id'), privateKey, { mode: 0o600 })
  const file = join(directory, 'rack.yaml')
  writeFileSync(
    file,
    small
      .replace('ssh: { user: root, key: ~/.ssh/id }', `ssh: { user: root, key: ~/.ssh/id, port: ${port} }`)
      .replaceAll(/ssh: \{ address: 10\.0\.0\.(\d)(, jump: eye)? \}/g, 'ssh: { address: 127.0.0.$1 }'),
  )
  return file
}

test(
  'closed outputs do not end a run: it waits for its hosts, and ends when it is told to',
  { timeout: limit },
  async () => {
    const directory = home()
    const { child, ended, until } = start(['run', await silentRack(directory), 'node-hangs'], { directory })
    await until('connecting')
    child.stdout.destroy()
    child.stderr.destroy()
    expect(await Promise.race([ended, delay(2000, 'still there')])).toBe('still there')
    // this one is told on the closed standard error
    child.kill('SIGTERM')
    expect(await ended).toEqual({ status: 3, signal: null })
  },
)

test('a terminal that goes away stops a command once, however often it is said', { timeout: limit }, async () => {
  const directory = home()
  const { child, ended, said, until } = start(['run', await silentRack(directory), 'node-hangs'], { directory })
  await until('connecting')
  for (const name of ['SIGHUP', 'SIGHUP', 'SIGTERM'] as const) child.kill(name)
  expect(await ended).toEqual({ status: 3, signal: null })
  expect(said.stderr).toMatch(/stopping: taking back.*\nstopped\n$/s)
  expect(said.stderr.match(/stopping/g)).toHaveLength(1)
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends a command that waits with 3',
  { timeout: limit },
  async (name) => {
    const directory = home()
    const { child, ended, until } = start(['run', await silentRack(directory), 'node-hangs'], { directory })
    await until('connecting')
    child.kill(name)
    expect(await ended).toEqual({ status: 3, signal: null })
  },
)

test('a reader that has closed standard output changes no status', { timeout: limit }, async () => {
  const { child, ended } = start(['judge', sample])
  child.stdout.destroy()
  expect(await ended).toEqual({ status: 0, signal: null })
})

test(
  'an error that nobody caught ends with 3, never with 1, and is a document where one is wanted',
  { timeout: limit },
  async () => {
    const directory = home()
    const hook = join(directory, 'hook.mjs')
    for (const [kind, code] of [
      ['exception', 'setTimeout(() => { throw new Error("planted") }, 1500)'],
      ['rejection', 'setTimeout(() => void Promise.reject(new Error("planted")), 1500)'],
    ] as const) {
      writeFileSync(hook, code)
      const rack = await silentRack(directory)
      const { ended, said } = start(['run', rack, 'node-hangs', '--json'], { directory, node: ['--import', hook] })
      expect([kind, await ended]).toEqual([kind, { status: 3, signal: null }])
      expect(said.stderr).toContain('internal error: Error: planted')
      expect(JSON.parse(said.stdout)).toEqual({
        error: {
          kind: 'internal',
          message: 'planted',
          command: 'run',
          exit: 3,
          log: join(directory, 'state', 'fencelab', 'log', 'fencelab.log'),
        },
      })
    }
  },
)

test('an error before the command begins, and a loop that runs dry, end with 3', { timeout: limit }, async () => {
  const directory = home()
  const hook = join(directory, 'hook.mjs')
  writeFileSync(hook, 'process.argv.slice = () => { throw new Error("planted") }')
  const early = start(['table'], { directory, node: ['--import', hook] })
  expect(await early.ended).toEqual({ status: 3, signal: null })
  expect(early.said.stderr).toContain('planted')
  writeFileSync(hook, 'JSON.stringify = () => { throw new Error("planted") }')
  const inside = start(['table', '--json'], { directory, node: ['--import', hook] })
  expect((await inside.ended).status).toBe(3)
})

test.each<[string[], string, string | undefined, string]>([
  [['fly', '--json'], 'user', undefined, 'there is no command "fly"; "fencelab --help" lists them'],
  [['--json'], 'user', undefined, 'which command? "fencelab --help" lists them'],
  [['table', '--json', '--fast'], 'user', 'table', "Unknown option '--fast'"],
  [['check', '--json', 'nowhere.yaml'], 'user', 'check', 'testbed nowhere.yaml: there is no such file'],
  [['keys', '--json'], 'user', 'keys', 'the lab "virtual" is not up'],
  [['keys', '--json', '--watch'], 'user', 'keys', 'the lab "virtual" is not up'],
  [['run', '--json', 'virtual', 'no-such-row'], 'user', 'run', 'there is no row "no-such-row"'],
  [['judge', '--json', '/nowhere'], 'user', 'judge', '/nowhere holds no recorded run'],
  [['verify', '--json', 'x'], 'user', 'verify', '"fencelab verify" takes no option --json'],
])('with --json %j ends with a document, too', { timeout: limit }, async (words, kind, command, message) => {
  const { exit, stdout, stderr } = await fencelab(words)
  expect(exit).toBe(3)
  expect(JSON.parse(stdout)).toEqual({
    error: {
      kind,
      message: expect.stringContaining(message) as string,
      ...(command !== undefined && { command }),
      exit: 3,
    },
  })
  // the same for people
  expect(stderr).toContain(message)
})
