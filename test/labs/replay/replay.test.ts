import { describe, expect, it } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import { replay } from '../../../labs/replay/replay.ts'
import {
  failedLook,
  look,
  keys,
  keysText,
  lab,
  plus,
  recorded,
  reservationText,
  type Entry,
} from '../verdicts/history.ts'
import { bothLinksFail } from '../verdicts/rows.ts'
import type { UnknownLine } from '../../../labs/journal/schema.ts'

function replayOf(entries: readonly Entry[], unknown: readonly UnknownLine[] = []) {
  const lines = recorded([entries])
  const first = lines[0]
  if (first?.type !== 'run.started') throw new Error('no beginning')
  return { lines, ...replay(first, lines, unknown, judge(lines)) }
}
const { lanes, scene, steps, lines } = replayOf(bothLinksFail)
const laneNamed = (id: string) => lanes.lanes.find((lane) => lane.id === id)

describe('the lanes of a run', () => {
  it('are faults, links, nodes, keys, ledgers and consoles, and the flags of the verdict', () => {
    expect(lanes.lanes.map(({ id }) => id)).toEqual([
      'verdict',
      'fault cut-1 nodea priv1',
      'fault cut-2 nodea priv2',
      'link priv1 nodea',
      'link priv1 nodeb',
      'link priv2 nodea',
      'link priv2 nodeb',
      'node nodea',
      'node nodeb',
      'keys coord1',
      'keys coord2',
      'keys coord3',
      'keys data1',
      'ledger nodea',
      'ledger nodeb',
      'console nodea',
      'other baseline',
      'other ledger.scan',
      'other await',
      'other probe',
      'other write-try',
    ])
  })

  it('show the restoration, which the folds leave out', () => {
    expect(lanes.phases.map(({ state }) => state)).toEqual([
      'prepare',
      'baseline',
      'inject',
      'observe',
      'collect',
      'restore',
    ])
    expect(lanes.to).toBe(lines.at(-1)?.at)
  })

  it('have a row for each key and one for the reservation, in the colour of its node', () => {
    const keyLane = laneNamed('keys data1')
    expect(keyLane?.rows.map(({ name, node }) => [name, node])).toEqual([
      ['nodea', 'nodea'],
      ['nodeb', 'nodeb'],
      ['reserved by', undefined],
    ])
    expect(keyLane?.rows[2]?.stretches.map(({ state, node }) => [state, node])).toEqual([
      ['reserved', 'nodea'],
      ['between', undefined],
      ['reserved', 'nodeb'],
    ])
    expect(keyLane?.rows[0]?.stretches.map(({ state }) => state)).toEqual(['present', 'between'])
  })

  it('have a flag at every event that the verdict rests on', () => {
    const wanted = new Set(judge(lines).reasons.flatMap(({ events }) => events))
    expect(laneNamed('verdict')?.ticks.map(({ event }) => event)).toEqual([...wanted].sort((a, b) => a - b))
  })

  it('show an event type that this version does not know in a lane of its own', () => {
    const unknown = [
      { seq: 7, type: 'humidity', value: { seq: 7, at: 1234, type: 'humidity', place: 'rack 4', percent: 40 } },
    ]
    const found = replayOf(bothLinksFail, unknown).lanes.lanes.find(({ id }) => id === 'other humidity')
    expect(found?.ticks).toEqual([
      { at: 1234, kind: 'unknown', text: 'place rack 4, percent 40', event: 7, count: 1, first: 1234, last: 1234 },
    ])
  })
})

const operated: readonly Entry[] = [
  lab(1500, { type: 'operation', operation: 'restart', nodes: ['nodea'], step: 'begun' }),
  lab(2000, {
    type: 'operation',
    operation: 'restart',
    nodes: ['nodea'],
    step: 'done',
    ok: false,
    evidence: 'it did not boot',
  }),
  lab(2100, { type: 'checkpoint', name: 'after the restart', step: 'begun' }),
  lab(1600, { type: 'outlet', outlet: 'pdu1/1', state: 'off', feeds: ['nodea'] }),
  lab(1700, { type: 'outlet', outlet: 'pdu1/1', state: 'off', feeds: ['nodea'] }),
  lab(1900, { type: 'outlet', outlet: 'pdu1/1', state: 'on', feeds: ['nodea'] }),
  lab(2050, { type: 'roles', roles: { A: 'nodeb', B: 'nodea' } }),
]

describe('what was done by hand, and to the power', () => {
  const done = replayOf(plus(bothLinksFail, ...operated))

  it('has a row for each kind of act, and says whether it succeeded', () => {
    const found = done.lanes.lanes.find(({ group }) => group === 'operator')
    expect(found?.rows.map(({ name, stretches }) => [name, stretches.map(({ state, text }) => [state, text])])).toEqual(
      [['restart', [['failed', 'the operator: restart nodea, failed']]]],
    )
    expect(found?.ticks.map(({ kind, text }) => [kind, text])).toEqual([
      ['checkpoint', 'everybody is looked at: after the restart'],
    ])
  })

  it('has a lane for each outlet that was looked at, with what it feeds', () => {
    const found = done.lanes.lanes.find(({ group }) => group === 'outlets')
    expect([found?.name, found?.part, found?.rows[0]?.stretches.map(({ state }) => state)]).toEqual([
      'pdu1/1',
      'nodea',
      ['off', 'between', 'on'],
    ])
  })

  it('is known at every moment: since when an outlet is so, and who has which role', () => {
    const at = (moment: number) => done.scene.at(moment)
    expect([at(1590).outlets, at(1750).outlets[0]?.state, at(1950).outlets[0]?.state]).toEqual([[], 'off', 'on'])
    expect(at(1750).outlets[0]?.since).toBe(1600)
    expect([at(2000).roles, at(2060).roles]).toEqual([
      { A: 'nodea', B: 'nodeb' },
      { A: 'nodeb', B: 'nodea' },
    ])
  })
})

describe('the lab at a moment', () => {
  const tableAt = (at: number, lun: string) => scene.at(at).luns.find(({ name }) => name === lun)?.tables[0]

  it('knows nothing before anybody looked', () => {
    const before = scene.at(5)
    expect([
      before.nodes.map(({ state }) => state),
      before.luns.map(({ tables }) => tables),
      before.links.map(({ state }) => state),
    ]).toEqual([
      ['unknown', 'unknown'],
      [[], [], [], []],
      ['unknown', 'unknown', 'unknown', 'unknown'],
    ])
  })

  it('has the keys as they were read last, and what is otherwise than before the fault', () => {
    expect(tableAt(1050, 'data1')).toMatchObject({
      viewer: 'observer',
      keys: [keys.nodea, keys.nodeb],
      generation: 4,
      reservation: { key: keys.nodea, type: 5 },
      before: [keys.nodea, keys.nodeb],
    })
    const after = tableAt(4600, 'data1')
    expect(after).toMatchObject({
      keys: [keys.nodeb],
      before: [keys.nodea, keys.nodeb],
      change: { gone: [keys.nodea], come: [] },
    })
    expect(after?.change?.at).toBeGreaterThan(1100)
  })

  it('tells what every node was known to be, with its witnesses', () => {
    const end = scene.at(4600)
    expect(end.nodes.map(({ name, state }) => [name, state])).toEqual([
      ['nodea', 'panicked'],
      ['nodeb', 'running'],
    ])
    const witnesses = end.nodes[0]?.events.map((seq) => lines[seq - 1]?.type)
    expect(witnesses).toContain('panic-event')
    expect(witnesses).toContain('console')
  })

  it('names the fault at exactly the end that it hits', () => {
    const during = scene.at(2500).links.map(({ link, node, fault }) => [link, node, fault?.id])
    expect(during).toEqual([
      ['priv1', 'nodea', 'cut-1'],
      ['priv1', 'nodeb', undefined],
      ['priv2', 'nodea', 'cut-2'],
      ['priv2', 'nodeb', undefined],
    ])
  })

  it('counts writes up to the moment', () => {
    expect(scene.at(450).nodes[0]?.writes.acknowledged).toBe(1)
    expect(scene.at(4600).nodes[0]?.writes.acknowledged).toBeGreaterThan(1)
  })

  it('keeps the keys that were known where a look failed, and says that it failed', () => {
    const failing = replayOf(plus(bothLinksFail, failedLook('observer', 950, 'coord1')))
    const table = failing.scene.at(1050).luns[0]?.tables[0]
    expect(table).toMatchObject({ keys: [keys.nodea, keys.nodeb], keysAt: 192 })
    expect(table?.failed).toMatch(/exit status 6/)
  })

  it('a unit attention whose second try succeeds is no failure', () => {
    const retried = replayOf(
      plus(
        bothLinksFail,
        failedLook('observer', 940, 'coord1'),
        look('observer', 960, 'coord1', 'keys', keysText(4, [keys.nodea, keys.nodeb]), { attempt: 2 }),
      ),
    )
    expect(retried.scene.at(1050).luns[0]?.tables[0]?.failed).toBeUndefined()
  })

  it('gives every viewer its own table, where all are asked for', () => {
    const two = replayOf(
      plus(
        bothLinksFail,
        look('nodea', 960, 'data1', 'keys', keysText(4, [keys.nodea])),
        look('nodea', 970, 'data1', 'reservation', reservationText(4, keys.nodea)),
      ),
    )
    const lun = two.scene.at(1050, { allViewers: true }).luns.find(({ name }) => name === 'data1')
    expect([lun?.best, lun?.tables.map(({ viewer, keys: own }) => [viewer, own?.length])]).toEqual([
      'observer',
      [
        ['observer', 2],
        ['nodea', 1],
        ['nodeb', 2],
      ],
    ])
  })

  it('forgets a node that nothing is known of, not one that is silent', () => {
    const silent = scene.at(4600).nodes[1]
    expect(silent?.seen).toBeLessThanOrEqual(4600)
  })
})

describe('steps', () => {
  it('are what happened from the fault on, in the order of time', () => {
    expect(steps[0]?.text).toMatch(/fault cut-1 .* is being applied/)
    expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).toSorted((a, b) => a - b))
  })

  it('a run without a fault has none, and can still be looked at', () => {
    const quiet = replayOf(bothLinksFail.filter(({ event }) => event.type !== 'fault'))
    expect([quiet.steps, quiet.lanes.lanes.some(({ group }) => group === 'keys')]).toEqual([[], true])
  })

  it('a run that has only begun shows its testbed', () => {
    const begun = replayOf([bothLinksFail[0] as Entry, lab(5, { type: 'note', text: 'x' })])
    expect(begun.scene.at(5).luns).toHaveLength(4)
  })
})

describe('a scene later than the last line, as one of a lab that goes on is', () => {
  it('still has the faults that nobody has taken back', () => {
    const inForce = lines.findIndex((line) => line.type === 'fault' && line.step === 'verified' && line.id === 'cut-2')
    const soFar = lines.slice(0, inForce + 1)
    const first = soFar[0]
    if (first?.type !== 'run.started') throw new Error('no beginning')
    const going = replay(first, soFar, [], undefined)
    const later = going.scene.at((soFar.at(-1)?.at ?? 0) + 3000)
    expect(later.faults.map(({ id, state }) => [id, state])).toEqual([
      ['cut-1', 'in-force'],
      ['cut-2', 'in-force'],
    ])
    expect(later.links.find(({ link, node }) => link === 'priv1' && node === 'nodea')?.fault?.state).toBe('in-force')
  })
})
