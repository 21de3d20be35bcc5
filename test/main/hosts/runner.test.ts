import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { CommandFailed } from '../../../main/hosts/command-failed.ts'
import { HostError, HostGone } from '../../../main/transport/host-error.ts'
import { localTransport } from '../../../main/hosts/local-transport.ts'
import { type CommandRecord, createRunner } from '../../../main/hosts/runner.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'
import type { Transport } from '../../../main/transport/transport.ts'
import { failureOf, transportTo } from '../../fakes/hosts.ts'
import { type FakeHost, fakeHost } from '../../fakes/ssh-server.ts'

let host: FakeHost
beforeAll(async () => {
  host = await fakeHost()
})
afterAll(() => host.close())

function recording(redact: readonly string[] = []) {
  const events: CommandRecord[] = []
  return { events, runner: createRunner({ record: (event) => events.push(event), redact }) }
}
const sh = (script: string, ...words: string[]) => ['sh', '-c', script, 'sh', ...words]
const timeoutMs = 10_000
const anyTime = expect.any(Number) as number

describe.each([
  ['over SSH', () => transportTo(host)],
  ['on this machine', () => localTransport({ name: 'nodea' })],
])('the runner %s', (_title, open: () => Transport) => {
  let transport: Transport
  beforeAll(async () => {
    transport = open()
    await transport.connected()
  })
  afterAll(() => transport.close())

  test('returns what the command said, and records it', async () => {
    const { runner, events } = recording()
    const argv = sh('printf "%s" "$1"; echo err >&2; exit 6', "it's $HOME")
    const result = await runner.run(transport, { purpose: 'try', argv, expected: [0, 6], timeoutMs })
    expect(result).toEqual({ exit: 6, stdout: "it's $HOME", stderr: 'err\n', milliseconds: anyTime, event: 1 })
    expect(events).toEqual([
      {
        type: 'command',
        host: 'nodea',
        purpose: 'try',
        argv,
        exit: 6,
        expected: [0, 6],
        stdout: "it's $HOME",
        stderr: 'err\n',
        milliseconds: result.milliseconds,
      },
    ])
  })

  test('an unexpected exit is an error that tells all, and is recorded', async () => {
    const { runner, events } = recording()
    const argv = sh('echo the reason >&2; exit 2')
    const error = await failureOf(runner.run(transport, { purpose: 'read keys', argv, timeoutMs }), CommandFailed)
    expect({ ...error }).toMatchObject({
      host: 'nodea',
      argv,
      exit: 2,
      expected: [0],
      stderrTail: 'the reason',
      event: 1,
    })
    expect(error.message).toMatch(/^nodea: read keys: 'sh -c .*' ended with exit 2, expected 0\. It said: the reason$/)
    expect(events).toMatchObject([{ exit: 2, expected: [0], stderr: 'the reason\n' }])
  })

  test('ended by a signal: an error, unless any end is right', async () => {
    const { runner, events } = recording()
    const argv = ['env', 'sh', '-c', 'kill -KILL $$']
    const error = await failureOf(runner.run(transport, { purpose: 'die', argv, timeoutMs }), CommandFailed)
    const { exit } = error
    // the shell in between may have become the command, or tell of its signal as 128 + 9
    expect([null, 137]).toContain(exit)
    const result = await runner.run(transport, { purpose: 'die', argv, expected: [], timeoutMs })
    expect(result.exit).toBe(exit)
    expect(events.map((event) => event.failure)).toEqual(exit === null ? ['signal', 'signal'] : [undefined, undefined])
  })

  test('a time limit ends it on the host, keeps what it said until then, and is recorded', async () => {
    const { runner, events } = recording()
    const directory = temporaryDirectory('runner')
    const argv = sh('echo so far; echo $$ > "$1/pid.new"; mv "$1/pid.new" "$1/pid"; exec sleep 1000', directory)
    const error = await failureOf(runner.run(transport, { purpose: 'hang', argv, timeoutMs: 400 }), HostError)
    expect([error.code, error.event]).toEqual(['timeout', 1])
    expect(error.message).toMatch(/'sh -c .*' \(hang\) did not end within 400 ms.*Connection: connected/)
    expect(events).toMatchObject([
      { exit: null, failure: 'timeout', stdout: 'so far\n', stderr: expect.stringContaining('400 ms') },
    ])
    const check = await runner.run(transport, {
      purpose: 'see that it has ended',
      argv: sh('while kill -0 "$(cat "$1/pid")" 2>/dev/null; do :; done', directory),
      timeoutMs,
    })
    expect(check.exit).toBe(0)
  })

  test('an abort is recorded as such', async () => {
    const { runner, events } = recording()
    const controller = new AbortController()
    const run = runner.run(transport, {
      purpose: 'wait',
      argv: ['sleep', '1000'],
      timeoutMs,
      signal: controller.signal,
    })
    controller.abort()
    expect((await failureOf(run, HostError)).code).toBe('aborted')
    expect(events).toMatchObject([{ exit: null, failure: 'aborted' }])
  })

  test('gives standard input', async () => {
    const { runner } = recording()
    expect((await runner.run(transport, { purpose: 'copy', argv: ['cat'], stdin: 'ä', timeoutMs })).stdout).toBe('ä')
  })

  test('secrets go nowhere: not into events, not into errors', async () => {
    const { runner, events } = recording(['s3cret', 's3cret-long', ''])
    const argv = sh('echo "$1"; echo "no: $1" >&2; exit 1', 's3cret-long s3cret')
    const error = await failureOf(runner.run(transport, { purpose: 'use s3cret', argv, timeoutMs }), CommandFailed)
    const all = JSON.stringify([events, error.message, error.argv, error.stderrTail])
    expect([all.includes('s3cret'), events[0]?.stdout, events[0]?.purpose]).toEqual([false, '••• •••\n', 'use •••'])
    const seen = await runner.run(transport, { purpose: 'echo', argv: ['echo', 's3cret'], timeoutMs })
    expect(seen.stdout).toBe('s3cret\n')
  })

  test('keeps one megabyte, and marks that there was more', async () => {
    const { runner, events } = recording()
    const argv = sh('head -c 1500000 /dev/zero | tr "\\0" x')
    const { stdout } = await runner.run(transport, { purpose: 'flood', argv, timeoutMs })
    expect(stdout.slice(1048570)).toBe(
      `xxxxxx\n[fencelab: cut here; the command wrote 1500000 bytes, the first 1048576 are kept]\n`,
    )
    expect(events[0]?.stdout).toBe(stdout)
  })

  describe('stream', () => {
    test('hands out lines, takes lines, and records the end', async () => {
      const { runner, events } = recording()
      const lines: string[] = []
      const errors: string[] = []
      const argv = sh('while read line; do echo "got $line"; echo "err $line" >&2; done; printf rest; exit 3')
      const stream = await runner.stream(transport, {
        purpose: 'talk',
        argv,
        expected: [3],
        onLine: (line) => lines.push(line),
        onError: (line) => errors.push(line),
      })
      stream.write('one')
      stream.write('zwölf')
      await vi.waitUntil(() => lines.length === 2, { interval: 2 })
      stream.end()
      expect(await stream.done).toEqual({ code: 3, signal: null })
      expect([lines, errors]).toEqual([
        ['got one', 'got zwölf', 'rest'],
        ['err one', 'err zwölf'],
      ])
      expect(events).toEqual([
        {
          type: 'command',
          host: 'nodea',
          purpose: 'talk',
          argv,
          exit: 3,
          expected: [3],
          stdout: '[fencelab: 3 lines, handed on as they came]',
          stderr: 'err one\nerr zwölf\n',
          milliseconds: anyTime,
        },
      ])
    })

    test('stop ends it, and nothing is handed out any more', async () => {
      const { runner, events } = recording()
      const lines: string[] = []
      const stream = await runner.stream(transport, {
        purpose: 'watch',
        argv: ['yes', 'tick'],
        onLine: (line) => {
          lines.push(line)
          if (lines.length === 3) stream.stop()
        },
      })
      expect(await stream.done).toEqual({ code: null, signal: null })
      expect(lines).toEqual(['tick', 'tick', 'tick'])
      expect(events).toMatchObject([{ exit: null, failure: 'aborted' }])
    })

    test('an unexpected end and an abort reject `done`', async () => {
      const { runner, events } = recording()
      const onLine = () => undefined
      const failing = await runner.stream(transport, { purpose: 'fail', argv: ['false'], onLine })
      expect((await failureOf(failing.done, CommandFailed)).exit).toBe(1)
      const controller = new AbortController()
      const aborted = await runner.stream(transport, {
        purpose: 'wait',
        argv: ['sleep', '1000'],
        onLine,
        signal: controller.signal,
      })
      controller.abort()
      expect((await failureOf(aborted.done, HostError)).code).toBe('aborted')
      expect(events.map(({ exit, failure }) => [exit, failure])).toEqual([
        [1, undefined],
        [null, 'aborted'],
      ])
    })

    test('what its reader throws ends it and comes out', async () => {
      const { runner, events } = recording()
      const fault = new SyntaxError('not a sample')
      const stream = await runner.stream(transport, {
        purpose: 'sample',
        argv: sh('echo x; exec sleep 1000'),
        onLine: () => {
          throw fault
        },
      })
      expect(await failureOf(stream.done, SyntaxError)).toBe(fault)
      expect(events).toMatchObject([{ failure: 'aborted', stderr: expect.stringContaining('not a sample') }])
    })
  })
})

describe('the runner and a host that goes', () => {
  test('a command that was running, and one that cannot start, are recorded as gone', async () => {
    const { runner, events } = recording()
    const transport = transportTo(host)
    onTestFinished(() => transport.close())
    await transport.connected()
    const stream = await runner.stream(transport, {
      purpose: 'watch',
      argv: ['sleep', '1000'],
      onLine: () => undefined,
    })
    const running = runner.run(transport, { purpose: 'wait', argv: ['sleep', '1000'], timeoutMs })
    await vi.waitUntil(() => host.commands.at(-1) === 'sleep 1000' && host.commands.at(-2) === 'sleep 1000', {
      interval: 2,
    })
    await host.refuse(true)
    onTestFinished(() => host.refuse(false))
    host.drop()
    const failures = await Promise.all([failureOf(running, HostGone), failureOf(stream.done, HostGone)])
    expect(failures.map((error) => error.code)).toEqual(['gone', 'gone'])
    await failureOf(runner.run(transport, { purpose: 'too late', argv: ['true'], timeoutMs }), HostError)
    expect(events.map(({ purpose, exit, failure }) => [purpose, exit, failure]).sort()).toEqual([
      ['too late', null, 'gone'],
      ['wait', null, 'gone'],
      ['watch', null, 'gone'],
    ])
  })
})

test('sudo goes before commands that need root, on hosts where it is the way, and is recorded', async () => {
  const bin = temporaryDirectory('sudo')
  // only the form that never asks is taken
  writeFileSync(join(bin, 'sudo'), '#!/bin/sh\n[ "$1 $2" = "-n --" ] || exit 99\nshift 2\nAS=root exec "$@"\n')
  chmodSync(join(bin, 'sudo'), 0o755)
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { runner, events } = recording()
  const run = (sudo: boolean, hostSudo: boolean) =>
    runner.run(localTransport({ name: 'nodea', sudo: hostSudo }), {
      purpose: 'who',
      argv: sh('echo "$AS $LC_ALL"'),
      sudo,
      env: { LC_ALL: 'C' },
      timeoutMs,
    })
  const said = [await run(true, true), await run(false, true), await run(true, false)].map(({ stdout }) => stdout)
  expect(said).toEqual(['root C\n', ' C\n', ' C\n'])
  expect(events.map(({ argv }) => argv.slice(0, 4).join(' '))).toEqual([
    'sudo -n -- env',
    'env LC_ALL=C sh -c',
    'env LC_ALL=C sh -c',
  ])
})
