/** What holds for every transport: the same tests over SSH and on this machine. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { HostError } from '../../../main/transport/host-error.ts'
import { localTransport } from '../../../main/hosts/local-transport.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'
import type { Transport } from '../../../main/transport/transport.ts'
import { parseProcessStat } from '../../../main/hypervisor/process-stat.ts'
import { commandLine } from '../../../main/transport/quote.ts'
import { failureOf, transportTo } from '../../fakes/hosts.ts'
import { type FakeHost, fakeHost } from '../../fakes/ssh-server.ts'
import { cases } from '../../cases.ts'

const firstLine = (stream: Readable) =>
  new Promise<string>((resolve) => {
    let all = ''
    stream.on('data', (chunk: Buffer) => {
      all += chunk.toString()
      if (all.includes('\n')) resolve(all.slice(0, all.indexOf('\n')))
    })
  })

/** Resolves as soon as the process has ended; one that is only not yet reaped has. */
async function ended(pid: number): Promise<void> {
  await vi.waitUntil(
    () => {
      try {
        return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).state === 'Z'
      } catch (error) {
        return ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')
      }
    },
    { interval: 2, timeout: 5000 },
  )
}

let host: FakeHost
beforeAll(async () => {
  host = await fakeHost()
})
afterAll(() => host.close())

describe.each([
  ['over SSH', () => transportTo(host)],
  ['on this machine', () => localTransport({ name: 'nodea' })],
])('a transport %s', (_title, open: () => Transport) => {
  let transport: Transport
  beforeAll(async () => {
    transport = open()
    await transport.connected()
  })
  afterAll(() => transport.close())

  const sh = (script: string, ...words: string[]) => commandLine(['sh', '-c', script, 'sh', ...words])

  test('is connected, and says so', () => {
    expect([transport.name, transport.state()]).toEqual(['nodea', 'connected'])
  })

  test('gives both outputs and the exit code', async () => {
    const channel = await transport.exec(sh('echo out; echo err >&2; exit 7'))
    expect(await Promise.all([text(channel.stdout), text(channel.stderr), channel.exit])).toEqual([
      'out\n',
      'err\n',
      { code: 7, signal: null },
    ])
  })

  test('names the signal that ended a command', async () => {
    const channel = await transport.exec(`exec ${sh('kill -TERM $$')}`)
    channel.stdout.resume()
    channel.stderr.resume()
    expect(await channel.exit).toEqual({ code: null, signal: 'TERM' })
  })

  test('arguments arrive to the letter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0')),
          { minLength: 1, maxLength: 5 },
        ),
        async (words) => {
          const channel = await transport.exec(commandLine(['printf', '%s\\0', ...words]))
          channel.stderr.resume()
          expect((await text(channel.stdout)).split('\0').slice(0, -1)).toEqual(words)
        },
      ),
      { numRuns: cases(30) },
    )
  })

  test('standard input is given and closed; without it, it is at its end', async () => {
    const given = await transport.exec('cat', { stdin: 'päper\n' })
    given.stderr.resume()
    expect(await text(given.stdout)).toBe('päper\n')
    const none = await transport.exec('cat; echo end')
    none.stderr.resume()
    expect(await text(none.stdout)).toBe('end\n')
  })

  test('a megabyte goes in and comes out again', async () => {
    const much = 'x'.repeat(1 << 20)
    const channel = await transport.exec('cat', { stdin: much })
    channel.stderr.resume()
    expect((await text(channel.stdout)) === much).toBe(true)
  })

  test('standard input can be kept open', async () => {
    const channel = await transport.exec('read a; echo "got $a"; read b; echo "and $b"', { keepStdin: true })
    channel.stderr.resume()
    channel.write('one\n')
    expect(await firstLine(channel.stdout)).toBe('got one')
    channel.end()
    expect(await channel.exit).toEqual({ code: 0, signal: null })
  })

  test('kill ends the command and what it started, also when its input is closed', async () => {
    const channel = await transport.exec('sleep 1000 & echo $!; wait')
    channel.stderr.resume()
    const pid = Number(await firstLine(channel.stdout))
    channel.kill()
    expect(await channel.exit).toEqual({ code: null, signal: null })
    await ended(pid)
  })

  test('an abort ends the command on the host, and says so', async () => {
    const controller = new AbortController()
    const channel = await transport.exec('echo $$; exec sleep 1000', { signal: controller.signal })
    channel.stderr.resume()
    const pid = Number(await firstLine(channel.stdout))
    controller.abort()
    expect((await failureOf(channel.exit, HostError)).code).toBe('aborted')
    await ended(pid)
  })

  test('an abort that came before starts nothing', async () => {
    expect((await failureOf(transport.exec('true', { signal: AbortSignal.abort() }), HostError)).code).toBe('aborted')
    expect((await failureOf(transport.connected(AbortSignal.abort()), HostError)).code).toBe('aborted')
  })

  test('reaches unix sockets', async () => {
    const path = join(temporaryDirectory('socket'), 'socket')
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const socket = await transport.openUnixSocket(path)
    socket.end('echo this')
    expect(await text(socket)).toBe('echo this')
    server.close()
  })

  test('says what is wrong with a unix socket that is not there', async () => {
    const error = await failureOf(transport.openUnixSocket('/nowhere/socket'), HostError)
    expect([error.code, error.message]).toEqual(['refused', expect.stringMatching(/^nodea: .*\/nowhere\/socket/)])
  })

  test('after close nothing runs, and what ran is over', async () => {
    const other = open()
    await other.connected()
    const channel = await other.exec('echo $$; exec sleep 1000')
    channel.stderr.resume()
    const pid = Number(await firstLine(channel.stdout))
    await other.close()
    expect((await failureOf(channel.exit, HostError)).code).toBe('gone')
    await ended(pid)
    expect((await failureOf(other.exec('true'), HostError)).code).toBe('gone')
    expect((await failureOf(other.connected(), HostError)).code).toBe('gone')
    expect(other.state()).toBe('gone')
  })
})
