/** One fault by itself, as `fencelab fault` injects it, on hosts that play. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unfinishedRuns } from '../../../../main/engine/inject/outstanding.ts'
import { runFault, type FaultOptions } from '../../../../main/engine/run/run-fault.ts'
import { readJournal } from '../../../../main/recorder/read-journal.ts'
import { verifyRecording } from '../../../../main/recorder/verify-recording.ts'
import { type FakeLab, fakeLab } from '../fake-lab.ts'

let here: FakeLab
let state: string
const stateBefore = process.env['XDG_STATE_HOME']
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'fencelab-state-'))
  process.env['XDG_STATE_HOME'] = state
  // nobody plays the hypervisor's monitor, nor the consoles
  here = await fakeLab({ change: (text) => text.replaceAll(/ {6}(?:vm|console): .*\n/g, '') })
})
afterEach(async () => {
  await here.close()
  if (stateBefore === undefined) delete process.env['XDG_STATE_HOME']
  else process.env['XDG_STATE_HOME'] = stateBefore
  rmSync(state, { recursive: true, force: true })
})

const flags = () => readFileSync(here.path('nodea', 'sys/class/net/eth1/flags'), 'utf8').trim()
const taken: [boolean, string][] = []
const inject = (more: Partial<FaultOptions> = {}) => {
  taken.length = 0
  return runFault({
    lab: here.lab,
    fault: 'private-link-down',
    target: { node: 'nodea', link: 'priv1' },
    milliseconds: 50,
    out: join(state, 'runs'),
    onProgress: () => undefined,
    onTaken: (...told) => taken.push([told[0], `${told[1]}; flags ${flags()}`]),
    signal: new AbortController().signal,
    ...more,
  })
}

const journal = async (directory: string) => (await readJournal(directory)).lines
const steps = async (directory: string) =>
  (await journal(directory)).flatMap((line) =>
    line.type === 'fault' ? [line.ok === undefined ? line.step : `${line.step} ${line.ok}`] : [],
  )

test('it is injected, told of while it is there, and taken back; all of it is recorded, and nothing is left to undo', async () => {
  const result = await inject()
  const down = 'the kernel of nodea says flags 0x1002 of eth1: down; nodeb gets no answer from 10.77.1.11 over priv1'
  expect(taken).toEqual([[true, `${down}; flags 0x1002`]])
  expect(result).toMatchObject({
    taken: true,
    gone: true,
    evidence: [down, 'the command succeeded', expect.stringContaining('0x1003')],
  })
  expect(flags()).toBe('0x1003')
  expect(await steps(result.directory)).toEqual([
    'applying',
    'applied true',
    'verified true',
    'reverting',
    'reverted true',
    'gone true',
  ])
  const lines = await journal(result.directory)
  expect([lines[0], lines.at(-1)]).toMatchObject([
    { type: 'run.started', scenario: { name: 'fault-private-link-down', policy: 'coordinator-race', rules: [] } },
    { type: 'run.ended', reason: 'complete' },
  ])
  expect(await unfinishedRuns()).toEqual([])
  expect(await verifyRecording(result.directory)).toEqual({ whole: true, problems: [] })
})

test('whoever stops while it is there gets it taken back', async () => {
  const stop = new AbortController()
  const result = await inject({ milliseconds: 600_000, signal: stop.signal, onTaken: () => stop.abort() })
  expect([result.taken, result.gone, flags()]).toEqual([true, true, '0x1003'])
})

test('what did not take is told, and not waited for', async () => {
  here.put('nodea', 'nothing', '')
  const result = await inject({ milliseconds: 600_000 })
  expect([result.taken, result.gone, taken.map(([took]) => took)]).toEqual([false, true, [false]])
}, 40_000)

test('what the testbed cannot do is said; nothing is left to undo, and the recording says why it ended', async () => {
  await expect(inject({ fault: 'node-power-off', target: { node: 'nodea' } })).rejects.toThrow(/nodea/)
  expect(await unfinishedRuns()).toEqual([])
  const [run = ''] = readdirSync(join(state, 'runs'))
  expect(await verifyRecording(join(state, 'runs', run))).toEqual({ whole: true, problems: [] })
  expect((await journal(join(state, 'runs', run))).at(-1)).toMatchObject({
    type: 'run.ended',
    reason: 'error',
    error: expect.stringContaining('nodea') as string,
  })
})
