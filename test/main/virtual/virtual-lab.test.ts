/** The client of a keeper that goes away, does not answer, or is none: a socket of ours plays it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { labFiles } from '../../../main/virtual/lab-files.ts'
import { VirtualLab } from '../../../main/virtual/virtual-lab.ts'

/** A keeper that does this with everyone who connects. */
async function keeper(play: (socket: Socket) => void): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'fl-'))
  mkdirSync(directory, { recursive: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    play(socket)
  })
  await new Promise<void>((resolve) => server.listen(labFiles(directory).control, resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(directory, { recursive: true, force: true })
    expect(existsSync(directory)).toBe(false)
  })
  return directory
}
const closed = (lab: VirtualLab) =>
  vi.waitFor(async () => {
    await expect(lab.greenKeys()).rejects.toThrow('the process that keeps the lab is gone')
  })

test('what is asked of a keeper that is gone is refused at once, before and after the connection is seen to be closed', async () => {
  const lab = await VirtualLab.attach(await keeper((socket) => socket.end()))
  await closed(lab)
  await expect(lab.status()).rejects.toThrow('the process that keeps the lab is gone')
  await expect(lab.reset('x')).rejects.toThrow('the process that keeps the lab is gone')
})

test('a keeper that goes away while it is asked', async () => {
  const lab = await VirtualLab.attach(await keeper((socket) => socket.once('data', () => socket.destroy())))
  await expect(lab.reset('x')).rejects.toThrow('the process that keeps the lab is gone')
})

test('a keeper that never answers: the signal ends the wait, with its reason', async () => {
  const lab = await VirtualLab.attach(await keeper(() => undefined))
  const stop = new AbortController()
  const asked = lab.saveGreen('x', stop.signal)
  stop.abort(new Error('enough'))
  await expect(asked).rejects.toThrow('enough')
  await expect(lab.down(AbortSignal.abort(new Error('already')))).rejects.toThrow('already')
  lab.close()
})

test('a keeper that never answers: without a signal there is a limit', async () => {
  const lab = await VirtualLab.attach(await keeper(() => undefined))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  for (const ask of [() => lab.greenKeys(), () => lab.status(), () => lab.down(), () => lab.reset()]) {
    const asked = expect(ask()).rejects.toThrow(/did not answer "\w+" within \d+ s/)
    await vi.advanceTimersByTimeAsync(300_000)
    await asked
  }
  lab.close()
})

test('what answers with no JSON is no keeper', async () => {
  const lab = await VirtualLab.attach(await keeper((socket) => socket.write('220 ready\n')))
  await closed(lab)
})
