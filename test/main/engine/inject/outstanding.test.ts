import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { forgetRun, openOutstanding, unfinishedRuns } from '../../../../main/engine/inject/outstanding.ts'

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'fencelab-state-'))
  vi.stubEnv('XDG_STATE_HOME', state)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(state, { recursive: true, force: true })
})
const folder = () => join(state, 'fencelab', 'outstanding')
const file = (run: string) => join(folder(), `${run}.json`)
const fault = (id: string) => ({
  id,
  text: `${id} is down`,
  undo: [
    { kind: 'command' as const, host: 'nodea', purpose: 'undo', argv: ['ip', id] },
    { kind: 'outlets' as const, purpose: 'switch on again', outlets: [`pdu/${id}`], on: true },
  ],
})
const content = (run: string) => JSON.parse(readFileSync(file(run), 'utf8')) as Record<string, unknown>
/** the number of a process that is not there any more */
const gone = () => spawnSync('true').pid
const leave = (run: string, change: Record<string, unknown>) =>
  writeFileSync(file(run), JSON.stringify({ ...content(run), process: undefined, ...change }))

test('a list is there from the beginning of the run to its end, and holds what is injected', async () => {
  const list = await openOutstanding('run-1', '/runs/run-1', '/lab.yaml')
  expect(content('run-1')).toMatchObject({
    run: 'run-1',
    directory: '/runs/run-1',
    testbed: '/lab.yaml',
    pid: process.pid,
    faults: [],
  })
  await Promise.all([list.add(fault('a')), list.add(fault('b')), list.remove('a'), list.add(fault('c'))])
  expect(content('run-1')['faults']).toEqual([fault('b'), fault('c')])
  await list.clear()
  expect(readdirSync(folder())).toEqual([])
})

test('a change that cannot be written fails its caller, not those that come later', async () => {
  const list = await openOutstanding('run-1', '/runs/run-1', '/lab.yaml')
  await list.add(fault('a'))
  renameSync(folder(), `${folder()}-away`)
  await expect(list.add(fault('b'))).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(list.remove('a')).rejects.toMatchObject({ code: 'ENOENT' })
  renameSync(`${folder()}-away`, folder())
  await list.add(fault('c'))
  // b was never injected: its caller was told that it is not on the list
  expect(content('run-1')['faults']).toEqual([fault('c')])
  await list.clear()
  expect(existsSync(file('run-1'))).toBe(false)
})

test('unfinished is a run whose program is gone', async () => {
  expect(await unfinishedRuns()).toEqual([])
  const list = await openOutstanding('run-1', '/runs/run-1', '/lab.yaml')
  await list.add(fault('a'))
  expect(await unfinishedRuns()).toEqual([])
  leave('run-1', { pid: gone() })
  expect(await unfinishedRuns()).toMatchObject([{ run: 'run-1', faults: [fault('a')] }])
  await forgetRun('run-1')
  await forgetRun('run-1')
  expect(await unfinishedRuns()).toEqual([])
})

test('a number that belongs to another program by now is not the run', async () => {
  await openOutstanding('run-1', '/runs/run-1', '/lab.yaml')
  const other = spawn('sleep', ['600'], { stdio: 'ignore' })
  onTestFinished(() => void other.kill('SIGKILL'))
  const { process: own } = content('run-1')
  leave('run-1', { pid: other.pid, process: own })
  expect(await unfinishedRuns()).toMatchObject([{ run: 'run-1' }])
  leave('run-1', { pid: process.pid, process: 'another-boot 1' })
  expect(await unfinishedRuns()).toMatchObject([{ run: 'run-1' }])
  // a list without the entry: the number is all there is
  leave('run-1', { pid: other.pid })
  expect(await unfinishedRuns()).toEqual([])
})

test('a program that is killed leaves its list', async () => {
  const script = `import { openOutstanding } from ${JSON.stringify(new URL('../../../../main/engine/inject/outstanding.ts', import.meta.url).href)}
const list = await openOutstanding('run-9', '/runs/run-9', '/lab.yaml')
await list.add(${JSON.stringify(fault('a'))})
process.kill(process.pid, 'SIGKILL')`
  const node = new URL('../../../../node_modules/.bin/node', import.meta.url)
  const child = spawnSync(existsSync(node) ? node.pathname : process.execPath, ['--input-type=module', '-e', script], {
    env: process.env,
    encoding: 'utf8',
  })
  expect([child.signal, child.stderr]).toEqual(['SIGKILL', ''])
  expect(await unfinishedRuns()).toMatchObject([{ run: 'run-9', faults: [fault('a')] }])
})

test.each([
  ['damaged', '{"run": "run-1", '],
  ['of another form', '{"run": "run-1", "pid": 1}'],
])('a list that is %s is not passed over in silence', async (_, text) => {
  mkdirSync(folder(), { recursive: true })
  writeFileSync(file('run-1'), text)
  await expect(unfinishedRuns()).rejects.toThrow(`${file('run-1')} is no list of what a run left injected`)
})

test('what was being written when the program was killed is no list', async () => {
  mkdirSync(folder(), { recursive: true })
  writeFileSync(`${file('run-1')}.new`, '{"ru')
  expect(await unfinishedRuns()).toEqual([])
})
