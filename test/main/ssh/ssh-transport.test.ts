import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { HostError, HostGone } from '../../../main/transport/host-error.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'
import type { Transport } from '../../../main/transport/transport.ts'
import { makeKeyPair } from '../../fakes/keys.ts'
import { failureOf, filesFor, inState, transportTo } from '../../fakes/hosts.ts'
import { type FakeHost, fakeHost } from '../../fakes/ssh-server.ts'

let host: FakeHost
let transport: Transport
beforeEach(async () => {
  host = await fakeHost()
})
afterEach(async () => {
  await transport.close()
  await host.close()
})

async function output(of: Transport, commandLine: string): Promise<string> {
  const channel = await of.exec(commandLine)
  channel.stderr.resume()
  return text(channel.stdout)
}

/** All states from now on, until `close`. */
function states(of: Transport): string[] {
  const seen: string[] = []
  of.onState((state) => seen.push(state))
  return seen
}

describe('one connection', () => {
  test('carries many commands, and never more at a time than allowed', async () => {
    transport = transportTo(host, { times: { sessions: 4 } })
    const numbers = Array.from({ length: 40 }, (_none, index) => index)
    expect(await Promise.all(numbers.map((number) => output(transport, `echo ${number}`)))).toEqual(
      numbers.map((number) => `${number}\n`),
    )
    expect([host.connections(), host.commands.length, host.busiest()]).toEqual([1, 40, 4])
  })

  test('an end that arrives in the same packet as the start is not missed', async () => {
    transport = transportTo(host, { times: { keepaliveMs: 60_000 } })
    await transport.connected()
    host.lump(300)
    const channel = await transport.exec('echo short; exit 7')
    channel.stderr.resume()
    expect([await text(channel.stdout), await channel.exit]).toEqual(['short\n', { code: 7, signal: null }])
  })

  test('says what stands in the way when the host allows fewer sessions', async () => {
    await host.close()
    host = await fakeHost({ sessions: 1 })
    transport = transportTo(host)
    const first = await transport.exec('exec sleep 1000')
    const error = await failureOf(transport.exec('true'), HostError)
    expect([error.code, error.message]).toEqual(['refused', expect.stringMatching(/MaxSessions/)])
    first.kill()
  })

  test('a command that the host did not take is given to it again, and runs once', async () => {
    transport = transportTo(host)
    await transport.connected()
    host.turnAway(3)
    expect(await output(transport, 'echo taken')).toBe('taken\n')
    expect(host.commands).toEqual(['echo taken'])
  })

  test('a host that takes no command at all: refused', async () => {
    transport = transportTo(host)
    await transport.connected()
    host.turnAway(1000)
    const error = await failureOf(transport.exec('true'), HostError)
    expect([error.code, host.commands]).toEqual(['refused', []])
  })

  test('a command that is aborted while it waits for its turn never starts', async () => {
    transport = transportTo(host, { times: { sessions: 1 } })
    const first = await transport.exec('exec sleep 1000')
    const waiting = transport.exec('echo never', { signal: AbortSignal.timeout(20) })
    expect((await failureOf(waiting, HostError)).code).toBe('timeout')
    first.kill()
    expect(await output(transport, 'echo next')).toBe('next\n')
    expect(host.commands).toEqual(['exec sleep 1000', 'echo next'])
  })
})

describe('the host key', () => {
  test('unknown: is refused, and the message says how to add it', async () => {
    const files = filesFor(host)
    writeFileSync(files.knownHosts, '')
    transport = transportTo(host, { files })
    const error = await failureOf(transport.connected(), HostError)
    expect(error.code).toBe('host-key-unknown')
    expect(error.message).toMatch(/ssh-ed25519 SHA256:\S{43}/)
    expect(error.message).toContain(`ssh-keyscan -p ${host.port} 127.0.0.1 >> ${files.knownHosts}`)
    expect((await failureOf(transport.exec('true'), HostError)).code).toBe('host-key-unknown')
    expect([transport.state(), host.commands]).toEqual(['gone', []])
  })

  test('unknown, then added: the next `connected` gets in', async () => {
    const files = filesFor(host)
    writeFileSync(files.knownHosts, '')
    transport = transportTo(host, { files })
    await failureOf(transport.connected(), HostError)
    appendFileSync(files.knownHosts, host.knownHostsLine())
    await transport.connected()
    expect(await output(transport, 'echo in')).toBe('in\n')
  })

  test('changed: is refused with file, line and both fingerprints, and not tried again', async () => {
    const files = filesFor(host)
    const before = host.knownHostsLine()
    writeFileSync(files.knownHosts, `# a comment\n${before}`)
    await host.changeHostKey()
    transport = transportTo(host, { files })
    const error = await failureOf(transport.connected(), HostError)
    expect(error.code).toBe('host-key-changed')
    const prints = error.message.match(/SHA256:\S{43}/g)
    expect([prints?.length, new Set(prints).size]).toEqual([2, 2])
    expect(error.message).toContain(`${files.knownHosts} line 2`)
    expect(host.commands).toEqual([])
    const connections = host.connections()
    await failureOf(transport.exec('true'), HostError)
    expect(host.connections()).toBe(connections)
  })

  test('changed while we were connected: is not accepted after a reconnection either', async () => {
    transport = transportTo(host)
    await transport.connected()
    await host.changeHostKey()
    const refused = new Promise<string>((resolve) => {
      transport.onState((_state, reason) => {
        if (/knows it by/.test(reason)) resolve(reason)
      })
    })
    host.drop()
    await refused
    expect((await failureOf(transport.exec('true'), HostError)).code).toBe('host-key-changed')
  })

  test('of the known type is asked for: a host known by RSA does not look changed', async () => {
    await host.changeHostKey('rsa', 'ed25519')
    transport = transportTo(host)
    await transport.connected()
  })

  test('revoked: is refused', async () => {
    const files = filesFor(host)
    appendFileSync(files.knownHosts, `@revoked ${host.knownHostsLine()}`)
    transport = transportTo(host, { files })
    expect((await failureOf(transport.connected(), HostError)).code).toBe('host-key-revoked')
  })
})

describe('logging in', () => {
  test('refused: says who, what was offered, what is accepted', async () => {
    host.admit(false)
    transport = transportTo(host)
    const error = await failureOf(transport.connected(), HostError)
    expect([error.code, error.message]).toEqual([
      'authentication',
      expect.stringMatching(/root@127\.0\.0\.1:\d+ refused the login\. Offered: key file .*\. It accepts: publickey/),
    ])
  })

  test('refused by a host that has let us in before (it boots): is tried again', async () => {
    transport = transportTo(host)
    await transport.connected()
    host.admit(false)
    host.drop()
    await inState(transport, 'gone')
    const again = transport.connected()
    await vi.waitUntil(() => /refused the login/.test(transport.reason()), { interval: 5 })
    host.admit(true)
    await again
  })

  test('an encrypted key without an agent: says to use the agent', async () => {
    const files = filesFor(host)
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { passphrase: 'secret', cipher: 'aes256-ctr', rounds: 1 })
    writeFileSync(files.key, pair.private)
    transport = transportTo(host, { files })
    const error = await failureOf(transport.connected(), HostError)
    expect([error.code, error.message]).toEqual(['authentication', expect.stringContaining(`ssh-add ${files.key}`)])
    expect(host.connections()).toBe(0)
  })

  test('a key file that is missing, or none: says so', async () => {
    const files = filesFor(host)
    transport = transportTo(host, { files, change: { keys: [{ path: '/nowhere/key', required: true }] } })
    const missing = await failureOf(transport.connected(), HostError)
    expect([missing.code, missing.message]).toEqual(['configuration', expect.stringContaining('/nowhere/key')])
    await transport.close()
    writeFileSync(files.key, 'no key\n')
    transport = transportTo(host, { files })
    expect((await failureOf(transport.connected(), HostError)).code).toBe('configuration')
  })

  test.each([true, false])('with the key in an agent (only the chosen keys: %s)', async (onlyTheseKeys) => {
    const files = filesFor(host)
    const directory = temporaryDirectory('agent')
    const socket = join(directory, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void agent.kill())
    await new Promise((resolve) => agent.stdout.once('data', resolve))
    const other = join(directory, 'other')
    writeFileSync(other, makeKeyPair().private, { mode: 0o600 })
    for (const key of [other, files.key]) {
      execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })
    }
    const publicHalf = execFileSync('ssh-keygen', ['-y', '-f', files.key])
    const chosen = join(directory, 'chosen')
    writeFileSync(`${chosen}.pub`, publicHalf)
    transport = transportTo(host, {
      change: { keys: [{ path: chosen, required: false }], agent: socket, onlyTheseKeys },
    })
    await transport.connected()
    await transport.close()

    if (!onlyTheseKeys) return
    transport = transportTo(host, {
      change: { keys: [{ path: other, required: false }], agent: socket, onlyTheseKeys },
    })
    expect((await failureOf(transport.connected(), HostError)).code).toBe('authentication')
  })
})

describe('when the connection goes', () => {
  test('dropped: running commands end with HostGone, and it reconnects by itself', async () => {
    transport = transportTo(host)
    await transport.connected()
    const seen = states(transport)
    const channel = await transport.exec('exec sleep 1000')
    host.drop()
    expect(await failureOf(channel.exit, HostGone)).toMatchObject({ code: 'gone', host: 'nodea' })
    await inState(transport, 'connected')
    expect(await output(transport, 'echo again')).toBe('again\n')
    expect([seen, host.connections()]).toEqual([['gone', 'connected'], 2])
  })

  test('refused: is gone, says why, and is back when the host is', async () => {
    transport = transportTo(host)
    await transport.connected()
    await host.refuse(true)
    host.drop()
    await inState(transport, 'gone')
    expect(await failureOf(transport.exec('true'), HostError)).toBeInstanceOf(HostError)
    const limit = AbortSignal.timeout(100)
    const waited = await failureOf(transport.connected(limit), HostError)
    expect([waited.code, waited.message]).toEqual(['timeout', expect.stringMatching(/gone: .*ECONNREFUSED/)])
    await host.refuse(false)
    await transport.connected()
  })

  test('nobody there from the start: is gone with what to look at, and goes on trying', async () => {
    await host.refuse(true)
    transport = transportTo(host)
    expect(await inState(transport, 'gone')).toMatch(/cannot connect to 127\.0\.0\.1:\d+: .*is sshd running/)
    expect((await failureOf(transport.exec('true'), HostError)).code).toBe('unreachable')
    await host.refuse(false)
    await transport.connected()
  })

  test('silent: is slow first and gone later; heard again while slow, it is connected on the same connection', async () => {
    transport = transportTo(host, { times: { keepaliveCount: 30 } })
    await transport.connected()
    const seen = states(transport)
    host.silent(true)
    await inState(transport, 'slow')
    host.silent(false)
    await inState(transport, 'connected')
    expect([seen, host.connections()]).toEqual([['slow', 'connected'], 1])
  })

  test('silent for all keepalives: is gone, and what ran is HostGone', async () => {
    transport = transportTo(host)
    await transport.connected()
    const seen = states(transport)
    const channel = await transport.exec('exec sleep 1000')
    host.silent(true)
    const error = await failureOf(channel.exit, HostGone)
    expect(error.message).toMatch(/3 keepalives in a row went unanswered/)
    expect(seen).toEqual(['slow', 'gone'])
    host.silent(false)
    await transport.connected()
  })

  test('a quiet but answering host is not slow', async () => {
    transport = transportTo(host, { times: { keepaliveMs: 50 } })
    await transport.connected()
    const seen = states(transport)
    // nine intervals without a command
    await output(transport, 'sleep 0.45')
    expect(seen).toEqual([])
  })

  test('accepts, but never says a word: unreachable, and the message tells it from a closed port', async () => {
    const mute = createServer(() => undefined)
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void mute.close())
    const { port } = mute.address() as { port: number }
    transport = transportTo(host, { change: { port }, times: { attemptMs: 100 } })
    expect(await inState(transport, 'gone')).toMatch(/within 100 ms: it ended while waiting for its greeting.*hung/)
    expect((await failureOf(transport.exec('true'), HostError)).code).toBe('unreachable')
  })

  test('accepts before it is there, as a machine that boots does: the next attempt is let in, the first is not waited for', async () => {
    const sockets: Socket[] = []
    const early = createServer((socket) => {
      // what comes while it boots is lost
      const isFirst = sockets.push(socket) === 1
      socket.on('error', () => undefined)
      if (!isFirst) socket.pipe(connect(host.port, '127.0.0.1').on('error', () => socket.destroy())).pipe(socket)
    })
    await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      early.close()
    })
    const { port } = early.address() as { port: number }
    const files = filesFor(host)
    writeFileSync(files.knownHosts, host.knownHostsLine().replace(/:\d+/, `:${port}`))
    transport = transportTo(host, { change: { port }, files, times: { attemptMs: 600_000, againMs: 50 } })
    const seen = states(transport)
    expect(await output(transport, 'echo there')).toBe('there\n')
    expect(seen).toEqual(['connected'])
  })

  test('poke: leaves a dead connection at once, without waiting for keepalives', async () => {
    transport = transportTo(host, { times: { keepaliveMs: 60_000 } })
    await transport.connected()
    const seen = states(transport)
    const channel = await transport.exec('exec sleep 1000')
    host.freezePresent()
    transport.poke('snapshot loaded')
    expect((await failureOf(channel.exit, HostGone)).message).toMatch(/snapshot loaded/)
    expect(await output(transport, 'echo new')).toBe('new\n')
    expect(seen).toEqual(['connecting', 'connected'])
  })

  test('a unix socket ends with HostGone', async () => {
    transport = transportTo(host)
    const path = join(temporaryDirectory('socket'), 'socket')
    const server = createServer(() => undefined)
    await new Promise<void>((resolve) => server.listen(path, resolve))
    onTestFinished(() => void server.close())
    const socket = await transport.openUnixSocket(path)
    const failed = new Promise((resolve) => socket.once('error', resolve))
    host.drop()
    expect(await failed).toBeInstanceOf(HostGone)
  })

  test('a listener that throws is heard, and does not disturb the connection', async () => {
    transport = transportTo(host)
    const heard = new Promise<unknown>((resolve) => {
      const present = process.listeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      process.once('uncaughtException', (error) => {
        for (const listener of present) process.on('uncaughtException', listener)
        resolve(error)
      })
    })
    const fault = new Error('the fault of the listener')
    const dispose = transport.onState(() => {
      throw fault
    })
    expect(await heard).toBe(fault)
    dispose()
    await transport.connected()
    expect(transport.state()).toBe('connected')
  })
})

describe('jump hosts', () => {
  test('two hops: each is verified, and the command runs at the end', async () => {
    const [first, second] = [await fakeHost(), await fakeHost()]
    const one = transportTo(first, { change: { name: 'jump1' } })
    const two = transportTo(second, { change: { name: 'jump2' }, dial: one.dial })
    transport = transportTo(host, { dial: two.dial })
    expect(await output(transport, 'echo far')).toBe('far\n')
    expect([first, second, host].map((one) => [one.connections(), one.commands.length])).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
    ])

    // the first hop goes: the rest goes with it, and all comes back
    const gone = inState(transport, 'gone')
    first.drop()
    await gone
    await transport.connected()
    expect(await output(transport, 'echo back')).toBe('back\n')
    await transport.close()
    for (const jump of [two, one]) await jump.close()
    for (const jump of [first, second]) await jump.close()
  })

  test('an unverified jump host: the host behind it is refused for the same reason, and it is named', async () => {
    const first = await fakeHost()
    const files = filesFor(first)
    writeFileSync(files.knownHosts, '')
    const one = transportTo(first, { files, change: { name: 'jump1' } })
    transport = transportTo(host, { dial: one.dial })
    const error = await failureOf(transport.connected(), HostError)
    expect([error.code, error.message]).toEqual([
      'host-key-unknown',
      expect.stringMatching(/^nodea: .*jump host jump1: /),
    ])
    expect(host.connections()).toBe(0)
    await one.close()
    await first.close()
  })

  test('a host that the jump host cannot reach is unreachable', async () => {
    const first = await fakeHost()
    const one = transportTo(first, { change: { name: 'jump1' } })
    await host.refuse(true)
    transport = transportTo(host, { dial: one.dial })
    await inState(transport, 'gone')
    const error = await failureOf(transport.exec('true'), HostError)
    expect([error.code, error.message]).toEqual(['unreachable', expect.stringMatching(/jump host jump1/)])
    await one.close()
    await first.close()
  })
})

test('known_hosts is left as it was', async () => {
  const files = filesFor(host)
  const before = readFileSync(files.knownHosts, 'utf8')
  transport = transportTo(host, { files })
  await transport.connected()
  expect(readFileSync(files.knownHosts, 'utf8')).toBe(before)
})
