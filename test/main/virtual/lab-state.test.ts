import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { loadTestbed, type LoadedTestbed } from '../../../main/load-testbed.ts'
import { identityOf } from '../../../main/hypervisor/process-identity.ts'
import { keeperOf, writeKeeperFile } from '../../../main/virtual/keeper-file.ts'
import { labFiles } from '../../../main/virtual/lab-files.ts'
import { labState, otherLabs, refuseAnother } from '../../../main/virtual/lab-state.ts'
import { exampleText } from '../../labs/testbed/example.ts'

const signal = new AbortController().signal
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fl-'))
  vi.stubEnv('XDG_STATE_HOME', directory)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

/** A virtual lab's testbed file below a folder of its own. */
function load(folder: string, name = 'mine'): LoadedTestbed {
  mkdirSync(join(directory, folder), { recursive: true })
  const file = join(directory, folder, `${name}.yaml`)
  writeFileSync(file, exampleText('virtual.yaml'))
  const loaded = loadTestbed(file)
  mkdirSync(loaded.directory, { recursive: true })
  return loaded
}
/** Something that listens where the keeper would, and does this with each line. */
async function listen({ directory: lab }: LoadedTestbed, play: (socket: Socket, line: string) => void): Promise<void> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => socket.destroy()))
    socket.setEncoding('utf8').on('data', (line: string) => play(socket, line))
  })
  await new Promise<void>((resolve) => server.listen(labFiles(lab).control, resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
}

test('down: nothing is there, also where files of an earlier lab are', async () => {
  const lab = load('a')
  const files = labFiles(lab.directory)
  writeFileSync(files.control, '')
  // a number that is another program's by now
  writeFileSync(files.machine('nodea').pid, `${process.pid}\n`)
  writeFileSync(
    files.keeper,
    JSON.stringify({ pid: process.pid, process: 'boot 1', testbed: lab.file, since: '', bound: false }),
  )
  expect(await labState(lab, signal)).toEqual({ is: 'down', left: [] })
  writeFileSync(files.keeper, '{')
  expect(await labState(lab, signal)).toEqual({ is: 'down', left: [] })
})

test('up: what its keeper says of its machines', async () => {
  const lab = load('a')
  writeKeeperFile(labFiles(lab.directory), lab.file, false)
  const machines = [{ name: 'nodea', state: 'frozen', pid: 7 }]
  await listen(lab, (socket, line) => {
    const { id } = JSON.parse(line) as { id: number }
    socket.write(`${JSON.stringify({ id, result: machines })}\n`)
  })
  expect(await labState(lab, signal)).toEqual({ is: 'up', machines })
})

test('a keeper that is there and does not answer is told as that', async () => {
  const lab = load('a')
  writeKeeperFile(labFiles(lab.directory), lab.file, true)
  expect(await labState(lab, signal)).toMatchObject({ is: 'stuck', why: 'it takes no connections' })
  await listen(lab, (socket) => socket.destroy())
  expect(await labState(lab, signal)).toMatchObject({ is: 'stuck', keeper: { pid: process.pid } })
})

test('the lab of another file of the same name, and another lab of the same `name:`', async () => {
  const [mine, other] = [load('a'), load('b')]
  writeKeeperFile(labFiles(mine.directory), mine.file, false)
  expect(other.directory).toBe(mine.directory)
  expect(await labState(other, signal)).toMatchObject({ is: 'another', keeper: { testbed: mine.file } })
  expect(() => refuseAnother(other)).toThrow(/was started from .*\/a\/mine\.yaml, not from .*\/b\/mine\.yaml/)
  expect(() => refuseAnother(mine)).not.toThrow()
  expect(otherLabs(load('c', 'third').directory)).toMatchObject([{ testbed: mine.file, pid: process.pid }])
  expect(keeperOf(labFiles(mine.directory))?.process).toBe(identityOf(process.pid))
})
