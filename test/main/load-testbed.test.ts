import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadTestbed, UserError } from '../../main/load-testbed.ts'
import { small, smallWith } from '../labs/testbed/example.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencelab-testbed-'))
  vi.stubEnv('XDG_STATE_HOME', directory)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})
const write = (name: string, text: string) => {
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}
const refusal = (name: string): string => {
  try {
    loadTestbed(name)
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
  throw new Error('it was taken')
}

test('by name: those that come along, with their own directory in the paths', () => {
  const { testbed, file, directory: lab, text } = loadTestbed('virtual')
  expect(file).toMatch(/\/labs\/testbeds\/virtual\.yaml$/)
  expect(text).toContain('name: virtual')
  expect(lab).toBe(join(directory, 'fencelab/labs/virtual'))
  expect(testbed.hosts['nodea']?.node?.console).toEqual({ host: 'here', file: join(lab, 'nodea.console') })
  expect(loadTestbed('rack-example').testbed.destructive).toBe(false)
})

test('by file: the lab is named after the file', () => {
  const file = write('my-rack.yml', small)
  const loaded = loadTestbed(file)
  expect([loaded.file, loaded.directory]).toEqual([file, join(directory, 'fencelab/labs/my-rack')])
})

test('what cannot be read says so, and what there is', () => {
  expect(refusal('no-such-lab')).toBe(
    'testbed no-such-lab: there is no such file. Give a file, or the name of one that is included: rack-example, virtual, virtual-four',
  )
  expect(refusal(directory)).toMatch(/^testbed .*: that is a folder\. Give a file/)
})

test('what is wrong in it is told with file, line and column', () => {
  const file = write('wrong.yaml', small.replace('destructive: true', 'destructiv: true'))
  expect(refusal(file)).toContain(`${file}:2:1: destructiv:`)
})

test('warnings come along as text', () => {
  expect(loadTestbed(write('small.yaml', small)).warnings).toBe('')
  const lonely = smallWith(
    'c3: { wwid: naa.6001405fe1ab0000000000000000c003, use: coordination }',
    'c3: { wwid: naa.6001405fe1ab0000000000000000c003, use: coordination, array: store }',
  )
  expect(loadTestbed(write('other.yaml', lonely)).warnings).toContain(
    'warning: luns: all coordination points lie on store',
  )
})

test('a pipe, UTF-16, Latin-1 and a huge file are refused at once, in a sentence', () => {
  const pipe = join(directory, 'pipe.yaml')
  execFileSync('mkfifo', [pipe])
  expect(refusal(pipe)).toMatch(/that is a pipe or a device\. Give a regular file/)
  expect(refusal('/dev/zero')).toMatch(/that is a pipe or a device/)
  const bytes = (name: string, content: Uint8Array) => {
    writeFileSync(join(directory, name), content)
    return refusal(join(directory, name))
  }
  for (const start of [[0xff, 0xfe], []]) {
    expect(bytes('utf16.yaml', Buffer.concat([Buffer.from(start), Buffer.from(small, 'utf16le')]))).toMatch(
      /the file is UTF-16\. Save it as UTF-8$/,
    )
  }
  expect(bytes('latin1.yaml', Buffer.from(`${small}# Prüfstand\n`, 'latin1'))).toMatch(/not UTF-8/)
  expect(bytes('huge.yaml', Buffer.alloc(2 ** 21, 'a: 1\n'))).toMatch(/too many for a testbed/)
})
