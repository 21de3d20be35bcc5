import { createServer, connect, type Socket } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eachLine } from '../../../main/virtual/keeper-process.ts'
import { labFiles } from '../../../main/virtual/lab-files.ts'
import { until } from '../../../main/until.ts'
import { loadTestbed } from '../../../main/load-testbed.ts'

test('the files are those that the testbed of the virtual lab names', () => {
  const { testbed, directory } = loadTestbed('virtual')
  const files = labFiles(directory)
  expect([files.key, files.knownHosts]).toEqual([testbed.ssh?.key, testbed.ssh?.knownHosts])
  for (const name of ['nodea', 'nodeb']) {
    const { console, vm } = testbed.hosts[name]?.node ?? {}
    const { console: file, pid, events, cables } = files.machine(name)
    expect([console, vm]).toEqual([
      { host: 'here', file },
      { hypervisor: 'here', pidfile: pid, events, monitor: cables },
    ])
  }
})

test('no two things have the same file', () => {
  const files = labFiles('/lab')
  const all = [
    files.control,
    files.key,
    files.knownHosts,
    files.log,
    files.green,
    files.community,
    files.pduPage,
    files.network('priv1'),
    ...['nodea', 'nodeb'].flatMap((name) => Object.values(files.machine(name))),
  ]
  expect(new Set(all).size).toBe(all.length)
})

test('a directory that is too long for unix sockets is refused, counted in bytes', () => {
  const room = 107 - 40
  expect(labFiles(`/${'a'.repeat(room - 1)}`).control).toHaveLength(room + '/control'.length)
  expect(() => labFiles(`/${'a'.repeat(room)}`)).toThrow('too long for unix sockets')
  expect(() => labFiles(`/${'é'.repeat((room + 1) / 2)}`)).toThrow('set XDG_STATE_HOME to a shorter one')
})

test('lines of a socket: in pieces, several at once, and a client that goes away', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-lines-'))
  const lines: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    eachLine(socket, (line) => lines.push(line))
  })
  onTestFinished(() => {
    server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  await new Promise<void>((resolve) => server.listen(join(directory, 's'), resolve))
  const client = connect(join(directory, 's'))
  const bytes = Buffer.from('one\ntwo é\nthr')
  for (const byte of bytes) client.write(Buffer.of(byte))
  await until(() => lines.length === 2, { signal: AbortSignal.timeout(15_000), everyMilliseconds: 5 })
  client.write('ee\n')
  await until(() => lines.length === 3, { signal: AbortSignal.timeout(15_000), everyMilliseconds: 5 })
  expect(lines).toEqual(['one', 'two é', 'three'])
  sockets[0]?.emit('error', new Error('reset'))
  expect(sockets[0]?.destroyed).toBe(true)
  client.destroy()
})
