import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadTestbed } from '../../../main/load-testbed.ts'
import { LabInUse } from '../../../main/locks/lab-in-use.ts'
import { labKeys } from '../../../main/locks/lab-keys.ts'
import { labUsers, lockLab, withLab } from '../../../main/locks/lab-lock.ts'
import { until } from '../../../main/until.ts'
import { small } from '../../labs/testbed/example.ts'

const claimer = fileURLToPath(new URL('claimer.ts', import.meta.url))
const limit = 120_000

let directory: string
const children: ChildProcess[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencelab-lock-'))
  vi.stubEnv('XDG_STATE_HOME', directory)
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

const rack = (name: string, change = (text: string) => text) => {
  const file = join(directory, `${name}.yaml`)
  writeFileSync(file, change(small))
  return file
}
const claim = (file: string, log: string, rounds: number, hold: number) => {
  const child = spawn(process.execPath, [claimer, file, log, String(rounds), String(hold)], {
    env: { ...process.env, XDG_STATE_HOME: directory },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  children.push(child)
  return child
}
const linesOf = (log: string) =>
  (existsSync(log) ? readFileSync(log, 'utf8') : '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [what = '', pid = '', at = ''] = line.split(' ')
      return { what, pid: Number(pid), at: BigInt(at) }
    })
const within = (milliseconds: number) => ({ signal: AbortSignal.timeout(milliseconds), everyMilliseconds: 50 })
const users = () => readdirSync(join(directory, 'fencelab/users'))

test('programs that race for a lab never both have it, and each gets it', { timeout: limit }, async () => {
  const log = join(directory, 'log')
  // the same rack by two files of other names
  const files = [rack('one'), rack('two', (text) => text.replace('name: small', 'name: large'))]
  const racing = [0, 1, 2, 3].map((index) => claim(files[index % 2] ?? '', log, 40, 5))
  const ends = await Promise.all(racing.map((child) => once(child, 'exit')))
  expect(ends).toEqual(racing.map(() => [0, null]))
  const told = linesOf(log).toSorted((a, b) => (a.at < b.at ? -1 : 1))
  const begun = told.filter(({ what }) => what === 'begin')
  expect(new Set(begun.map(({ pid }) => pid)).size).toBe(4)
  expect(told.some(({ what }) => what === 'refused')).toBe(true)
  let holder: number | undefined
  for (const { what, pid } of told) {
    if (what === 'begin') {
      expect(holder).toBeUndefined()
      holder = pid
    }
    if (what === 'end') {
      expect(holder).toBe(pid)
      holder = undefined
    }
  }
  expect(users()).toEqual([])
})

test(
  'a second program is told who has it, since when and how to go on; one that was killed is taken over',
  { timeout: limit },
  async () => {
    const file = rack('one')
    const log = join(directory, 'log')
    const child = claim(file, log, 1, 600_000)
    await until(() => linesOf(log).length > 0, within(30_000))
    const loaded = loadTestbed(file)
    const refused = await lockLab(loaded).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(refused).toBeInstanceOf(LabInUse)
    const { user, message } = refused as LabInUse
    expect(user.pid).toBe(child.pid)
    expect(message).toMatch(
      /^the lab "small" is in use by "fencelab .*one\.yaml.*" \(process \d+ of \S+ on \S+\), since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\. Nothing was changed\. Wait until it has ended, or end it .* Looking is free meanwhile/,
    )
    expect(labUsers(loaded)).toEqual([user])
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(labUsers(loaded)).toEqual([])
    const lock = await lockLab(loaded)
    lock.release()
    expect(users()).toEqual([])
  },
)

test('a claim is judged by its process and not by its age', async () => {
  const loaded = loadTestbed(rack('one'))
  const lock = await lockLab(loaded)
  const [file = ''] = users().filter((name) => name.endsWith('.json'))
  const own = JSON.parse(readFileSync(join(directory, 'fencelab/users', file), 'utf8')) as Record<string, unknown>
  lock.release()
  const put = (more: object) => {
    mkdirSync(join(directory, 'fencelab/users'), { recursive: true })
    const claim = { ...own, pid: process.ppid, since: '2001-01-01T00:00:00.000Z', ...more }
    writeFileSync(join(directory, 'fencelab/users/other.json'), JSON.stringify(claim))
    writeFileSync(join(directory, 'fencelab/users/other.json.held'), '')
  }
  const identity = String(own['process'])
  const of = (pid: number) =>
    `${identity.split(' ')[0]} ${readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]}`
  // old, and alive
  put({ process: of(process.ppid) })
  await expect(lockLab(loaded)).rejects.toThrow(/in use/)
  // the number is another process's by now; another boot of this computer
  for (const gone of [`${identity.split(' ')[0]} 1`, `another-boot ${of(process.ppid).split(' ')[1]}`]) {
    put({ process: gone })
    await withLab(loaded, () => Promise.resolve())
    expect(users()).toEqual([])
  }
  // of another computer, or of another container: nobody can say from here
  for (const far of [{ machine: 'elsewhere' }, { process: of(process.ppid), namespace: 'pid:[1]' }]) {
    put(far)
    await expect(lockLab(loaded)).rejects.toThrow(/cannot be seen from here.*remove .*other\.json/)
  }
  writeFileSync(join(directory, 'fencelab/users/other.json'), '{')
  await expect(lockLab(loaded)).rejects.toThrow(/other\.json does not say/)
})

test('what a command begins within a command shares its claim', async () => {
  const loaded = loadTestbed(rack('one'))
  const outer = await lockLab(loaded)
  const inner = await lockLab(loaded)
  outer.release()
  expect(users().filter((name) => name.endsWith('.json'))).toHaveLength(1)
  inner.release()
  inner.release()
  expect(users()).toEqual([])
})

test('labs are the same where they share a directory, a LUN, a node or an array', () => {
  const keys = (change?: (text: string) => string) => labKeys(loadTestbed(rack('one', change)))
  const shares = (change: (text: string) => string) => keys(change).some((key) => keys().includes(key))
  const otherLuns = (text: string) => text.replaceAll('e1ab', 'e1ac')
  const otherHosts = (text: string) => text.replaceAll('10.0.0.', '10.0.9.')
  expect(shares((text) => text.replace('name: small', 'name: other'))).toBe(true)
  expect(shares(otherLuns)).toBe(true)
  expect(shares(otherHosts)).toBe(true)
  expect(shares((text) => otherHosts(otherLuns(text)))).toBe(false)
  expect(labKeys(loadTestbed('virtual'))).toEqual([`lab ${join(directory, 'fencelab/labs/virtual')}`])
})
