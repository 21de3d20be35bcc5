import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from '../../main/make-folder.ts'

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-folder-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

test('makes what is missing, and leaves what is there', () => {
  const folder = join(place(), 'a/b/c')
  makeFolder(folder)
  makeFolder(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test.skipIf(process.platform !== 'linux')('below /proc it is an error, not a loop without an end', () => {
  for (const folder of ['/proc/fencelab', '/proc/self/a/b', '/sys/fencelab/a'])
    expect(() => makeFolder(folder)).toThrow()
})

test('a file in the way is told', () => {
  const file = join(place(), 'file')
  writeFileSync(file, '')
  expect(() => makeFolder(file)).toThrow(/no folder/)
  expect(() => makeFolder(join(file, 'a'))).toThrow(/ENOTDIR/)
})
