import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clearOwnKeys } from '../../../main/engine/ready/clear-own-keys.ts'
import { readKeysOnce } from '../../../main/engine/observe/read-keys-once.ts'
import { devices, type FakeLab, fakeLab, noKeys, noReservation, type HostName, wwids } from './fake-lab.ts'

const never = new AbortController().signal
const own = { A: '0x412d2d2d2d2d2d2d', B: '0x422d2d2d2d2d2d2d', dataA: '0x4150475230303030' }
let here: FakeLab
beforeEach(async () => {
  here = await fakeLab()
})
afterEach(() => here.close())
const table = (...keys: string[]) =>
  keys.length === 0
    ? noKeys
    : `  PR generation=0x7, ${keys.length} registered reservation key${keys.length === 1 ? ' follows' : 's follow'}:\n${keys.map((key) => `    ${key}\n`).join('')}`
const put = (host: HostName, lun: keyof typeof devices, file: string, text: string) =>
  here.put(host, `luns/${devices[lun]}/${file}`, text)
const calls = (host: HostName) =>
  existsSync(here.path(host, 'sg_persist.calls'))
    ? readFileSync(here.path(host, 'sg_persist.calls'), 'utf8').trim().split('\n')
    : []
const seen = new Map(Object.entries(devices).map(([lun, device]) => [lun, `/dev/${device}`]))

test('keys of an earlier cluster are cleared: registered, then CLEAR, only where there are some', async () => {
  put('nodea', 'coord2', 'k', table(own.A, own.B))
  put('nodea', 'data1', 'k', table(own.dataA))
  put('nodea', 'data1', 'attention', '')
  await clearOwnKeys(here.lab, 'nodea', seen, never)
  expect(calls('nodea').filter((call) => call.includes(' -o '))).toEqual([
    `-n -o -I -S ${own.A} /dev/sdb`,
    `-n -o -C -K ${own.A} /dev/sdb`,
    `-n -o -I -S ${own.dataA} /dev/sdd`,
    `-n -o -C -K ${own.dataA} /dev/sdd`,
  ])
})

test.each([
  ['a foreign key', table(own.A, '0x123abc'), /coord1 carries the key 0x123abc, which is none of this cluster's/],
  ["a key of the data disks' form on a coordination point", table(own.dataA), /none of this cluster's/],
  ['an answer that is cut', table(own.A, own.B).slice(0, -24), /the keys on coord1 could not be read through nodea/],
])('%s: nothing is touched', async (_, text, reason) => {
  put('nodea', 'coord1', 'k', text)
  await expect(clearOwnKeys(here.lab, 'nodea', seen, never)).rejects.toThrow(reason)
  expect(calls('nodea').filter((call) => call.includes(' -o '))).toEqual([])
})

test('a testbed that is not declared destructive is not written to, nor a LUN that is not seen', async () => {
  await expect(clearOwnKeys(here.lab, 'nodea', new Map(), never)).rejects.toThrow('nodea does not see LUN coord1')
  const lab = { ...here.lab, testbed: { ...here.lab.testbed, destructive: false } }
  await expect(clearOwnKeys(lab, 'nodea', seen, never)).rejects.toThrow(
    'does not say "destructive: true": nothing is written to its LUNs',
  )
  expect(calls('nodea')).toEqual([])
})

/** The devices of the fake hosts are no files: the sampler is shown a folder instead. */
const asFiles = async () => {
  await here.close()
  here = await fakeLab()
  const { lab } = here
  for (const host of ['nodea', 'nodeb', 'observer'] as const) {
    const transport = lab.host(host)
    const { exec } = transport
    Object.assign(transport, {
      exec: (line: string, options: object) =>
        exec(line.replaceAll(/\/dev\/(sd[a-z])/g, `${here.path(host, 'luns')}/$1`), options),
    })
  }
}

test('all three reads of every LUN on every viewer, each in the order of its host', async () => {
  await asFiles()
  const lines = await readKeysOnce(here.lab, never)
  for (const host of ['nodea', 'nodeb', 'observer']) {
    const read = lines.flatMap((line) =>
      line.type === 'keys' && line.host === host ? [[line.lun, line.action, line.exit, line.stdout, line.bytes]] : [],
    )
    // what is empty is read once more, with the bytes that arrived
    const proof = '0000000000000000'
    const status = '  PR generation=0x0\n    No full status descriptors\n'
    expect(read).toEqual(
      Object.keys(wwids).flatMap((lun) => [
        ...[undefined, proof].map((bytes) => [lun, 'keys', 0, noKeys, bytes]),
        ...[undefined, proof].map((bytes) => [lun, 'reservation', 0, noReservation, bytes]),
        ...[undefined, undefined].map((bytes) => [lun, 'full-status', 0, status, bytes]),
      ]),
    )
  }
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1))
})

test('a host that dies meanwhile, and one where nothing can be run, are failed reads, not silence', async () => {
  await here.close()
  here = await fakeLab({ change: (text) => text.replace(/(observer:\n {4}role: observer\n)/, '$1    sudo: true\n') })
  here.put('observer', 'bin/sudo', '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n')
  chmodSync(here.path('observer', 'bin/sudo'), 0o755)
  const reading = readKeysOnce(here.lab, never)
  const dying = setInterval(() => {
    if (!here.servers.nodeb.commands.some((command) => command.includes('sys/block'))) return
    clearInterval(dying)
    void here.servers.nodeb.refuse(true).then(() => here.servers.nodeb.drop())
  }, 2)
  const lines = await reading
  clearInterval(dying)
  const failed = (host: string) =>
    lines.flatMap((line) =>
      line.type === 'keys' && line.host === host && line.exit === null && line.device === '' ? [line.lun] : [],
    )
  expect(failed('observer')).toEqual(Object.keys(wwids))
  expect(lines.find((line) => line.type === 'keys' && line.host === 'observer')).toMatchObject({
    stderr: expect.stringContaining('a password is required') as string,
  })
})
