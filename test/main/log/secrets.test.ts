/** What is secret never gets to the file, whichever way it came. */
import fc from 'fast-check'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRunner } from '../../../main/hosts/runner.ts'
import { localTransport } from '../../../main/hosts/local-transport.ts'
import { commandLog } from '../../../main/log/command-log.ts'
import { createLog, keepSecret, log, openLog } from '../../../main/log/log.ts'
import { commandLine, quote } from '../../../main/transport/quote.ts'
import { rmSync } from 'node:fs'
import { temporaryFolder, textOf } from './folder.ts'

/** No word of a log's own has these: found in the file, it is the secret. What a shell, JSON and an address must quote is in it. */
const secretText = fc
  .tuple(fc.string({ minLength: 1, maxLength: 24 }), fc.constantFrom("'", '"', '\\', ' ', '$', '€', '%', '\n', ''))
  .map(([text, odd]) => `Zq${text.replaceAll('\0', '')}${odd}8xW`)

const optionNames = ['--password', '--token', '-password', '--snmp-community', '--api-key', '--login-passwd']

/** A secret is there if any of its forms is: as it is, in JSON, for a shell, in an address. */
function formsOf(secret: string): readonly string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1)
  return [secret, inJson(secret), inJson(inJson(secret)), inJson(quote(secret)), encodeURIComponent(secret)]
}
const expectNothingOf = (secret: string, folder: string) => {
  const text = textOf(folder)
  for (const form of formsOf(secret)) expect(text).not.toContain(form)
}

test('a secret of the testbed does not get through in any text, field, command or error', () => {
  const folder = join(temporaryFolder(), 'log')
  fc.assert(
    fc.property(
      secretText,
      fc.constantFrom('text', 'argv', 'quoted', 'stderr', 'error', 'cause', 'key', 'deep'),
      (secret, where) => {
        rmSync(folder, { recursive: true, force: true })
        const shown: string[] = []
        const own = createLog({
          program: 'cli',
          folder,
          onLine: (text) => shown.push(text),
          onUnwritable: (text) => expect.fail(text),
        })
        own.keepSecret([secret])
        const inside = `before ${secret} after`
        if (where === 'text') own.write('info', inside)
        if (where === 'argv') own.write('info', 'x', { argv: ['tool', secret, inside] })
        if (where === 'quoted') own.write('info', `'${commandLine(['tool', inside, secret])}' did not end`)
        if (where === 'stderr') own.write('info', 'x', { stderr: [inside, secret] })
        if (where === 'error') own.write('info', 'x', { error: new Error(inside) })
        if (where === 'cause') own.write('info', 'x', { error: new Error('y', { cause: new Error(inside) }) })
        if (where === 'key') own.write('info', 'x', { [inside]: 1 })
        if (where === 'deep') own.write('info', 'x', { a: [{ b: [inside, 1] }] })
        expect(textOf(folder)).toContain('•••')
        expectNothingOf(secret, folder)
        expect(shown.join('\n')).not.toContain(secret)
      },
    ),
  )
})

test('what follows an option or a variable of such a name does not get through, nor later in an error', () => {
  const folder = join(temporaryFolder(), 'log')
  const ways: readonly ((secret: string, option: string) => readonly string[])[] = [
    (secret, option) => ['tool', option, secret],
    (secret, option) => ['tool', `${option}=${secret}`, 'on'],
    (secret) => ['env', `RACK_PASSWORD=${secret}`, 'tool'],
    (secret) => ['iscsiadm', '-o', 'update', '-n', 'node.session.auth.password', '-v', secret],
    (secret) => ['snmpset', '-v2c', '-c', secret, 'pdu'],
    (secret) => ['snmpget', `-A${secret}`, 'pdu'],
    (secret) => ['sudo', '-n', '--', '/usr/bin/ipmitool', '-U', 'admin', '-P', secret],
    (secret) => ['fence_ipmilan', '-p', secret],
  ]
  fc.assert(
    fc.property(secretText, fc.constantFrom(...ways), fc.constantFrom(...optionNames), (secret, way, option) => {
      rmSync(folder, { recursive: true, force: true })
      openLog({ program: 'cli', folder, onUnwritable: (text) => expect.fail(text) })
      const argv = way(secret, option)
      commandLog('rack').record({
        type: 'command',
        host: 'nodea',
        purpose: 'x',
        argv,
        expected: [0],
        exit: 1,
        stdout: secret,
        stderr: `it was given ${secret}`,
        milliseconds: 1,
      })
      log.error('it failed', { error: new Error(`'${commandLine(argv)}' did not end in time`) })
      expectNothingOf(secret, folder)
    }),
  )
})

test('a short one goes from its own place; a longer one from every field, also from those before it', () => {
  const folder = join(temporaryFolder(), 'log')
  const own = createLog({ program: 'cli', folder, onUnwritable: (text) => expect.fail(text) })
  own.write('info', 'x', { argv: ['tool', '--password', 'Zq1', '--token=Zq2'], settings: { community: 'Zq3' } })
  own.write('info', 'Zq-longer', { said: 'it was Zq-longer', argv: ['tool', '--password', 'Zq-longer'] })
  expect(textOf(folder)).not.toContain('Zq')
})

test('a command through the runner: nothing of its input, its environment and its output', async () => {
  const folder = join(temporaryFolder(), 'log')
  const transport = localTransport({ name: 'here', sudo: false })
  openLog({ program: 'cli', folder, onUnwritable: (text) => expect.fail(text) })
  keepSecret(['Zq-known-8xW'])
  const commands = commandLog('rack')
  const runner = createRunner({ record: (event) => commands.record(event) })
  const failed = runner.run(transport, {
    purpose: 'say Zq-known-8xW',
    argv: ['sh', '-c', 'cat; echo "$PDU_TOKEN" >&2; exit 3', 'tool', 'Zq-known-8xW'],
    env: { PDU_TOKEN: 'Zq-unknown-8xW' },
    stdin: 'Zq-input-8xW',
    timeoutMs: 10_000,
  })
  const error: unknown = await failed.catch((thrown: unknown) => thrown)
  log.error('it failed', { error })
  await transport.close()
  const text = textOf(folder)
  expect(text).toContain('exit 3')
  for (const secret of ['Zq-known-8xW', 'Zq-unknown-8xW', 'Zq-input-8xW']) expect(text).not.toContain(secret)
})

describe('in texts that others wrote', () => {
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nZqAAAA8xW\n-----END OPENSSH PRIVATE KEY-----`
  test.each([
    [`a key: ${key} and more`],
    [`a key that was cut: ${key.slice(0, 60)}ZqAAAA8xW`],
    ['Authorization: Bearer ZqAAAA8xW'],
    ['{"authorization": "Digest username=ZqAAAA8xW"}'],
    ['https://admin:ZqAAAA8xW@pdu.example/outlet'],
    ["password = 'ZqAAAA8xW'"],
    ["ran 'tool' '--password=ZqAAAA8xW b'"],
    ["ran tool --password 'a ZqAAAA8xW'"],
    [`${'long '.repeat(30_000)} password=ZqAAAA8xW`],
  ])('%#', (text) => {
    const folder = join(temporaryFolder(), 'log')
    const own = createLog({ program: 'cli', folder, onUnwritable: (why) => expect.fail(why) })
    own.write('info', text, { said: text })
    expect(textOf(folder)).toContain('info')
    expect(textOf(folder)).not.toContain('ZqAAAA8xW')
  })

  test('registration keys, addresses and times are no secrets', () => {
    const folder = join(temporaryFolder(), 'log')
    const own = createLog({ program: 'cli', folder, onUnwritable: (why) => expect.fail(why) })
    const argv = ['sg_persist', '--out', '--param-rk=0x666c0000000a0001', '-c', '10.0.0.1', '-P']
    own.write('info', 'key=0x1 at https://10.0.0.1:8443/ passed', { argv })
    expect(textOf(folder)).not.toContain('•••')
  })
})

test('half of a secret is not left where a long text is cut', () => {
  const folder = join(temporaryFolder(), 'log')
  const own = createLog({ program: 'cli', folder, onUnwritable: (why) => expect.fail(why) })
  const secret = 'ZqSECRET8xW'.repeat(20)
  own.keepSecret([secret])
  for (const length of [390, 395, 400, 7990, 8000])
    own.write('info', 'x', { argv: [`${'x'.repeat(length)}${secret}`, 'y'] })
  own.write('info', `${'x'.repeat(7995)}${secret}`)
  expect(textOf(folder)).not.toContain('Zq')
})
