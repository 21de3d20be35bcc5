import { afterEach, describe, expect, test } from 'vitest'
import { apcSnmpDriver } from '../../../main/power/apc-snmp-driver.ts'
import { startPduAgent, type PduAgent, type PduAgentOptions } from '../../../main/power/pdu-agent.ts'
import type { SnmpAccess } from '../../../main/power/snmp-session.ts'
import { switchOutlet, type SwitchOptions } from '../../../main/power/switch-outlet.ts'
import { errorOf, impatient, never, target } from './snmp-target.ts'

const running: PduAgent[] = []
afterEach(async () => {
  for (const agent of running.splice(0)) await agent.close()
})

const user = {
  name: 'lab',
  authentication: { protocol: 'sha256', password: 'authentication' },
  privacy: { protocol: 'aes', password: 'privacy-privacy' },
} as const
const right: SnmpAccess = { version: '2c', community: 'right' }

/** A PDU with three outlets that do as they are told, unless `change` has them do otherwise. */
async function rack(change: Partial<PduAgentOptions> = {}) {
  const lamps: ('on' | 'off')[] = ['on', 'on', 'off']
  const commands: string[] = []
  const problems: string[] = []
  const agent = await startPduAgent({
    address: '127.0.0.1',
    port: 0,
    outlets: ['nodea', 'nodeb', 'array1'],
    community: 'right',
    readOnlyCommunity: 'look',
    user,
    onCommand(outlet, action) {
      commands.push(`${outlet} ${action}`)
      if (action !== 'reboot') lamps[outlet - 1] = action
    },
    stateOf: (outlet) => lamps[outlet - 1] ?? 'off',
    onProblem: (problem) => problems.push(problem.message),
    ...change,
  })
  running.push(agent)
  const driver = (access: SnmpAccess = right) => apcSnmpDriver(target(agent.port, access), 'rpdu')
  const impatientDriver = (access: SnmpAccess = right) => apcSnmpDriver(impatient(target(agent.port, access)), 'rpdu')
  return { agent, lamps, commands, problems, driver, impatientDriver }
}
const quick: SwitchOptions = { signal: never, timeoutMs: 15_000, everyMs: 10 }

test.each<[string, SnmpAccess]>([
  ['1', { version: '1', community: 'right' }],
  ['2c', right],
  ['3', { version: '3', user: 'lab', authentication: user.authentication, privacy: user.privacy }],
])('SNMP %s: the outlet that is meant, and no other', async (_, access) => {
  const { lamps, commands, problems, driver } = await rack()
  await switchOutlet(driver(access), '2', false, quick)
  expect([lamps, commands, problems]).toEqual([['on', 'off', 'off'], ['2 off'], []])
  await switchOutlet(driver(access), '3', true, quick)
  expect([lamps, commands, problems]).toEqual([['on', 'off', 'on'], ['2 off', '3 on'], []])
})

test.each([
  ['lab', { protocol: 'sha256', password: 'not the password' }, 'no-answer'],
  ['stranger', user.authentication, 'refused'],
] as const)('SNMP 3 as %s with what is wrong', async (name, authentication, code) => {
  const { commands, impatientDriver } = await rack()
  const error = await errorOf(
    impatientDriver({ version: '3', user: name, authentication, privacy: user.privacy }).set('1', false, never),
  )
  expect(error).toMatchObject({ name: 'PowerError', code })
  expect(error.message).toContain('the community in PDU_COMMUNITY')
  expect(`${error.message} ${String(error.cause)}`).not.toContain(authentication.password)
  expect(commands).toEqual([])
})

test('the read-only community looks and does not touch', async () => {
  const { commands, driver } = await rack()
  const looker = driver({ version: '1', community: 'look' })
  expect(await looker.state('3', never)).toBe('off')
  expect(await errorOf(looker.set('1', false, never))).toMatchObject({ code: 'refused' })
  expect(commands).toEqual([])
})

describe('switchOutlet believes nothing but the state', () => {
  test('a slow relay is waited for', async () => {
    let looks = 0
    const { driver } = await rack({ onCommand: () => undefined, stateOf: () => (++looks > 4 ? 'off' : 'on') })
    const said: string[] = []
    await switchOutlet(driver(), '1', false, { ...quick, onState: (state) => said.push(state) })
    // the driver looked once itself, before it wrote
    expect(said).toEqual(['on', 'on', 'on', 'off'])
  })
  test('an outlet that ignores the command', async () => {
    const { driver } = await rack({ onCommand: () => undefined })
    const error = await errorOf(switchOutlet(driver(), '1', false, { ...quick, timeoutMs: 1000 }))
    expect(error).toMatchObject({
      code: 'not-switched',
      message:
        'pdu1: outlet 1 was told to go off, and within 1 s the unit last said that it is on. The outlet counts as ' +
        'unknown: look at the unit',
    })
  })
  test('a unit that dies in the middle', async () => {
    const { agent, impatientDriver } = await rack({ onCommand: () => undefined })
    let looks = 0
    const error = await errorOf(
      switchOutlet(impatientDriver(), '1', false, {
        ...quick,
        timeoutMs: 5000,
        onState: () => {
          if (++looks === 2) void agent.close()
        },
      }),
    )
    running.pop()
    expect(error).toMatchObject({ code: 'not-switched' })
    expect(error.message).toMatch(
      /^pdu1: outlet 1 was told to go off, and within 5 s the unit last said that it is on; since then: pdu1: .*no answer from/,
    )
  })
  test('a unit that is dead from the start: the command is not taken', async () => {
    const { agent, impatientDriver } = await rack()
    await agent.close()
    running.pop()
    expect(await errorOf(switchOutlet(impatientDriver(), '1', false, quick))).toMatchObject({ code: 'no-answer' })
    expect(await errorOf(switchOutlet(impatientDriver(), '1', false, { ...quick, timeoutMs: 100 }))).toMatchObject({
      code: 'not-switched',
      message: expect.stringContaining('was to be told to go off, and within 0.1 s the unit did not take the command'),
    })
  })
  test('abort ends it with its reason', async () => {
    const { driver } = await rack({ onCommand: () => undefined })
    const controller = new AbortController()
    const reason = new Error('enough')
    const onState = () => controller.abort(reason)
    const switching = switchOutlet(driver(), '1', false, { ...quick, signal: controller.signal, onState })
    expect(await errorOf(switching)).toBe(reason)
  })
})

describe('the agent', () => {
  test('tells what went wrong inside, and lives on', async () => {
    const { problems, driver, impatientDriver } = await rack({
      onCommand: () => Promise.reject(new Error('no such machine')),
    })
    await driver().set('1', false, never)
    expect(await driver().state('1', never)).toBe('on')
    await errorOf(impatientDriver({ version: '1', community: 'wrong' }).state('1', never))
    expect(problems[0]).toBe('outlet 1 could not be switched (off): no such machine')
    expect(problems.slice(1).every((problem) => problem.includes('community'))).toBe(true)
  })
  test('a port in use', async () => {
    const { agent } = await rack()
    expect(await errorOf(rack({ port: agent.port }))).toMatchObject({ code: 'EADDRINUSE' })
  })
  test.each(['0.0.0.0', '10.0.0.1', '::', 'localhost'])('does not listen on %s', async (address) => {
    expect((await errorOf(rack({ address }))).message).toContain(`listens on loopback only, not on ${address}`)
  })
  test('packets that are no SNMP', async () => {
    const { agent, problems, driver } = await rack()
    const { createSocket } = await import('node:dgram')
    const socket = createSocket('udp4')
    await new Promise((resolve) => socket.send(Buffer.from('hello'), agent.port, '127.0.0.1', resolve))
    expect(await driver().state('1', never)).toBe('on')
    socket.close()
    expect(problems).toHaveLength(1)
  })
})
