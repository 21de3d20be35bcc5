/** Terminals on a host: a real SSH server with a real pty behind it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HostError, HostGone } from '../../../main/transport/host-error.ts'
import type { Shell } from '../../../main/transport/transport.ts'
import type { SshTransport } from '../../../main/ssh/ssh-transport.ts'
import { failureOf, transportTo } from '../../fakes/hosts.ts'
import { fakeHost, type FakeHost } from '../../fakes/ssh-server.ts'

let host: FakeHost
let transport: SshTransport
beforeEach(async () => {
  host = await fakeHost()
  transport = transportTo(host)
})
afterEach(async () => {
  await transport.close()
  await host.close()
})

const size = { columns: 90, rows: 20 }
function collect(shell: Shell): { text: string } {
  const seen = { text: '' }
  shell.output.on('data', (chunk: Buffer) => (seen.text += chunk.toString()))
  return seen
}
async function until(is: () => boolean): Promise<void> {
  for (let tries = 0; !is(); tries += 1) {
    if (tries > 400) throw new Error('it did not come to that')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('a shell has a terminal of the size that is asked for, and follows its changes', async () => {
  const shell = await transport.openShell({ ...size })
  const seen = collect(shell)
  shell.write('stty size; tty | grep -c dev\n')
  await until(() => /20 90\r\n1\r\n/.test(seen.text))
  shell.resize(132, 50)
  shell.write('stty size\n')
  await until(() => seen.text.includes('50 132'))
  shell.write('exit 3\n')
  expect(await shell.exit).toEqual({ code: 3, signal: null })
})

test('a command can run in one instead', async () => {
  const shell = await transport.openShell({ ...size, commandLine: 'stty size' })
  const seen = collect(shell)
  await shell.exit
  expect(seen.text).toBe('20 90\r\n')
})

test('what floods stops while nobody reads, and goes on afterwards', async () => {
  const shell = await transport.openShell({ ...size, commandLine: 'yes 0123456789' })
  let bytes = 0
  shell.output.on('data', (chunk: Buffer) => (bytes += chunk.length))
  await until(() => bytes > 100_000)
  shell.output.pause()
  await new Promise((resolve) => setTimeout(resolve, 200))
  const held = bytes
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(bytes).toBe(held)
  shell.output.resume()
  await until(() => bytes > held + 1_000_000)
  shell.close()
})

test('a lost connection ends it, and that is said', async () => {
  const shell = await transport.openShell({ ...size })
  shell.output.resume()
  host.drop()
  expect(await failureOf(shell.exit, HostGone)).toBeInstanceOf(HostGone)
})

test('where all sessions are in use, that is said after a while', async () => {
  const few = transportTo(host, { times: { sessions: 1 } })
  const first = await few.openShell({ ...size })
  first.output.resume()
  const failure = await failureOf(few.openShell({ ...size }), HostError)
  expect([failure.code, failure.message]).toEqual(['refused', expect.stringContaining('all 1 sessions') as string])
  first.close()
  await first.exit
  const second = await few.openShell({ ...size, commandLine: 'true' })
  second.output.resume()
  expect(await second.exit).toEqual({ code: 0, signal: null })
  await few.close()
}, 15_000)
