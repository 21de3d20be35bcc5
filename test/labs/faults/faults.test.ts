import { expect, test } from 'vitest'
import { faults } from '../../../labs/faults/faults.ts'
import type { FaultPlan } from '../../../labs/faults/fault.ts'
import { stateLetter } from '../../../labs/faults/vm-freeze.ts'
import { exampleText, read } from '../testbed/example.ts'
import { run } from '../sampling/shell.ts'

const virtual = read(exampleText('virtual.yaml'))
const rack = read(exampleText('rack-example.yaml'))
const context = { id: 'run-1-cut', deadManSeconds: 30 }
const plan = (name: string, target: Record<string, string>, more = {}, testbed = virtual): FaultPlan => {
  const fault = faults[name]
  if (!fault) throw new Error(`no fault ${name}`)
  return fault.plan(testbed, target, { ...context, ...more })
}
const cut = plan('private-link-down', { node: 'nodea', link: 'priv2' })
const freeze = plan('vm-freeze', { node: 'nodeb' }, { process: 4711 })
const answers = (checks: FaultPlan['verify'], index: number, exit: number, stdout = '') =>
  checks[index]?.read({ exit, stdout })

test('every fault goes by its name and says what it needs', () => {
  for (const [name, fault] of Object.entries(faults))
    expect([fault.name, fault.target.length > 0, fault.title !== '']).toEqual([name, true, true])
})

test('a private link is taken down on its node and looked at from both ends', () => {
  expect([cut.host, cut.undoText]).toEqual(['nodea', 'private link priv2 of nodea (interface priv2) is down'])
  expect(cut.apply.argv.slice(0, 2).concat(cut.apply.argv.slice(3))).toEqual([
    'sh',
    '-c',
    'fault',
    '30',
    'run-1-cut',
    'priv2',
  ])
  expect(cut.verify.map(({ host, argv }) => [host, ...argv])).toEqual([
    ['nodea', 'cat', '/sys/class/net/priv2/flags'],
    ['nodeb', 'ping', '-n', '-c', '1', '-W', '1', '-I', 'priv2', '10.77.2.11'],
  ])
  expect(cut.gone.map(({ host, argv }) => [host, ...argv])).toEqual(cut.verify.map(({ host, argv }) => [host, ...argv]))
  expect(plan('private-link-down', { node: 'server2', link: 'priv1' }, {}, rack).verify[1]?.host).toBe('server1')
})

test.each([
  // IFF_UP is the lowest bit
  ['0x1003\n', true],
  ['0x1\n', true],
  ['0x1002\n', false],
  ['0x0\n', false],
])('flags %j of the kernel: up is %s', (flags, up) => {
  expect([answers(cut.verify, 0, 0, flags)?.ok, answers(cut.gone, 0, 0, flags)?.ok]).toEqual([!up, up])
})

test.each(['', 'up', '0x', '4099', '0x1003 0x1002'])('flags %j say neither up nor down', (flags) => {
  expect([answers(cut.verify, 0, 0, flags)?.ok, answers(cut.gone, 0, 0, flags)?.ok]).toEqual([false, false])
})

test('an answer over the link says that it is up; only no answer (1) says that it is down, not an error of ping (2)', () => {
  expect([answers(cut.verify, 1, 0)?.ok, answers(cut.gone, 1, 0)?.ok]).toEqual([false, true])
  expect([answers(cut.verify, 1, 1)?.ok, answers(cut.gone, 1, 1)?.ok]).toEqual([true, false])
  expect(cut.verify[1]?.expected).toEqual([0, 1])
})

test('a machine is stopped on its hypervisor, and the state letter of its process is the proof', () => {
  expect([freeze.host, freeze.verify[0]?.argv, freeze.verify[0]?.processOf]).toEqual([
    'here',
    ['cat', '/proc/4711/stat'],
    'nodeb',
  ])
  const stat = (letter: string) => `4711 (qemu (x) R) ${letter} 1 4711 4711 0 -1`
  const [stopped, gone] = [
    (letter: string) => answers(freeze.verify, 0, 0, stat(letter))?.ok,
    (letter: string) => answers(freeze.gone, 0, 0, stat(letter))?.ok,
  ]
  expect(['T', 'R', 'S', 'D', 't', 'Z'].map((letter) => [letter, stopped(letter), gone(letter)])).toEqual([
    ['T', true, false],
    ['R', false, true],
    ['S', false, true],
    ['D', false, true],
    ['t', false, true],
    ['Z', false, true],
  ])
  expect([answers(freeze.verify, 0, 0, '')?.ok, answers(freeze.gone, 0, 0, '')?.ok]).toEqual([false, false])
})

test('the state is the third field, whatever the name holds', () => {
  expect(['1 (a) R 1', '1 (a) T) S 1', '1 (\n) T 1', '1 () D 1', 'no stat', ''].map(stateLetter)).toEqual([
    'R',
    'S',
    'T',
    'D',
    '',
    '',
  ])
})

test('what a testbed cannot do is said', () => {
  expect(() => plan('private-link-down', { node: 'observer', link: 'priv1' })).toThrow(
    'node observer has no private link priv1 in the testbed',
  )
  expect(() => plan('private-link-down', { node: 'nodea', link: 'priv3' })).toThrow(
    'node nodea has no private link priv3 in the testbed',
  )
  expect(() => plan('private-link-down', {})).toThrow(/has no private link/)
  expect(() => plan('vm-freeze', { node: 'server1' }, {}, rack)).toThrow(
    'node server1 is no virtual machine in the testbed: it has no "vm" part',
  )
  expect(() => plan('vm-freeze', { node: 'nodea' })).toThrow("the process of nodea's virtual machine was not found")
})

test('every command is shell without a mistake', async () => {
  for (const { argv } of [cut.apply, cut.revert, freeze.apply, freeze.revert]) {
    expect(argv.slice(0, 2)).toEqual(['sh', '-c'])
    const { exit, stderr } = await run('printf "%s" "$1" | sh -n', [argv[2] ?? ''])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  }
})
