/** The whole run of a row, on hosts that play and a stack that plays: what is done in which order, and what is done whatever happens. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Line } from '../../../../labs/journal/event.ts'
import { ofType } from '../../../../labs/journal/run.ts'
import type { Scenario, Step } from '../../../../labs/scenarios/scenario.ts'
import { nodeKeys } from '../../../../labs/stacks/reference/keys.ts'
import type { Lab } from '../../../../main/lab/lab.ts'
import { unfinishedRuns } from '../../../../main/engine/inject/outstanding.ts'
import { runRow, type RunOptions } from '../../../../main/engine/run/run-row.ts'
import { verifyRecording } from '../../../../main/recorder/verify-recording.ts'
import { fakeStack, type FakeStack } from '../../../fakes/fake-stack.ts'
import { devices, fakeLab, nodes, type FakeLab, type LunName } from '../fake-lab.ts'

let here: FakeLab
let stack: FakeStack
let lab: Lab
let state: string
let restored: number
const stateBefore = process.env['XDG_STATE_HOME']
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'fencelab-state-'))
  process.env['XDG_STATE_HOME'] = state
  restored = 0
  here = await fakeLab({
    keepaliveMs: 5000,
    change: (text) => text.replaceAll(/ {6}(?:vm|console): .*\n/g, '').replace('array: { view: lio }', 'array: {}'),
  })
  stack = fakeStack(nodes, (host, path) => here.path(host as 'nodea', path))
  lab = { ...here.lab, stack }
  putKeys()
})
afterEach(async () => {
  stack.close()
  await here.close()
  if (stateBefore === undefined) delete process.env['XDG_STATE_HOME']
  else process.env['XDG_STATE_HOME'] = stateBefore
  rmSync(state, { recursive: true, force: true })
})

/** Both nodes' keys on every LUN, and the reservation of the data disk with the first, as every host prints them. */
function putKeys(): void {
  const keys = nodes.map((_, id) => nodeKeys(here.lab.testbed.stack, id))
  for (const [lun, device] of Object.entries(devices) as [LunName, string][])
    for (const host of [...nodes, 'observer'] as const) {
      const use = lun === 'data1' ? 'data' : 'coordination'
      const table = keys.map((key) => `    ${key[use]}\n`).join('')
      here.put(host, `luns/${device}/k`, `  PR generation=0x2, 2 registered reservation keys follow:\n${table}`)
      if (use === 'data')
        here.put(
          host,
          `luns/${device}/r`,
          `  PR generation=0x2, Reservation follows:\n    Key=${keys[0]?.data}\n    scope: LU_SCOPE,  type: Write Exclusive, registrants only\n`,
        )
    }
}

const down: Step = { do: 'fault', fault: 'private-link-down', target: { node: 'A', link: '#1' }, id: 'cut' }
const scenario = (steps: readonly Step[]): Scenario => ({
  name: 'played',
  title: 'Played',
  document: { event: 'none', nodes: {}, operatorAction: 'none' },
  source: { document: 'none', place: 'none' },
  policy: 'coordinator-race',
  steps,
  expected: { A: ['running'], B: ['running'] },
  rules: [],
})
const run = (steps: readonly Step[], more: Partial<RunOptions> = {}) =>
  runRow({
    lab,
    scenario: scenario(steps),
    out: join(state, 'runs'),
    onProgress: () => undefined,
    restore: async () => void (restored += 1),
    signal: new AbortController().signal,
    ...more,
  })

const flags = () => readFileSync(here.path('nodea', 'sys/class/net/eth1/flags'), 'utf8').trim()
/** what was recorded of the run itself, in its order */
const story = (lines: readonly Line[]): readonly string[] =>
  lines.flatMap((line) => {
    switch (line.type) {
      case 'phase':
        return [line.name]
      case 'baseline':
        return [line.green ? 'ready' : 'not ready']
      case 'fault':
        return [line.ok === undefined ? line.step : `${line.step} ${line.ok}`]
      case 'await':
        return [`${line.condition} ${line.met}`]
      case 'operation':
        return [line.ok === undefined ? `${line.operation} ${line.step}` : `${line.operation} ${line.ok}`]
      case 'run.ended':
        return [line.error === undefined ? line.reason : `${line.reason}: ${line.error}`]
      default:
        return []
    }
  })
const limit = 120_000

test(
  'ready, fault, wait, collect, heal: in that order, and the fault is gone at the end',
  { timeout: limit },
  async () => {
    const seen: string[] = []
    const { lines, directory } = await run(
      [down, { do: 'await', condition: 'link-loss-noticed', seconds: 30, of: ['B'] }],
      {
        onLine(line) {
          if (line.type !== 'fault') return
          seen.push(`${line.step}: ${flags()}`)
          const lost = {
            type: 'stack.log',
            code: 'link-lost',
            text: 'priv1 lost nodea',
            data: { link: 'priv1', node: 'nodea' },
          } as const
          if (line.step === 'verified') void stack.log('nodeb', lost)
        },
      },
    )
    expect(story(lines)).toEqual([
      'prepare',
      'baseline',
      'ready',
      'inject',
      'observe',
      'applying',
      'applied true',
      'verified true',
      'link-loss-noticed true',
      'collect',
      'held true',
      'restore',
      'reverting',
      'reverted true',
      'gone true',
      'complete',
    ])
    expect(seen).toContain('verified: 0x1002')
    expect([flags(), restored]).toEqual(['0x1003', 1])
    expect(await unfinishedRuns()).toEqual([])
    expect(await verifyRecording(directory)).toEqual({ whole: true, problems: [] })
    // the ledger is written from the start on, stopped before it is read back, and read through whoever goes on
    expect(stack.asked).toEqual([
      'start ledger nodea',
      'start ledger nodeb',
      'stop ledger nodea',
      'stop ledger nodeb',
      'read ledger nodea final',
    ])
    expect(ofType(lines, 'ledger.write').length).toBeGreaterThan(3)
  },
)

test('a fault that does not take ends the row: nothing is waited for, and no pass', { timeout: limit }, async () => {
  here.put('nodea', 'nothing', '')
  const { lines, verdict } = await run([
    down,
    { do: 'await', condition: 'link-loss-noticed', seconds: 600 },
    { do: 'operate', operation: 'force-stop', of: ['B'] },
  ])
  expect(story(lines)).toContain('link-loss-noticed false')
  expect(stack.asked).not.toContain('force-stop nodeb')
  expect(verdict.verdict).toBe('inconclusive')
})

test('a lab that is not ready gets no fault', { timeout: limit }, async () => {
  const member = stack.nodes.get('nodeb')
  if (member) stack.nodes.set('nodeb', { ...member, links: { priv1: [], priv2: ['nodea'] } })
  const { lines, verdict } = await run([down])
  expect(story(lines)).toEqual(['prepare', 'baseline', 'not ready', 'collect', 'restore', 'complete'])
  expect([verdict.verdict, flags()]).toEqual(['inconclusive', '0x1003'])
})

test(
  'stopped while a fault is there: it is taken back, and the run says that it was stopped',
  { timeout: limit },
  async () => {
    const stop = new AbortController()
    const { lines, verdict } = await run([down, { do: 'await', condition: 'panicked', seconds: 600, of: ['B'] }], {
      signal: stop.signal,
      onLine: (line) => {
        if (line.type === 'fault' && line.step === 'verified') stop.abort(new Error('enough'))
      },
    })
    expect(story(lines).slice(-4)).toEqual([
      'reverting',
      'reverted true',
      'gone true',
      'stopped: stopped by the person who runs the lab',
    ])
    expect([verdict.verdict, flags(), restored]).toEqual(['inconclusive', '0x1003', 1])
  },
)

test(
  'a host that dies in the middle keeps nothing from its end: the rest is collected, the fault taken back',
  { timeout: limit },
  async () => {
    const { lines, verdict } = await run(
      [down, { do: 'await', condition: 'link-loss-noticed', seconds: 5, of: ['B'] }],
      {
        onLine(line) {
          if (line.type === 'fault' && line.step === 'verified') void here.servers.nodeb.close()
        },
      },
    )
    expect(story(lines)).toContain('collect')
    expect(story(lines).at(-1)).toBe('complete')
    expect([flags(), restored]).toEqual(['0x1003', 1])
    expect(lines.some((line) => line.type === 'probe' && line.node === 'nodeb' && !line.reachable)).toBe(true)
    expect(verdict.verdict).not.toBe('pass')
  },
)

test("the operator's step is done and written down; one that fails ends the row", { timeout: limit }, async () => {
  stack.onTell = (host, what) => {
    if (what === 'leave') throw new Error(`${host} does not let go`)
  }
  const { lines } = await run([
    { do: 'operate', operation: 'force-stop', of: ['A'] },
    { do: 'operate', operation: 'leave', of: ['B'] },
    { do: 'operate', operation: 'force-stop', of: ['B'] },
  ])
  expect(story(lines).filter((text) => /^(?:force-stop|leave)/.test(text))).toEqual([
    'force-stop begun',
    'force-stop true',
    'leave begun',
    'leave false',
  ])
  expect(stack.asked.filter((text) => /^(?:force-stop|leave)/.test(text))).toEqual(['force-stop nodea', 'leave nodeb'])
  expect(ofType(lines, 'operation').at(-1)?.evidence).toBe('nodeb does not let go')
})

test('a lab that does not come back is told, and what was injected stays on the list', { timeout: limit }, async () => {
  const failing = run([down], {
    restore: () => Promise.reject(new Error('the machines do not come back')),
    onLine: (line) => {
      // the link cannot be brought up again any more
      if (line.type === 'phase' && line.name === 'restore') here.put('nodea', 'nothing', '')
    },
  })
  await expect(failing).rejects.toThrow('the machines do not come back')
  // this program is still there: the list is not yet one that another program would offer to undo
  const folder = join(state, 'fencelab', 'outstanding')
  const lists = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  expect(lists).toEqual([expect.stringContaining('nodea') as string])
})
