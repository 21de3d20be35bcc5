import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byPlace, rowHeadline, stripOf } from '../../renderer/table/row-headline.ts'
import { runConsequences } from '../../renderer/table/run-consequences.ts'
import { clockOf } from '../../renderer/state/words.ts'

type Run = Parameters<typeof rowHeadline>[0][number]
const run = (verdict: string | undefined, check: Run['check'] = 'whole', state: Run['state'] = 'complete'): Run => ({
  ...(verdict !== undefined && { verdict }),
  check,
  state,
})
const many = (number: number, one: Run) => Array.from({ length: number }, () => ({ ...one }))
const words = (runs: readonly Run[]) =>
  rowHeadline(runs).map(({ word, check, count }) => `${count} ${word}${check === 'whole' ? '' : ` ${check}`}`)
const anyRun = fc.record({
  verdict: fc.constantFrom('pass', 'fail', 'inconclusive', 'not-applicable', 'later'),
  check: fc.constantFrom<Run['check']>('whole', 'unchecked', 'not-whole'),
  state: fc.constantFrom<Run['state']>('complete', 'stopped', 'going'),
})

describe('the headline of a row', () => {
  it('is over all its runs, the worst first, whatever the last one was', () => {
    expect(words([...many(17, run('pass')), ...many(3, run('fail'))])).toEqual(['3 fail', '17 pass'])
    expect(words([run('pass'), run('inconclusive'), run(undefined), run('later')])).toEqual([
      '1 inconclusive',
      '1 later',
      '1 not judged',
      '1 pass',
    ])
  })
  it('counts apart what nobody verified, and nothing of a run that goes on', () => {
    expect(words([run('pass'), run('pass', 'unchecked'), run('inconclusive', 'not-whole')])).toEqual([
      '1 inconclusive not-whole',
      '1 pass unchecked',
      '1 pass',
    ])
    expect(words([run(undefined, 'unchecked', 'going')])).toEqual([])
  })
  it('counts add up, and a failure is there and first', () => {
    fc.assert(
      fc.property(fc.array(anyRun), (runs) => {
        const parts = rowHeadline(runs)
        const ended = runs.filter(({ state }) => state !== 'going')
        expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(ended.length)
        if (ended.some(({ verdict }) => verdict === 'fail')) expect(parts[0]?.word).toBe('fail')
      }),
    )
  })
})

describe('the strip of a row', () => {
  it('leaves out passes before anything else, keeps the order and says where', () => {
    const runs = [...many(16, run('pass')), run('fail'), ...many(3, run('pass'))]
    const shown = stripOf(runs, 14)
    expect([shown.length, shown.at(-1)?.run.verdict, shown.at(-2)?.gap, shown.at(-1)?.gap]).toEqual([14, 'fail', 3, 3])
  })
  it('shows as many failures as there is room for', () => {
    fc.assert(
      fc.property(fc.array(anyRun, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (runs, most) => {
        const shown = stripOf(runs, most).map((one) => one.run)
        const bad = (list: readonly Run[]) => list.filter(({ verdict }) => verdict !== 'pass').length
        expect(shown.length).toBe(Math.min(most, runs.length))
        expect(bad(shown)).toBe(Math.min(bad(runs), most))
        expect(shown).toEqual(runs.filter((one) => shown.includes(one)))
      }),
    )
  })
})

describe('runs of another testbed', () => {
  const at = (bed: string, testbed: string, sample = false) => ({ bed, testbed, sample })
  it('are never this one’s, whatever their name, and samples are never anybody’s', () => {
    const list = [at('x', 'rack'), at('y', 'rack'), at('z', 'virtual'), at('x', 'rack', true), at('', '')]
    const found = byPlace(list, 'x')
    expect([found.own, found.elsewhere.map(({ name, runs }) => [name, runs.length])]).toEqual([
      [list[0]],
      [
        ['on rack', 1],
        ['on virtual', 1],
        ['sample, on rack', 1],
        ['on an unknown testbed', 1],
      ],
    ])
  })
  it('are all elsewhere where no testbed is open', () => {
    expect(byPlace([at('x', 'rack'), at('', '')], null).own).toEqual([])
    expect(byPlace([at('', '')], '').own).toEqual([])
  })
})

describe('what running rows does', () => {
  it('is said with what is hit and how long it takes', () => {
    const question = runConsequences({
      bed: {
        name: 'rack',
        power: [],
        record: {
          nodes: [
            { name: 'n1', outlets: ['pdu1/1'] },
            { name: 'n2', outlets: ['pdu1/2'] },
          ],
          luns: [
            { name: 'd1', use: 'data' },
            { name: 'c1', use: 'coordination' },
          ],
        },
      } as unknown as Parameters<typeof runConsequences>[0]['bed'],
      rows: [
        { scenario: { title: 'A node hangs', steps: [] }, seconds: 100 },
        { scenario: { title: 'Both fail', steps: [] }, seconds: null },
      ],
      repeat: 3,
    })
    expect([question.title, question.action]).toEqual(['Run 2 rows, 3 times, on rack?', 'Run 6 times'])
    expect(question.text).toMatch(/^6 runs, about 8 min \(some were never run here/)
    expect(question.points.join('\n')).toMatch(/d1 are written to[^]*n1, n2 may panic[^]*pdu1\/1, pdu1\/2/)
  })
})

it('times stay readable however long a recording is', () => {
  expect([0, 12_345, 999_990, 1_080_000, 10_000_000, -1_080_000].map(clockOf)).toEqual([
    '0.00 s',
    '12.35 s',
    '999.99 s',
    '18:00.00',
    '2:46:40.00',
    '-18:00.00',
  ])
})
