// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import ConfirmDialog from '../../renderer/parts/confirm-dialog.vue'
import KeyTables from '../../renderer/keys/key-tables.vue'
import VerdictChip from '../../renderer/parts/verdict-chip.vue'
import VerdictReasons from '../../renderer/runs/verdict-reasons.vue'
import type { Scene, SceneTable } from '../../labs/replay/scene.ts'

const bed = {
  nodes: [
    {
      name: 'nodea',
      id: 0,
      keys: { coordination: '0x412d2d2d2d2d2d2d', data: '0x4150475230303030' },
      panicWitnesses: [],
    },
    {
      name: 'nodeb',
      id: 1,
      keys: { coordination: '0x422d2d2d2d2d2d2d', data: '0x4250475230303030' },
      panicWitnesses: [],
    },
  ],
  luns: [],
} as const
const table = (over: Partial<SceneTable>): SceneTable => ({
  viewer: 'observer',
  keys: ['0x4250475230303030'],
  generation: 5,
  reservation: { key: '0x4250475230303030', type: 5 },
  failed: undefined,
  keysAt: 900,
  lookedAt: 900,
  events: [7],
  before: ['0x4150475230303030', '0x4250475230303030'],
  change: undefined,
  ...over,
})
const scene = (tables: readonly SceneTable[]): Scene => ({
  at: 1500,
  phase: 'observe',
  nodes: [],
  links: [],
  luns: [{ name: 'data1', use: 'data', array: undefined, best: 'observer', tables, own: undefined }],
  faults: [],
  hosts: [],
  outlets: [],
  roles: {},
})

test('a key table tells what is gone in words, not by colour alone', async () => {
  const shown = mount(KeyTables, { props: { scene: scene([table({})]), bed } })
  expect(shown.text()).toMatch(/data1/)
  expect(shown.find('.gone').text()).toMatch(/APGR0000.*gone/)
  expect(shown.text()).toMatch(/Write Exclusive, registrants only/)
  expect(shown.text()).toMatch(/0\.6 s/)
  await shown.find('button').trigger('click')
  expect(shown.emitted('raw')).toEqual([[7]])
})

test('a failed look is shown as failed, with the keys that were known', () => {
  const shown = mount(KeyTables, { props: { scene: scene([table({ failed: 'unit attention' })]), bed } })
  expect(shown.text()).toMatch(/last look failed: unit attention/)
  expect(shown.text()).toMatch(/BPGR0000/)
})

test('nothing read is not an empty table', () => {
  expect(
    mount(KeyTables, {
      props: {
        scene: scene([table({ keys: undefined, before: undefined, reservation: undefined, keysAt: undefined })]),
        bed,
      },
    }).text(),
  ).toMatch(/not read yet/)
  expect(mount(KeyTables, { props: { scene: scene([]), bed } }).text()).toMatch(/nobody has looked yet/)
})

test('a verdict has a sign and a word', () => {
  expect(mount(VerdictChip, { props: { verdict: 'not-applicable' } }).text()).toBe('–not applicable')
})

test('every event of a reason is a way to its moment', async () => {
  const verdict = {
    verdict: 'fail',
    nodes: { nodea: { expected: 'panicked', observed: 'running', why: 'it answered', events: [3] } },
    reasons: [
      { rule: 'all-continue', bearing: 'pass', text: 'fine', events: [1] },
      { rule: 'others-panicked', bearing: 'fail', text: 'nodea did not', events: [3, 5] },
    ],
  } as const
  const shown = mount(VerdictReasons, {
    props: { verdict, times: new Map([[3, '1.20 s']]), chosen: undefined, ids: new Map([['nodea', 0]]) },
  })
  expect(shown.findAll('.reason .rule').map((one) => one.text())).toEqual(['others panicked', 'all continue'])
  const chips = shown.findAll('.reason .chip')
  expect(chips.map((chip) => chip.text())).toEqual(['1.20 s', '#5', '#1'])
  await chips[1]?.trigger('click')
  await shown.find('.reason .title').trigger('click')
  expect([shown.emitted('event'), shown.emitted('choose')?.[0]?.[1]]).toEqual([[[5]], [3, 5]])
})

test('a verdict by a row that is none of this version says so, one by this version’s own does not', () => {
  const row = { name: 'node-hangs', sha256: 'ab'.repeat(32), identity: 'differs', revision: 3 } as const
  const verdict = { verdict: 'pass', nodes: {}, reasons: [] } as const
  const props = { verdict, times: new Map<number, string>(), chosen: undefined, ids: new Map<string, number>() }
  const shown = mount(VerdictReasons, { props: { ...props, row } })
  expect(shown.find('[role=note]').text()).toBe(
    'The row of this recording differs from the one this version has under that name (node-hangs): it is judged as recorded.',
  )
  expect(shown.find('.judged-by').text()).toBe(
    'Judged by the row node-hangs (sha256 abababababab), revision 3 of the recording.',
  )
  const own = mount(VerdictReasons, { props: { ...props, row: { ...row, identity: 'same' } } })
  expect([own.find('[role=note]').exists(), own.find('.judged-by').exists()]).toEqual([false, true])
  expect(mount(VerdictReasons, { props }).find('.judged-by').exists()).toBe(false)
})

test('a question that is confirmed is answered first, and closed then', async () => {
  const heard: string[] = []
  const shown = mount(ConfirmDialog, {
    attachTo: document.body,
    props: {
      modelValue: true,
      title: 'Switch pdu1/2 off?',
      text: 'It feeds nodeb.',
      action: 'Switch it off',
      onConfirm: () => heard.push('confirm'),
      'onUpdate:modelValue': (is: boolean) => heard.push(`open: ${is}`),
    },
  })
  await new Promise((resolve) => setTimeout(resolve))
  document.body.querySelector<HTMLElement>('.button.main')?.click()
  expect(heard).toEqual(['confirm', 'open: false'])
  shown.unmount()
})
