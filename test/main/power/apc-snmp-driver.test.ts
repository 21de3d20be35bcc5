import { afterEach, describe, expect, test } from 'vitest'
import type { PduModelName } from '../../../labs/power/models.ts'
import { apcSnmpDriver } from '../../../main/power/apc-snmp-driver.ts'
import { switchOutlet } from '../../../main/power/switch-outlet.ts'
import { fakePdu, type FakePdu, type FakeVariable } from '../../fakes/pdu.ts'
import { errorOf, impatient, never, targetAt } from './snmp-target.ts'

const open: FakePdu[] = []
afterEach(async () => {
  for (const pdu of open.splice(0)) await pdu.close()
})
async function pdu(...[identity, variables, readOnly]: Parameters<typeof fakePdu>): Promise<FakePdu> {
  const fake = await fakePdu(identity, variables, readOnly)
  open.push(fake)
  return fake
}

/** A table whose outlets are switched by numbers, as the vendor's MIB gives them. */
interface Family {
  readonly model: PduModelName
  readonly identity: string
  readonly outlet: string
  readonly index: readonly number[]
  readonly status: readonly [entry: string, column: number, on: number, off: number]
  readonly control: readonly [entry: string, column: number, on: number, off: number]
}
const apc = '1.3.6.1.4.1.318.1.1'
const lite = '1.3.6.1.4.1.850'
const one = { outlet: '3', index: [3] }
const families: readonly Family[] = [
  {
    ...one,
    model: 'rpdu',
    identity: '1.3.6.1.4.1.318.1.3.4.5',
    status: [`${apc}.12.3.5.1.1`, 4, 1, 2],
    control: [`${apc}.12.3.3.1.1`, 4, 1, 2],
  },
  {
    ...one,
    model: 'rpdu2',
    identity: '1.3.6.1.4.1.318.1.3.4.6',
    status: [`${apc}.4.4.2.1`, 3, 1, 2],
    control: [`${apc}.12.3.3.1.1`, 4, 1, 2],
  },
  {
    ...one,
    model: 'masterswitch',
    identity: '1.3.6.1.4.1.318.1.3.4.8',
    status: [`${apc}.4.4.2.1`, 3, 1, 2],
    control: [`${apc}.4.4.2.1`, 3, 1, 2],
  },
  {
    model: 'masterswitch-plus',
    identity: '1.3.6.1.4.1.318.1.3.4.4',
    outlet: '2:7',
    index: [2, 1, 7],
    status: [`${apc}.6.7.1.1`, 5, 1, 2],
    control: [`${apc}.6.5.1.1`, 5, 1, 3],
  },
  {
    model: 'tripplite',
    identity: '1.3.6.1.4.1.850.1',
    outlet: '3',
    index: [1, 3],
    status: [`${lite}.10.2.3.5.1`, 2, 2, 1],
    control: [`${lite}.10.2.3.5.1`, 4, 2, 1],
  },
  {
    model: 'tripplite-lx',
    identity: '1.3.6.1.4.1.850.1.1.1',
    outlet: '3',
    index: [1, 3],
    status: [`${lite}.1.1.3.2.3.3.1.1`, 4, 2, 1],
    control: [`${lite}.1.1.3.2.3.3.1.1`, 6, 2, 1],
  },
]

/** The lamp of the outlet: what the fake really does with a number it is given. */
function outletOf({ index, status, control }: Family, start: boolean | 'unsure') {
  const lamp: { on: boolean | 'unsure'; written: number[] } = { on: start, written: [] }
  const read = () => (lamp.on === 'unsure' ? 0 : lamp.on ? status[2] : status[3])
  const write = (value: number) => {
    lamp.written.push(value)
    if (value === control[2]) lamp.on = true
    if (value === control[3]) lamp.on = false
  }
  const statusVariable = { entry: status[0], column: status[1], index, read }
  const controlVariable = { entry: control[0], column: control[1], index, read: () => control[2], write }
  const same = status[0] === control[0] && status[1] === control[1]
  const variables: FakeVariable[] = same ? [{ ...statusVariable, write }] : [statusVariable, controlVariable]
  return { lamp, variables }
}

describe.each(families)('$model', (family) => {
  const quick = { signal: never, timeoutMs: 15_000, everyMs: 10 }
  test('off is off, and on is on', async () => {
    const { lamp, variables } = outletOf(family, true)
    const { port } = await pdu(family.identity, variables)
    const driver = apcSnmpDriver(targetAt(port), family.model)
    expect(await driver.state(family.outlet, never)).toBe('on')
    await switchOutlet(driver, family.outlet, false, quick)
    expect(lamp).toEqual({ on: false, written: [family.control[3]] })
    expect(await driver.state(family.outlet, never)).toBe('off')
    await switchOutlet(driver, family.outlet, true, quick)
    expect(lamp).toEqual({ on: true, written: [family.control[3], family.control[2]] })
  })
  test('a number outside the table is unknown', async () => {
    const { variables } = outletOf(family, 'unsure')
    const { port } = await pdu(family.identity, variables)
    expect(await apcSnmpDriver(targetAt(port), family.model).state(family.outlet, never)).toBe('unknown')
  })
  test('another model in the testbed: nothing is written', async () => {
    const { lamp, variables } = outletOf(family, true)
    const { port } = await pdu(family.identity, variables)
    for (const other of families.filter(({ model }) => model !== family.model)) {
      const driver = apcSnmpDriver(targetAt(port), other.model)
      for (const call of [driver.set(other.outlet, false, never), driver.state(other.outlet, never)]) {
        expect(await errorOf(call)).toMatchObject({
          code: 'wrong-model',
          message: expect.stringContaining(`says model: ${other.model} `),
        })
      }
    }
    expect(lamp).toEqual({ on: true, written: [] })
  })
})

describe('what goes wrong is said', () => {
  const [rpdu] = families
  if (rpdu === undefined) throw new Error('no family')

  test('a unit of no known model', async () => {
    const { port } = await pdu('1.3.6.1.4.1.3808.1.1.3', outletOf(rpdu, true).variables)
    const error = await errorOf(apcSnmpDriver(targetAt(port), 'rpdu').set('3', false, never))
    expect(error.message).toMatch(
      /^pdu1: the testbed says model: rpdu .* sysObjectID is 1\.3\.6\.1\.4\.1\.3808\.1\.1\.3, which is no/,
    )
  })
  test.each(['1', '2c'] as const)('SNMP %s: a wrong community, without saying it', async (version) => {
    const { port } = await pdu(rpdu.identity, outletOf(rpdu, true).variables)
    const error = await errorOf(
      apcSnmpDriver(impatient(targetAt(port, { version, community: 'hush' })), 'rpdu').state('3', never),
    )
    expect(error).toMatchObject({ name: 'PowerError', code: 'no-answer' })
    expect(error.message).toContain(`no answer from 127.0.0.1:${port} in 0.4 s`)
    expect(error.message).toContain('the community in PDU_COMMUNITY is wrong')
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('hush')
  })
  test.each(['1', '2c'] as const)('SNMP %s: no such outlet', async (version) => {
    const { port } = await pdu(rpdu.identity, outletOf(rpdu, true).variables)
    const driver = apcSnmpDriver(targetAt(port, { version }), 'rpdu')
    const message =
      'pdu1: the APC Switched Rack PDU (AP79xx) has no outlet 4 (nothing is at 1.3.6.1.4.1.318.1.1.12.3.5.1.1.4.4)'
    expect(await errorOf(driver.state('4', never))).toMatchObject({ code: 'no-such-outlet', message })
    expect(await errorOf(driver.set('4', false, never))).toMatchObject({ code: 'no-such-outlet', message })
    expect(await errorOf(driver.state('four', never))).toMatchObject({ code: 'configuration' })
  })
  test.each(['1', '2c'] as const)('SNMP %s: a community that may only read', async (version) => {
    const { lamp, variables } = outletOf(rpdu, true)
    const { port } = await pdu(rpdu.identity, variables, true)
    const error = await errorOf(apcSnmpDriver(targetAt(port, { version }), 'rpdu').set('3', false, never))
    expect(error).toMatchObject({ code: 'refused' })
    expect(error.message).toContain('Often the community in PDU_COMMUNITY may read, but not write.')
    expect(lamp.written).toEqual([])
  })
  test('abort ends the waiting at once', async () => {
    const fake = await fakePdu(rpdu.identity, [])
    await fake.close()
    const controller = new AbortController()
    const driver = apcSnmpDriver({ ...targetAt(fake.port), tryMs: 60_000 }, 'rpdu')
    const reason = new Error('enough')
    const waiting = errorOf(driver.state('3', controller.signal))
    setTimeout(() => controller.abort(reason), 20)
    expect(await waiting).toBe(reason)
    expect(await errorOf(driver.set('3', true, controller.signal))).toBe(reason)
  })
  test('an address that does not resolve', async () => {
    const driver = apcSnmpDriver({ ...targetAt(161), address: 'pdu.invalid' }, 'rpdu')
    expect(await errorOf(driver.state('3', never))).toMatchObject({
      code: 'no-answer',
      message: expect.stringMatching(/cannot send to pdu\.invalid:161: E/),
    })
  })
})
