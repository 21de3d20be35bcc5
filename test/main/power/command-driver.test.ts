import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandDriver } from '../../../main/power/command-driver.ts'
import { runLocal } from '../../../main/power/run-local.ts'
import { switchOutlet } from '../../../main/power/switch-outlet.ts'
import { errorOf, never } from './snmp-target.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'

const sh = (script: string) => ['sh', '-c', script, 'relay', '{outlet}', '{action}']
const driver = (
  command: readonly string[],
  more: { input?: string; says?: { on: string; off: string } } = {},
  commandMs = 10_000,
) => commandDriver('relay', { driver: 'command', command, ...more }, { run: runLocal, commandMs })

test('a relay as a shell script: each outlet has its file', async () => {
  const directory = temporaryDirectory('relay')
  const relay = driver(
    sh(
      `f=${directory}/$1; case $2 in status) [ "$(cat $f)" = on ] || { echo "Status: OFF"; exit 2; };; *) echo $2 >$f;; esac`,
    ),
  )
  await switchOutlet(relay, '1/7', true, { signal: never, timeoutMs: 5000 }).catch(() => undefined)
  await switchOutlet(relay, '3', true, { signal: never, timeoutMs: 5000, everyMs: 10 })
  await switchOutlet(relay, '4', false, { signal: never, timeoutMs: 5000, everyMs: 10 })
  expect(['3', '4'].map((outlet) => readFileSync(join(directory, outlet), 'utf8'))).toEqual(['on\n', 'off\n'])
})

test('an outlet is one argument, whatever is in it', async () => {
  const error = await errorOf(driver(sh('echo "<$1>" >&2; exit 1')).set('1; rm x', true, never))
  expect(error.message).toContain('It said: <1; rm x>')
})

test('options on the standard input', async () => {
  const text = 'plug={outlet}\naction={action}\n'
  const error = await errorOf(driver(['sh', '-c', 'cat >&2; exit 1'], { input: text }).set('7', false, never))
  expect(error.message).toContain('It said: plug=7\naction=off')
})

test('three commands', async () => {
  const relay = commandDriver(
    'relay',
    { driver: 'command', on: ['true', '{outlet}'], off: ['false', '{outlet}'], status: ['sh', '-c', 'exit 2'] },
    { run: runLocal },
  )
  await relay.set('1', true, never)
  expect(await relay.state('1', never)).toBe('off')
  expect(await errorOf(relay.set('1', false, never))).toMatchObject({
    code: 'failed',
    message: 'relay: false 1 ended with exit 1, expected 0. It said nothing',
  })
})

describe('status', () => {
  test.each([
    ['exit 0', 'on'],
    ['exit 2', 'off'],
    ['echo "Status: OFF"; echo "a warning" >&2; exit 2', 'off'],
  ])('%s is %s', async (script, state) => expect(await driver(sh(script)).state('1', never)).toBe(state))
  test.each([
    ['echo "unknown option" >&2; exit 2', 'ended with exit 2, expected 0 for on or 2 for off. It said: unknown option'],
    ['exit 1', 'ended with exit 1, expected 0 for on or 2 for off. It said nothing'],
    ['kill -9 $$', 'ended by a signal'],
    ['echo "usage: relay on|off|status OUTLET"; exit 2', 'This is no answer: it printed its usage'],
    [
      'echo Chassis Power is off',
      'ended with exit 0, expected 0 for on or 2 for off. It said: Chassis Power is off. This is no answer: exit 0 is ' +
        'on, but what it printed says off. Where it ends with 0 whatever the state is, give what it prints as says: ',
    ],
  ])('%s is nothing', async (script, message) => {
    const error = await errorOf(driver(sh(script)).state('1', never))
    expect(error).toMatchObject({ code: 'failed', message: expect.stringContaining(message) })
  })
})

test('what it prints is the answer where the testbed says so', async () => {
  const says = { on: 'Chassis Power is on', off: 'Chassis Power is off' }
  const chassis = (text: string) => driver(sh(`echo ${text}`), { says }).state('1', never)
  expect(await chassis('Chassis Power is on')).toBe('on')
  expect(await chassis('Chassis Power is off')).toBe('off')
  expect(await errorOf(chassis('Chassis Power is unknown'))).toMatchObject({ code: 'failed' })
})

test('a command that prints its usage has switched nothing', async () => {
  const error = await errorOf(driver(sh('echo "Usage: relay on OUTLET"')).set('1', true, never))
  expect(error.message).toContain('it printed its usage, so it did not understand its arguments')
})

test('a command that is not there', async () => {
  expect(await errorOf(driver(['/no/such/agent', '{outlet}', '{action}']).state('1', never))).toMatchObject({
    code: 'configuration',
    message: 'relay: cannot start /no/such/agent: ENOENT',
  })
})

test('a command that does not end is killed, with what it started', async () => {
  const directory = temporaryDirectory('relay')
  const relay = driver(sh(`sleep 60 & echo $! >${directory}/pid; wait`), {}, 300)
  expect(await errorOf(relay.set('1', true, never))).toMatchObject({ code: 'no-answer' })
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'))
  await expect.poll(() => alive(pid)).toBe(false)
})

test('abort kills it, too', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  setTimeout(() => controller.abort(reason), 50)
  expect(await errorOf(driver(['sleep', '60']).state('1', controller.signal))).toBe(reason)
})

function alive(pid: number): boolean {
  try {
    // the container's init may leave it a zombie
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
