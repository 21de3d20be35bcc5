/**
 * The process that keeps a virtual lab: started in the background by `fencelab up`, or bound to a `run`. It listens on a
 * unix socket for JSON lines {id, method, ...}, answers {id, progress} while it works and {id, result} or {id, error} at
 * the end. All machines are its children and die with it, however it dies.
 */
import { createServer, type Socket } from 'node:net'
import { rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { readTestbed } from '../../labs/testbed-file/read-testbed.ts'
import { formatProblems } from '../../labs/testbed/format-problems.ts'
import { answers } from '../answers.ts'
import { log } from '../log/log.ts'
import { logTask } from '../log/log-task.ts'
import { cachedImage } from './image.ts'
import { removeKeeperFile, writeKeeperFile } from './keeper-file.ts'
import { Keeper } from './keeper.ts'
import { labFiles } from './lab-files.ts'

export type KeeperRequest = { readonly id: number } & (
  | { readonly method: 'up' | 'saveGreen'; readonly greenKey: string }
  | { readonly method: 'status' | 'down' | 'greenKeys' }
  | { readonly method: 'reset'; readonly greenKey?: string }
  | { readonly method: 'power'; readonly machine: string; readonly on: boolean }
)

/** Machines that do not come up within this time do not come up: software emulation on a busy computer included. */
const upLimitMilliseconds = 420_000
const resetLimitMilliseconds = 60_000

/**
 * @param bound end with whoever started us: when our standard input closes
 */
export async function keepLab(directory: string, testbedFile: string, bound: boolean): Promise<void> {
  const read = readTestbed(readFileSync(testbedFile, 'utf8'), testbedFile, { lab: directory, home: homedir() })
  if (!read.ok) throw new Error(formatProblems(read.problems))
  const image = cachedImage()
  if (!image) throw new Error('the image of the machines is not built')
  const files = labFiles(directory)
  if (await answers(files.control)) throw new Error(`the lab in ${directory} is up already`)
  await rm(files.control, { force: true })
  writeKeeperFile(files, testbedFile, bound)

  const keeper = new Keeper(directory, read.testbed, image)
  const ending = new AbortController()
  let over: Promise<void> | undefined
  const end = () =>
    (over ??= (async () => {
      ending.abort(new Error('the lab is being taken down'))
      await keeper.down()
      await rm(files.control, { force: true })
      removeKeeperFile(files)
    })())

  const handle = async (request: KeeperRequest, progress: (value: unknown) => void): Promise<unknown> => {
    const limit = (milliseconds: number) => AbortSignal.any([ending.signal, AbortSignal.timeout(milliseconds)])
    switch (request.method) {
      case 'up':
        return {
          ...(await keeper.up(request.greenKey, progress, limit(upLimitMilliseconds))),
          accelerator: keeper.accelerator,
        }
      case 'saveGreen':
        return keeper.saveGreen(request.greenKey)
      case 'status':
        return keeper.status()
      case 'greenKeys':
        return keeper.greenKeys
      case 'reset':
        return keeper.reset(request.greenKey, limit(resetLimitMilliseconds))
      case 'power':
        return keeper.power(request.machine, request.on, limit(upLimitMilliseconds))
      case 'down':
        return end()
    }
  }

  const server = createServer((socket) => {
    eachLine(socket, (line) => {
      const request = requestOf(line)
      if (!request) {
        // not one of ours: the machines must not go down with it
        log.warning('a line that is no request came over the socket', { lab: read.testbed.name })
        socket.destroy()
        return
      }
      const say = (value: object) =>
        socket.writable && socket.write(`${JSON.stringify({ id: request.id, ...value })}\n`)
      const work = () => handle(request, (progress) => say({ progress }))
      // asked again and again; only what changes the machines is worth a line
      const asks = request.method === 'status' || request.method === 'greenKeys'
      const what = request.method === 'power' ? `power ${request.machine} ${request.on ? 'on' : 'off'}` : request.method
      const answer = asks ? work() : logTask(`machines: ${what}`, { lab: read.testbed.name }, work)
      answer.then(
        (result) => {
          say({ result: result ?? null })
          if (request.method === 'down') socket.end(() => process.exit(0))
        },
        (error: unknown) => say({ error: error instanceof Error ? error.message : String(error) }),
      )
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(files.control, resolve)
  })
  const endAndExit = () => void end().then(() => process.exit(0))
  process.on('SIGTERM', endAndExit)
  process.on('SIGINT', endAndExit)
  if (bound) process.stdin.on('end', endAndExit).on('error', endAndExit).resume()
  else process.on('SIGHUP', () => undefined)
}

function requestOf(line: string): KeeperRequest | undefined {
  try {
    return JSON.parse(line) as KeeperRequest
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Hands out the lines that come over a socket. A connection that breaks is the client's end, not ours. */
export function eachLine(socket: Socket, onLine: (line: string) => void): void {
  let rest = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  socket.on('error', () => socket.destroy())
}
