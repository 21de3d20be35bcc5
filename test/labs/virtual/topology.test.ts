import { expect, test } from 'vitest'
import { networksOf, virtualMachines } from '../../../labs/virtual/topology.ts'
import { recipe } from '../../../labs/virtual/recipe.ts'
import { exampleText, read } from '../testbed/example.ts'
import { run } from '../sampling/shell.ts'

const text = exampleText('virtual.yaml')
const machines = virtualMachines(read(text))
const named = (name: string) => machines.find((machine) => machine.name === name)

test('the machines of the virtual lab, in the order of the file; this computer is none', () => {
  expect(machines.map(({ name, number, memory, ssh }) => ({ name, number, memory, ssh }))).toEqual(
    [
      ['nodea', 11, 256],
      ['nodeb', 12, 256],
      ['array1', 21, 160],
      ['array2', 22, 160],
      ['observer', 31, 160],
    ].map(([name, number, memory]) => ({
      name,
      number,
      memory,
      ssh: { address: `127.0.77.${number}`, port: 2222 },
    })),
  )
})

test('a node has a card for every private link, all others only for management and storage', () => {
  expect(named('nodeb')?.cards).toEqual([
    { name: 'management', network: 'management', mac: '52:54:00:77:0c:00', address: '10.0.2.15/24' },
    { name: 'storage', network: 'storage', mac: '52:54:00:77:0c:01', address: '10.77.0.12/24' },
    { name: 'priv1', network: 'priv1', mac: '52:54:00:77:0c:02', address: '10.77.1.12/24' },
    { name: 'priv2', network: 'priv2', mac: '52:54:00:77:0c:03', address: '10.77.2.12/24' },
  ])
  expect(named('array1')?.cards.map(({ name }) => name)).toEqual(['management', 'storage'])
  const macs = machines.flatMap(({ cards }) => cards.map(({ mac }) => mac))
  expect(new Set(macs).size).toBe(macs.length)
  expect(networksOf(machines)).toEqual(['storage', 'priv1', 'priv2'])
})

test('what a machine is told is read by a shell, word for word', async () => {
  const told = async (name: string, variable: string) =>
    (await run(`${named(name)?.environment}\nprintf '%s' "$${variable}"`, [])).stdout
  expect(await told('nodea', 'NAME')).toBe('nodea')
  expect([
    await told('nodea', 'ARRAY'),
    await told('nodea', 'INITIATOR'),
    await told('array1', 'ARRAY'),
    await told('array1', 'INITIATOR'),
  ]).toEqual(['no', 'yes', 'yes', 'no'])
  expect(await told('array2', 'LUNS')).toBe(
    'coord2=fe1ab0000000000000000c002=8 coord3=fe1ab0000000000000000c003=8'.replaceAll(
      'fe1ab0000000000000000',
      'fe1ab0000000000000000',
    ),
  )
  expect(await told('observer', 'PORTALS')).toBe(
    'iqn.2026-11.fencelab:array1@10.77.0.21 iqn.2026-11.fencelab:array2@10.77.0.22',
  )
  expect(await told('nodeb', 'LUN_COUNT')).toBe('4')
})

test('what cannot be built is said', () => {
  expect(() => virtualMachines(read(exampleText('rack-example.yaml')))).toThrow(
    'testbed rack-example is not a virtual lab: it has no "virtual" section',
  )
  expect(() =>
    virtualMachines(read(text.replace('naa.6001405fe1ab0000000000000000c001', 'naa.600a0b80002f5c5e0000a1b25f000001'))),
  ).toThrow(
    "LUN coord1: a virtual lab's WWID is naa.6001405 and 25 hexadecimal digits, not naa.600a0b80002f5c5e0000a1b25f000001",
  )
  expect(() => virtualMachines(read(text.replace('127.0.77.31', '10.0.0.31')))).toThrow(
    "host observer: a virtual lab's SSH address is a loopback address",
  )
  expect(() => virtualMachines(read(text.replace('127.0.77.31', '127.0.78.11')))).toThrow('nodea and observer')
})

test.each(Object.entries(recipe.scripts))('%s is shell without a mistake', async (_, script) => {
  const { exit, stderr } = await run('printf "%s" "$1" | sh -n', [script])
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
})
