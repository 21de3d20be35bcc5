import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { arraySamplerScript, createArrayReader, type ArrayView } from '../../../labs/sampling/array-sampler.ts'
import { folder, start } from './shell.ts'

const files = {
  res_pr_generation: '0x00000004\n',
  res_holder: 'SPC-3 Reservation: iSCSI Initiator Node: iqn.2026-11.fencelab:nodea,i,0x00023d000001\n',
  res_pr_type: 'SPC-3 Reservation Type: Write Exclusive Access, Registrants Only\n',
  res_pr_registered_i_pts:
    'iSCSI Node: iqn.2026-11.fencelab:nodea,i,0x00023d000001 Key: 0x412d2d2d2d2d2d2d PRgen: 0x00000001\n',
}
const whole = Object.values(files).join('')

/** configfs of a target with these LUNs: store name to serial number */
function target(serials: Readonly<Record<string, string>>) {
  const core = folder()
  const store = (name: string) => join(core, 'fileio_0', name)
  const serial = (name: string, text: string) => writeFileSync(join(store(name), 'wwn', 'vpd_unit_serial'), text)
  for (const [name, text] of Object.entries(serials)) {
    mkdirSync(join(store(name), 'pr'), { recursive: true })
    mkdirSync(join(store(name), 'wwn'))
    for (const [file, content] of Object.entries(files)) writeFileSync(join(store(name), 'pr', file), content)
    if (text !== '') serial(name, `T10 VPD Unit Serial Number: ${text}\n`)
  }
  return {
    core,
    store,
    serial,
    write: (name: string, file: keyof typeof files, text: string) => writeFileSync(join(store(name), 'pr', file), text),
  }
}
function views(lines: readonly string[]): ArrayView[] {
  const reader = createArrayReader()
  return lines.flatMap((line) => reader.line(line) ?? [])
}
const sampler = (core: string) => start(arraySamplerScript, ['0.02', core])
const short = ({ wwid, text }: ArrayView) => ({ wwid: wwid.slice(-4), text })

test('every LUN once, then those that changed', async () => {
  const here = target({ coord1: 'fe1ab0000000000000000c001', data1: 'fe1ab0000000000000000d001' })
  const running = sampler(here.core)
  await running.seen((lines) => views(lines).length === 2)
  here.write('data1', 'res_pr_generation', '0x00000005\n')
  await running.seen((lines) => views(lines).length === 3)
  expect(running.errors()).toBe('')
  running.kill('SIGTERM')
  expect(await running.ended).toBe(0)
  const changed = whole.replace('0x00000004', '0x00000005')
  expect(views(running.lines).map(short)).toEqual([
    { wwid: 'c001', text: whole },
    { wwid: 'd001', text: whole },
    { wwid: 'd001', text: changed },
  ])
  expect(views(running.lines)[0]?.wwid).toBe('naa.6001405fe1ab0000000000000000c001')
})

test('a last line without a line feed is not lost', async () => {
  const here = target({ coord1: 'c001' })
  here.write('coord1', 'res_pr_registered_i_pts', 'None')
  const running = sampler(here.core)
  await running.seen((lines) => views(lines).length === 1)
  expect(views(running.lines)[0]?.text).toBe(`${whole.slice(0, whole.indexOf('iSCSI Node'))}None\n`)
})

test('a LUN whose serial number cannot be read yet is told when it can', async () => {
  const here = target({ coord1: '', data1: 'd001' })
  const running = sampler(here.core)
  await running.seen((lines) => views(lines).length === 1)
  here.serial('coord1', 'T10 VPD Unit Serial Number: c001\n')
  await running.seen((lines) => views(lines).length === 2)
  expect(views(running.lines).map(({ wwid }) => wwid)).toEqual(
    ['d001', 'c001'].map((serial) => `naa.6001405${serial.padEnd(25, '0')}`),
  )
})

test('a LUN without a serial number is passed over: nobody can know which one it is', async () => {
  const here = target({ coord1: '', data1: 'd001' })
  here.serial('coord1', 'T10 VPD Unit Serial Number: \n')
  const running = sampler(here.core)
  await running.seen((lines) => views(lines).length === 1)
  here.write('data1', 'res_pr_generation', '0x00000005\n')
  await running.seen((lines) => views(lines).length === 2)
  expect(new Set(views(running.lines).map(({ wwid }) => wwid))).toHaveLength(1)
})

test('a LUN that goes away does not end it', async () => {
  const here = target({ coord1: 'c001', data1: 'd001' })
  const running = sampler(here.core)
  await running.seen((lines) => views(lines).length === 2)
  rmSync(here.store('coord1'), { recursive: true })
  here.write('data1', 'res_holder', 'No SPC-3 Reservation holder\n')
  await running.seen((lines) => views(lines).some(({ text }) => text.includes('No SPC-3')))
})

test('it ends when nobody reads any more', async () => {
  const here = target({ coord1: 'c001' })
  const running = sampler(here.core)
  await running.seen((lines) => views(lines).length === 1)
  running.hangUp()
  const toggling = setInterval(() => here.write('coord1', 'res_pr_generation', `0x${Math.random()}\n`), 20)
  expect(await running.ended).toBe(0)
  clearInterval(toggling)
})

test('the WWID is made as LIO makes it: hexadecimal digits of the serial number, at most 25', () => {
  const wwid = (serial: string) => {
    const reader = createArrayReader()
    reader.line(`=A= ${serial} 12.34`)
    return reader.line('=.=')
  }
  expect(wwid('12ab-34CD-xyz')).toEqual({ wwid: `naa.6001405${'12ab34cd'.padEnd(25, '0')}`, hostAt: 12.34, text: '\n' })
  expect(wwid('0123456789abcdef0123456789abcdef')?.wwid).toBe('naa.60014050123456789abcdef012345678')
})

test('a line that is not the script’s is an error that shows it', () => {
  expect(() => createArrayReader().line('hello')).toThrow('unexpected line from the array sampler: hello')
})
