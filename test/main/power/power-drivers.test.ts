import { describe, expect, test } from 'vitest'
import { manualDriver } from '../../../main/power/manual-driver.ts'
import { powerDrivers, type PowerTools } from '../../../main/power/power-drivers.ts'
import { switchOutlet } from '../../../main/power/switch-outlet.ts'
import { exampleText, read, small } from '../../labs/testbed/example.ts'
import { errorOf, never } from './snmp-target.ts'

const tools: PowerTools = { environment: {}, ask: async () => false }

describe('a person at the switch', () => {
  test('unknown until confirmed, and asked in words', async () => {
    const asked: string[] = []
    const driver = manualDriver('strip', 'left rack, white strip', async (question) => asked.push(question) > 0)
    expect(await driver.state('2', never)).toBe('unknown')
    await switchOutlet(driver, '2', false, { signal: never, timeoutMs: 1000 })
    expect([await driver.state('2', never), await driver.state('3', never)]).toEqual(['off', 'unknown'])
    expect(asked).toEqual(['Switch outlet 2 of strip OFF (left rack, white strip). Is it OFF now, by its own lamp?'])
  })
  test('a no, and what was known is known no more', async () => {
    const answers = [true, false]
    const driver = manualDriver('strip', undefined, async () => answers.shift() ?? false)
    await driver.set('2', true, never)
    expect(await errorOf(driver.set('2', false, never))).toMatchObject({
      code: 'refused',
      message: 'strip: outlet 2 was not confirmed to be OFF; it counts as unknown',
    })
    expect(await driver.state('2', never)).toBe('unknown')
  })
  test('nobody answers', async () => {
    const driver = manualDriver('strip', undefined, () => new Promise(() => undefined))
    const controller = new AbortController()
    const reason = new Error('enough')
    const waiting = errorOf(driver.set('2', true, controller.signal))
    controller.abort(reason)
    expect(await waiting).toBe(reason)
    expect(await errorOf(switchOutlet(driver, '2', true, { signal: never, timeoutMs: 50 }))).toMatchObject({
      code: 'not-switched',
    })
  })
})

describe('the drivers of a testbed', () => {
  const rack = read(exampleText('rack-example.yaml'))
  const environment = { RACK_PDU_COMMUNITY: 'hush' }
  const runs: string[] = []
  const runOn: NonNullable<PowerTools['runOn']> = (host) => async (argv) => {
    runs.push(`${host}: ${argv.join(' ')}`)
    return { exit: 2, stdout: '', stderr: '' }
  }
  test('one for each unit, and commands run on their host', async () => {
    const drivers = powerDrivers(rack, { ...tools, environment, runOn })
    expect([...drivers.keys()]).toEqual(['pdu1', 'pdu2', 'pdu3'])
    expect([...drivers.values()].map(({ unit }) => unit)).toEqual(['pdu1', 'pdu2', 'pdu3'])
    expect(await drivers.get('pdu3')?.state('1', never)).toBe('off')
    expect(runs).toEqual(['bastion: /usr/local/sbin/relay status 1'])
  })
  test.each([{}, { RACK_PDU_COMMUNITY: '' }])('a variable that is not set: %j', (unset) => {
    expect(() => powerDrivers(rack, { ...tools, environment: unset, runOn })).toThrow(
      "pdu1: the environment variable RACK_PDU_COMMUNITY is not set; it holds the unit's secret",
    )
  })
  test('a host that cannot be reached from here', () => {
    expect(() => powerDrivers(rack, { ...tools, environment })).toThrow('pdu3: its commands run on bastion')
  })
  test('SNMPv3 needs both of its secrets', () => {
    const testbed = read(
      small.replace(
        'model: rpdu, communityVariable: PDU_COMMUNITY',
        "version: '3', model: rpdu, user: lab, authentication: { protocol: sha, variable: AUTH }, privacy: { protocol: aes, variable: PRIV }",
      ),
    )
    expect(() => powerDrivers(testbed, { ...tools, environment: { AUTH: 'x' } })).toThrow('variable PRIV is not set')
    expect(powerDrivers(testbed, { ...tools, environment: { AUTH: 'x', PRIV: 'y' } }).size).toBe(1)
  })
})
