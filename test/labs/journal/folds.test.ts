import { expect, it } from 'vitest'
import { foldClocks } from '../../../labs/journal/clock.ts'
import { foldFaults } from '../../../labs/journal/faults.ts'
import { foldLedger, holds } from '../../../labs/journal/ledger.ts'
import { foldLinks, linksHeard } from '../../../labs/journal/links.ts'
import { frameRun } from '../../../labs/journal/run.ts'
import {
  applyFault,
  changed,
  clocks,
  fault,
  member,
  message,
  record,
  recorded,
  revertFault,
  scan,
  write,
} from '../verdicts/history.ts'
import { bothLinksFail } from '../verdicts/rows.ts'

it('frames a run: the restore phase decides nothing', () => {
  const lines = recorded(bothLinksFail)
  const frame = frameRun(lines)
  const restore = lines.findIndex((line) => line.type === 'phase' && line.name === 'restore')
  expect(frame).toEqual({
    started: lines[0],
    ended: lines.at(-1),
    lines: lines.slice(0, restore),
    injected: lines.find((line) => line.type === 'fault'),
    baseline: lines.find((line) => line.type === 'baseline'),
    end: lines.find((line) => line.type === 'phase' && line.name === 'collect'),
  })
  expect(frameRun([])).toEqual({
    started: undefined,
    ended: undefined,
    lines: [],
    injected: undefined,
    baseline: undefined,
    end: undefined,
  })
})

it('follows the life of every fault at every target', () => {
  const first = { node: 'nodea', link: 'priv1' }
  const second = { node: 'nodeb', link: 'priv1' }
  const lines = recorded([
    applyFault(100, 'cut', first),
    fault(110, 'cut', second, 'applying'),
    fault(160, 'cut', second, 'verified', false),
    revertFault(300, 'cut', { link: 'priv1', node: 'nodea' }),
    fault(400, 'other', {}, 'applying'),
  ])
  expect(
    foldFaults(lines).map(({ id, target, taken, gone, events, steps }) => ({
      id,
      target,
      taken,
      gone,
      events,
      steps: steps.length,
    })),
  ).toEqual([
    { id: 'cut', target: first, taken: true, gone: true, events: [4, 10], steps: 6 },
    { id: 'cut', target: second, taken: false, gone: undefined, events: [6], steps: 2 },
    { id: 'other', target: {}, taken: undefined, gone: undefined, events: [], steps: 1 },
  ])
})

it('joins writes and scans of the ledger', () => {
  const entries = [
    clocks(0),
    write('nodea', 100, 1),
    write('nodea', 200, 2, 1, 'refused'),
    scan('observer', 900, 'final', [record('nodea', 100, 1)]),
  ].flat()
  const lines = recorded(entries)
  const ledger = foldLedger(lines, foldClocks(lines), undefined)
  expect(
    ledger.writes.map(({ number, result, boot, issued }) => [
      number,
      result,
      boot,
      Math.round(issued?.earliest ?? NaN),
    ]),
  ).toEqual([
    [1, 'acknowledged', 'boot-a-1', 98],
    [2, 'refused', 'boot-a-1', 198],
  ])
  const [final] = ledger.scans
  expect(final && ledger.writes.map((one) => holds(final, one))).toEqual([true, false])
  expect(final?.notBefore).toBeCloseTo(856.97, 1)
  expect(final?.records[0]?.issued?.latest).toBeCloseTo(102.1, 1)
})

it('takes the collect phase as the moment before a scan that does not say when it began', () => {
  const bare = changed(
    [...clocks(0), scan('observer', 900, 'final', [])],
    'ledger.scan',
    ({ began: _began, ...rest }) => rest,
  )
  const lines = recorded(bare)
  expect(foldLedger(lines, foldClocks(lines), 800).scans[0]?.notBefore).toBe(800)
  expect(foldLedger(lines, foldClocks(lines), undefined).scans[0]?.notBefore).toBe(-Infinity)
})

it('tells what the nodes said of their links', () => {
  const lines = recorded([
    member('nodea', 100),
    message('nodea', 200, 'link-lost', 'link priv1 to nodeb lost (priv10 is fine).'),
    message('nodea', 210, 'race-won', 'priv1'),
    message('nodea', 300, 'link-up', 'priv1: used again'),
    member('nodea', 400, { links: { priv1: ['nodeb'], unheard: ['nodeb'] } }),
    member('nodeb', 500, { answered: false }),
  ])
  const signs = foldLinks(lines, ['priv1', 'priv2', 'priv10'])
  expect(signs).toEqual([
    { kind: 'heard', seq: 1, at: 100, node: 'nodea', link: 'priv1', nodes: ['nodeb'] },
    { kind: 'heard', seq: 1, at: 100, node: 'nodea', link: 'priv2', nodes: ['nodeb'] },
    {
      kind: 'lost',
      seq: 2,
      at: 200,
      node: 'nodea',
      links: ['priv1', 'priv10'],
      text: 'link priv1 to nodeb lost (priv10 is fine).',
    },
    { kind: 'up', seq: 4, at: 300, node: 'nodea', links: ['priv1'], text: 'priv1: used again' },
    { kind: 'heard', seq: 5, at: 400, node: 'nodea', link: 'priv1', nodes: ['nodeb'] },
  ])
  expect([...linksHeard(signs)].map(([node, heard]) => [node, [...heard]])).toEqual([
    [
      'nodea',
      [
        ['priv1', ['nodeb']],
        ['priv2', ['nodeb']],
      ],
    ],
  ])
})
