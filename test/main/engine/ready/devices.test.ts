import { cpSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { awaitDevices } from '../../../../main/engine/ready/devices.ts'
import { devices, fakeLab, type FakeLab, type LunName } from '../fake-lab.ts'

let here: FakeLab
beforeEach(async () => {
  here = await fakeLab()
})
afterEach(() => here.close())

const never = new AbortController().signal
const place = (lun: LunName) => here.path('nodea', 'sys/block', devices[lun])
const kept = (lun: LunName) => here.path('nodea', 'away', lun)
/** The array of a LUN is not there yet. */
const away = (...luns: readonly LunName[]) => {
  for (const lun of luns) {
    cpSync(place(lun), kept(lun), { recursive: true })
    rmSync(place(lun), { recursive: true })
  }
}
const comes = (lun: LunName) => cpSync(kept(lun), place(lun), { recursive: true })
const found = (...luns: readonly LunName[]) => new Map(luns.map((lun) => [lun, `/dev/${devices[lun]}`]))

test('a host that sees all of them is asked once', async () => {
  expect(await awaitDevices(here.lab, 'nodea', 60_000, never)).toEqual(found('coord1', 'coord2', 'coord3', 'data1'))
  expect(here.commands).toHaveLength(1)
})

test('disks that come one after the other are waited for on the host: one question for each change', async () => {
  away('coord2', 'data1')
  const waiting = awaitDevices(here.lab, 'nodea', 60_000, never)
  await expect.poll(() => here.commands.length, { timeout: 10_000 }).toBe(1)
  comes('coord2')
  await expect.poll(() => here.commands.length, { timeout: 10_000 }).toBe(2)
  comes('data1')
  expect(await waiting).toEqual(found('coord1', 'coord2', 'coord3', 'data1'))
  expect(here.commands.map(({ host, stdout }) => [host, stdout.split('\n').length - 1])).toEqual([
    ['nodea', 2],
    ['nodea', 3],
    ['nodea', 4],
  ])
})

test('a disk that does not come keeps nobody waiting for ever', async () => {
  away('coord3')
  expect(await awaitDevices(here.lab, 'nodea', 900, never)).toEqual(found('coord1', 'coord2', 'data1'))
  expect(await awaitDevices(here.lab, 'nodea', 0, never)).toEqual(found('coord1', 'coord2', 'data1'))
})

test('whoever stops the run does not wait for disks', async () => {
  away('coord3')
  const stopping = new AbortController()
  const waiting = awaitDevices(here.lab, 'nodea', 60_000, stopping.signal)
  await expect.poll(() => here.commands.length, { timeout: 10_000 }).toBe(1)
  stopping.abort()
  await expect(waiting).rejects.toThrow()
})
