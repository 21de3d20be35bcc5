/** Debian's fence_apc_snmp, which power people trust, drives the agent: the two share no code with each other. */
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPduAgent, type PduAgent } from '../../../main/power/pdu-agent.ts'
import { runLocal } from '../../../main/power/run-local.ts'
import { describeUnless } from '../../describe-unless.ts'

const missing = ['fence_apc_snmp', 'snmpget', 'snmpset', 'snmpwalk'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
)
const why = missing.length > 0 ? `${missing.join(', ')} not installed (apt-get install fence-agents snmp)` : undefined

describeUnless(why, 'fence_apc_snmp', () => {
  const lamps: ('on' | 'off')[] = ['on', 'on', 'off']
  let commands: string[] = []
  let agent: PduAgent
  beforeAll(async () => {
    agent = await startPduAgent({
      address: '127.0.0.1',
      port: 0,
      outlets: ['nodea', 'nodeb', 'array1'],
      community: 'right',
      user: {
        name: 'lab',
        authentication: { protocol: 'sha', password: 'authentication' },
        privacy: { protocol: 'aes', password: 'privacy-privacy' },
      },
      onCommand(outlet, action) {
        commands.push(`${outlet} ${action}`)
        if (action !== 'reboot') lamps[outlet - 1] = action
      },
      stateOf: (outlet) => lamps[outlet - 1] ?? 'off',
    })
  })
  afterAll(() => agent.close())

  const byCommunity = (version: string) => ['-d', version, '-c', 'right']
  const byUser = [
    '-d',
    '3',
    '-l',
    'lab',
    '-p',
    'authentication',
    '-P',
    'privacy-privacy',
    '-b',
    'SHA',
    '-B',
    'AES',
    '-E',
    'authPriv',
  ]
  const fence = async (access: readonly string[], ...rest: string[]) => {
    commands = []
    const argv = ['fence_apc_snmp', '-a', '127.0.0.1', '-u', `${agent.port}`, ...access, ...rest]
    const { exit, stdout, stderr } = await runLocal(argv, { signal: AbortSignal.timeout(20_000) })
    return { exit, stdout: stdout.trim(), commands, stderr }
  }

  test.each([
    ['1', byCommunity('1')],
    ['2c', byCommunity('2c')],
    ['3', byUser],
  ])('SNMP %s: status, off, on, reboot, list', { timeout: 120_000 }, async (_, access) => {
    const on = { exit: 0, stdout: 'Status: ON', commands: [] }
    const off = { exit: 2, stdout: 'Status: OFF', commands: [] }
    expect(await fence(access, '-n', '2', '-o', 'status')).toMatchObject(on)
    expect(await fence(access, '-n', '2', '-o', 'off')).toMatchObject({
      exit: 0,
      stdout: 'Success: Powered OFF',
      commands: ['2 off'],
    })
    expect(await fence(access, '-n', '2', '-o', 'status')).toMatchObject(off)
    expect(await fence(access, '-n', 'array1', '-o', 'status')).toMatchObject(off)
    expect(await fence(access, '-n', '2', '-o', 'on')).toMatchObject({ exit: 0, commands: ['2 on'] })
    expect(await fence(access, '-n', '2', '-o', 'reboot')).toMatchObject({
      exit: 0,
      stdout: 'Success: Rebooted',
      commands: ['2 off', '2 on'],
    })
    expect(await fence(access, '-o', 'list')).toMatchObject({ exit: 0, stdout: '1,nodea\n2,nodeb\n3,array1' })
  })

  test('SNMP 1: an outlet that is not there is an error, not off', { timeout: 30_000 }, async () => {
    const { exit, stderr } = await fence(byCommunity('1'), '-n', '9', '-o', 'status')
    expect([exit, stderr]).toEqual([1, expect.stringContaining('noSuchName')])
  })
})
