import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { RunSummary } from '../../preload/contract/runs.ts'
import type { SceneLun, SceneTable } from '../../labs/replay/scene.ts'
import { disagree, shownKeys, tableOf } from '../../renderer/keys/read-table.ts'
import { nodeLook } from '../../renderer/parts/node-looks.ts'
import { verdictLook } from '../../renderer/parts/verdict-look.ts'
import { comparedRules, differentFacts } from '../../renderer/runs/compare-runs.ts'
import { emptyFilter, filterRuns } from '../../renderer/runs/filter-runs.ts'
import { createCommands, keyText } from '../../renderer/state/commands.ts'
import { age, duration } from '../../renderer/state/words.ts'
import { leaves, newTab, readTabs, reconciled, without, withSplit } from '../../renderer/terminals/pane-tree.ts'
import { yamlTokens } from '../../renderer/testbeds/yaml-tokens.ts'

describe('key tables', () => {
  const table = (over: Partial<SceneTable>): SceneTable => ({
    viewer: 'observer',
    keys: ['0xa', '0xb'],
    generation: 4,
    reservation: null,
    failed: undefined,
    keysAt: 1,
    lookedAt: 1,
    events: [1],
    before: undefined,
    change: undefined,
    ...over,
  })
  const lun = (tables: readonly SceneTable[]): SceneLun => ({
    name: 'l',
    use: 'data',
    array: undefined,
    best: 'observer',
    tables,
    own: undefined,
  })

  it('mark what is gone and what is new, and count paths', () => {
    expect(shownKeys(['0xb', '0xb', '0xc'], ['0xa', '0xb'])).toEqual([
      { hex: '0xb', change: 'none', times: 2 },
      { hex: '0xc', change: 'come', times: 1 },
      { hex: '0xa', change: 'gone', times: 1 },
    ])
  })
  it('mark nothing gone where the keys were not read, or nothing is known of before', () => {
    expect([shownKeys(undefined, ['0xa']), shownKeys(['0xa'], undefined)]).toEqual([
      [],
      [{ hex: '0xa', change: 'none', times: 1 }],
    ])
  })
  it('differ only where viewers of the same generation see other keys', () => {
    const other = (over: Partial<SceneTable>) => disagree(lun([table({}), table({ viewer: 'nodea', ...over })]))
    expect([
      other({}),
      other({ keys: ['0xa'] }),
      other({ keys: ['0xa'], generation: 5 }),
      other({ keys: ['0xa'], failed: 'x' }),
      other({ keys: ['0xb', '0xa'] }),
    ]).toEqual([false, true, false, false, false])
  })
  it('are those of the best viewer unless another is asked for', () => {
    const both = lun([table({ viewer: 'nodea' }), table({})])
    expect([tableOf(both)?.viewer, tableOf(both, 'nodea')?.viewer, tableOf(both, 'nobody')]).toEqual([
      'observer',
      'nodea',
      undefined,
    ])
  })
})

describe('looks', () => {
  it('no two of sixteen nodes look the same', () => {
    expect(new Set(Array.from({ length: 16 }, (_, index) => JSON.stringify(nodeLook(index)))).size).toBe(16)
  })
  it('a verdict always has a sign, also one of a later version or with a bad name', () => {
    expect(
      ['pass', 'fail', 'inconclusive', 'not-applicable', 'later', 'constructor'].map((word) => verdictLook(word).sign),
    ).toEqual(['✓', '✗', '?', '–', '·', '·'])
  })
})

describe('the history', () => {
  const run = (over: Partial<RunSummary>): RunSummary => ({
    run: 'runs/x',
    sample: false,
    row: 'r',
    title: 'Both fail',
    policy: '',
    testbed: 'virtual',
    bed: 'b',
    wall: '2026-11-25T10:00:00Z',
    state: 'complete',
    check: 'whole',
    verdict: 'pass',
    milliseconds: 1,
    nodes: [{ name: 'nodea', id: 0, observed: 'panicked' }],
    lines: 1,
    ...over,
  })
  const unjudged = (({ verdict: _, ...rest }) => rest)(run({ run: 'runs/3', row: 'q', wall: '' }))
  const list = [
    run({ run: 'runs/1' }),
    run({ run: 'runs/2', verdict: 'fail', testbed: 'rack', wall: '2026-11-20T10:00:00Z' }),
    unjudged,
  ]
  const found = (filter: Partial<typeof emptyFilter>) =>
    filterRuns(list, { ...emptyFilter, ...filter }).map((one) => one.run.slice(5))
  it.each([
    [{}, ['1', '2', '3']],
    [{ words: 'both PANICKED' }, ['1', '2', '3']],
    [{ words: 'rack' }, ['2']],
    [{ row: 'q' }, ['3']],
    [{ verdict: 'fail' }, ['2']],
    [{ verdict: 'none' }, ['3']],
    [{ testbed: 'virtual' }, ['1', '3']],
    [{ from: '2026-11-24' }, ['1']],
    [{ to: '2026-11-24' }, ['2']],
    [{ from: '2026-11-20', to: '2026-11-25' }, ['1', '2']],
  ])('filters %j', (filter, expected) => expect(found(filter)).toEqual(expected))
})

describe('two runs', () => {
  it('differ in versions, told once for all hosts', () => {
    const facts = (revision: string, more: readonly { host: string; name: string; value: string }[] = []) => [
      ...['nodea', 'nodeb'].map((host) => ({ host, name: 'disk x', value: revision })),
      { host: 'nodea', name: 'kernel', value: '6.1' },
      ...more,
    ]
    expect(differentFacts(facts('A 1'), facts('B 2', [{ host: 'nodec', name: 'kernel', value: '6.1' }]))).toEqual([
      { name: 'disk x', first: 'A 1', second: 'B 2', hosts: ['nodea', 'nodeb'] },
      { name: 'kernel', first: '(not told)', second: '6.1', hosts: ['nodec'] },
    ])
  })
  it('differ in rules, those first', () => {
    const verdict = (bearing: 'pass' | 'fail') => ({
      verdict: bearing,
      nodes: {},
      reasons: [
        { rule: 'all-continue' as const, bearing: 'pass' as const, text: 'same', events: [] },
        { rule: 'others-panicked' as const, bearing, text: 'x', events: [] },
      ],
    })
    expect(comparedRules(verdict('pass'), verdict('fail')).map(({ rule, differs }) => [rule, differs])).toEqual([
      ['others-panicked', true],
      ['all-continue', false],
    ])
    expect(comparedRules(null, verdict('pass')).every(({ first, differs }) => first === undefined && differs)).toBe(
      true,
    )
  })
})

describe('terminals in panes', () => {
  const three = withSplit(withSplit(newTab('t1'), 't1', 'row', 't2'), 't1', 'column', 't3')
  it('are split, and close up when one goes', () => {
    expect([leaves(three.root), three.focus]).toEqual([['t1', 't3', 't2'], 't3'])
    const two = without(three, 't3')
    expect([two && leaves(two.root), two?.focus, two && without(without(two, 't1') ?? two, 't2')]).toEqual([
      ['t1', 't2'],
      't1',
      undefined,
    ])
  })
  it('are exactly those that there are, whatever was kept', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom('t1', 't2', 't3', 't4', 't5')), (present) => {
        expect(
          reconciled([three], present)
            .flatMap(({ root }) => leaves(root))
            .sort(),
        ).toEqual([...present].sort())
      }),
    )
  })
  it('are read back, and nonsense is no layout', () => {
    expect(readTabs(JSON.stringify([three]))).toEqual([three])
    for (const text of ['', '{}', '[1]', '[{"id":"x","focus":"x","root":{"kind":"leaf"}}]', 'nonsense'])
      expect(readTabs(text)).toEqual([])
  })
})

describe('commands', () => {
  const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
    ({
      key,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      shiftKey: false,
      target: null,
      preventDefault: vi.fn(),
      ...held,
    }) as unknown as KeyboardEvent
  it.each([
    ['k', { ctrlKey: true }, 'Ctrl+K'],
    ['P', { ctrlKey: true, shiftKey: true }, 'Ctrl+Shift+P'],
    ['1', { altKey: true }, 'Alt+1'],
    ['?', { shiftKey: true }, '?'],
    [' ', {}, 'Space'],
    ['F1', { shiftKey: true }, 'Shift+F1'],
    ['k', { metaKey: true }, 'Ctrl+K'],
  ])('%s with %j is %s', (key, held, text) => expect(keyText(press(key, held))).toBe(text))

  it('run by their key, not while somebody types, and go away with what added them', () => {
    vi.stubGlobal(
      'HTMLElement',
      class {
        tagName = 'INPUT'
        isContentEditable = false
      },
    )
    const run = vi.fn()
    const commands = createCommands()
    const dispose = commands.add([
      { id: 'x', title: 'X', group: 'G', keys: ['X'], run },
      { id: 'y', title: 'Y', group: 'G', keys: ['Ctrl+Y'], everywhere: true, run },
    ])
    const field = new (HTMLElement as unknown as new () => HTMLElement)()
    expect([
      commands.handle(press('x')),
      commands.handle(press('x', { target: field })),
      commands.handle(press('y', { ctrlKey: true, target: field })),
    ]).toEqual([true, false, true])
    dispose()
    expect([commands.handle(press('x')), run.mock.calls.length]).toEqual([false, 2])
    vi.unstubAllGlobals()
  })
})

it('times are told as finely as they matter', () => {
  expect([age(420), age(9949), age(12_000), duration(89_000), duration(125_000), duration(5_400_000)]).toEqual([
    '0.4 s',
    '9.9 s',
    '12 s',
    '89 s',
    '2 min',
    '1 h 30 min',
  ])
})

describe('YAML is coloured', () => {
  it('without losing a letter', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        expect(
          yamlTokens(line)
            .map(({ text }) => text)
            .join(''),
        ).toBe(line)
      }),
    )
  })
  it('by what it is', () => {
    expect(
      yamlTokens("  key: 'text' # why")
        .filter(({ kind }) => kind !== 'plain')
        .map(({ kind }) => kind),
    ).toEqual(['key', 'sign', 'text', 'comment'])
    expect(yamlTokens('a: b#c').some(({ kind }) => kind === 'comment')).toBe(false)
  })
})
