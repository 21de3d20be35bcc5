import { describe, expect, it } from 'vitest'
import { decisivePart, timeLine, type TimeLine } from '../../../labs/timeline/time-line.ts'
import { timeLineSvg } from '../../../labs/report/time-line-svg.ts'
import { markupText } from '../../../labs/report/markup.ts'
import { moments } from '../../../labs/timeline/moments.ts'
import { keyRows } from '../../../labs/report/run-tables.ts'
import { failedLook, plus, without, type Entry } from '../verdicts/history.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from '../verdicts/rows.ts'
import { reportOf } from '../report/reports.ts'
import { all, readXml, textOf } from '../report/read-xml.ts'

function lineOf(entries: readonly Entry[]): TimeLine {
  const { run, keys } = reportOf(entries)
  if (!run) throw new Error('no run')
  return timeLine(run, keys)
}
const eventless = (segments: readonly { readonly from: number; readonly to: number; readonly state: string }[]) =>
  segments.map(({ from, to, state }) => [state, Math.round(from), Math.round(to)])

describe('the time line', () => {
  const line = lineOf(bothLinksFail)

  it('reaches up to the restoring, in phases', () => {
    expect([line.from, line.to, line.nodes]).toEqual([0, 4710, ['nodea', 'nodeb']])
    expect(eventless(line.phases)).toEqual([
      ['prepare', 10, 100],
      ['baseline', 100, 1000],
      ['inject', 1000, 1300],
      ['observe', 1300, 4100],
      ['collect', 4100, 4710],
    ])
  })

  it('has the faults from the first command to where they are seen to be gone', () => {
    expect(line.faults.map(({ id, target, segments }) => [id, target, eventless(segments)])).toEqual([
      [
        'cut-1',
        { node: 'nodea', link: 'priv1' },
        [
          ['applying', 1100, 1140],
          ['in-force', 1140, 4710],
        ],
      ],
      [
        'cut-2',
        { node: 'nodea', link: 'priv2' },
        [
          ['applying', 1200, 1240],
          ['in-force', 1240, 4710],
        ],
      ],
    ])
    expect(eventless(lineOf(oneLinkFails).faults[0]?.segments ?? [])).toEqual([
      ['applying', 1100, 1140],
      ['in-force', 1140, 2500],
      ['reverting', 2500, 2540],
    ])
    const unverified = without(
      bothLinksFail,
      'fault',
      ({ event }) => event.type === 'fault' && event.step === 'verified',
    )
    expect(lineOf(unverified).faults[0]?.segments.map(({ state }) => state)).toEqual(['applying'])
  })

  it('has the keys as the observer sees them, with the change in a gap', () => {
    // 2 ms: the uncertainty of the clocks (drift comes on top after their last measurement); the looks take from 60 to 10 ms before their lines
    expect(line.keys.find(({ lun }) => lun.name === 'data1')).toEqual({
      lun: { name: 'data1', wwid: 'naa.data1', use: 'data' },
      viewer: 'observer',
      bands: [
        {
          key: '0xa',
          node: 'nodea',
          segments: [{ from: 192, to: 2438, state: 'present', events: [15, 53] }],
          changes: [{ from: 2438, to: 3192, before: 'present', after: 'absent', events: [53, 60] }],
        },
        {
          key: '0xb',
          node: 'nodeb',
          segments: [{ from: 192, to: 4237.892, state: 'present', events: [15, 73] }],
          changes: [],
        },
      ],
      changes: [
        { earliest: 2438, latest: 3192, keys: ['0xb'], gone: ['0xa'], come: [], generation: 5, events: [53, 60] },
      ],
      failed: [],
      reservation: [
        { from: 192, to: 2438, state: '0xa 5', events: [16, 54] },
        { from: 3192, to: 4237.892, state: '0xb 5', events: [61, 74] },
      ],
      reservationChanges: [{ from: 2438, to: 3192, before: '0xa 5', after: '0xb 5', events: [54, 61] }],
    })
  })

  it('says of a gap what changed in it and between which looks, in the picture of the report as well', () => {
    const svg = markupText(timeLineSvg(line, { id: 'p', title: 't' }))
    expect(svg).toContain(
      'data1: the key of nodea (0xa) went between 2.44 s, when it was last seen, and 3.19 s, the first look after (events 53 to 60)',
    )
    expect(svg).toContain('url(#p-between)')
  })

  it('never shows a failed look as keys that are gone', () => {
    const lane = lineOf(plus(bothLinksFail, failedLook('observer', 600, 'data1'))).keys.find(
      ({ lun }) => lun.name === 'data1',
    )
    expect(lane?.failed).toEqual([{ from: 138, to: 2492, state: 'failed', events: [37, 37] }])
    expect(eventless(lane?.bands[0]?.segments ?? [])).toEqual([
      ['present', 192, 192],
      ['present', 2492, 2492],
    ])
    expect(lane?.changes).toEqual(
      line.keys.find(({ lun }) => lun.name === 'data1')?.changes.map((change) => ({ ...change, events: [54, 61] })),
    )
  })

  it('has nodes that are alive, panicked or hung, by what was seen', () => {
    expect(
      line.states.map(({ node, segments, marks }) => [
        node,
        eventless(segments),
        marks.map(({ kind, at }) => [kind, at]),
      ]),
    ).toEqual([
      [
        'nodea',
        [
          ['running', 20, 3124],
          ['panicked', 3300, 4710],
        ],
        [
          ['panic', 3300],
          ['panic', 3310],
          ['silent', 4700],
        ],
      ],
      ['nodeb', [['running', 20, 4710]], []],
    ])
    const hung = lineOf(nodeHangs).states[0]
    expect(eventless(hung?.segments ?? [])).toEqual([
      ['running', 20, 517],
      ['hung', 1130, 3900],
      ['panicked', 4300, 5110],
    ])
    const unproved = lineOf(without(bothLinksFail, 'panic-event')).states[0]
    expect(unproved?.segments.map(({ state }) => state)).toEqual(['running', 'panic-seen'])
  })

  it('has the links as each node hears them, and what the logs say of the link that they are about', () => {
    const lanes = lineOf(oneLinkFails).links
    expect(
      lanes.map(({ link, node, segments, marks }) => [
        `${link} at ${node}`,
        segments.map(({ state }) => state),
        marks.map(({ kind, at }) => [kind, at]),
      ]),
    ).toEqual([
      [
        'priv1 at nodea',
        ['heard', 'not-heard', 'heard'],
        [
          ['lost', 1800],
          ['up', 2700],
        ],
      ],
      [
        'priv1 at nodeb',
        ['heard', 'not-heard', 'heard'],
        [
          ['lost', 1810],
          ['up', 2710],
        ],
      ],
      ['priv2 at nodea', ['heard'], []],
      ['priv2 at nodeb', ['heard'], []],
    ])
  })

  it('has every write of the ledger, the refused one too', () => {
    const told = bothLinksFail.filter(({ event }) => event.type === 'ledger.write')
    expect(line.ledgers.map(({ node, marks }) => [node, marks.map(({ kind }) => kind)])).toEqual([
      ['nodea', ['acknowledged', 'acknowledged', 'acknowledged', 'acknowledged', 'refused']],
      ['nodeb', ['acknowledged']],
    ])
    expect(line.ledgers.flatMap(({ marks }) => marks)).toHaveLength(told.length)
  })

  it('can be cut to what matters', () => {
    expect(decisivePart(lineOf(without(bothLinksFail, 'fault')))).toBeUndefined()
    // an hour of waiting before and after
    const hour = 3_600_000
    const later = bothLinksFail.map((entry) =>
      entry.event.type === 'phase' && entry.event.name === 'restore' ? { ...entry, at: entry.at + hour } : entry,
    )
    const idle = later.findIndex(({ event }) => event.type === 'phase' && event.name === 'restore')
    const part = decisivePart(
      lineOf([...later.slice(0, idle), { at: hour, event: { type: 'note', text: '' } }, ...later.slice(idle)]),
    )
    // from the first fault (1100) to where nodeb is first seen to hear nobody (4610), and 15 percent of that around it
    expect(part).toEqual({ from: 573.5, to: 5136.5 })
  })
})

describe('the picture', () => {
  it('is well-formed and says every write, key and fault in words', () => {
    const picture = readXml(markupText(timeLineSvg(lineOf(bothLinksFail), { id: 'p', title: 'Run 1' })))
    const titles = all(picture, 'title').map(textOf)
    expect(titles[0]).toBe('Run 1')
    expect(titles.filter((text) => text.includes('is there'))).toHaveLength(8)
    expect(titles.filter((text) => text.includes('verified to be in force'))).toHaveLength(2)
    expect(titles.filter((text) => /write.*(acknowledged|refused)/.test(text))).toHaveLength(6)
    expect(titles).toContain('write 5 of epoch 1 refused (errno 52), 3.14 s (event 56)')
    expect(titles).toContain('data1: the key of nodea (0xa) is there, 0.19 s to 2.44 s (events 15 to 53)')
  })

  it('keeps to its window', () => {
    const picture = readXml(
      markupText(timeLineSvg(lineOf(bothLinksFail), { id: 'p', title: '', from: 3000, to: 3600 })),
    )
    for (const { attributes } of all(picture, 'rect')) {
      if (attributes['x'] === undefined) continue
      expect(Number(attributes['x'])).toBeGreaterThanOrEqual(149)
      expect(Number(attributes['x']) + Number(attributes['width'])).toBeLessThanOrEqual(752)
    }
  })
})

describe('what happened, in order', () => {
  it('tells the fault, the keys, the refused write, the panic, each with its events', () => {
    const { run, keys } = reportOf(bothLinksFail)
    const list = run ? moments(run, keys) : []
    expect(list.map(({ at, who, text, events }) => `${at} ${who}: ${text} ${JSON.stringify(events)}`)).toEqual([
      '1100 lab: fault cut-1 (private-link-down, nodea priv1) is being applied [39]',
      '1120 lab: fault cut-1 (private-link-down, nodea priv1) was applied [40]',
      '1140 lab: fault cut-1 (private-link-down, nodea priv1) is verified to be in force [42]',
      '1200 lab: fault cut-2 (private-link-down, nodea priv2) is being applied [43]',
      '1220 lab: fault cut-2 (private-link-down, nodea priv2) was applied [44]',
      '1240 lab: fault cut-2 (private-link-down, nodea priv2) is verified to be in force [46]',
      '3100 nodeb: takeover scan of the ledger on data1: 4 records [55]',
      '3140 nodea: write 5 of epoch 1 was refused (errno 52) [56]',
      ...['coord1', 'coord2', 'coord3', 'data1'].map(
        (lun, index) =>
          `3192 observer: ${lun}: the key of nodea (0xa) is gone, not before 2.44 s; now: nodeb (0xb) [${50 + index},${57 + index}]`,
      ),
      '3300 nodea: panic, seen by QMP GUEST_PANICKED [62]',
      '3310 nodea: console: Kernel panic - not syncing: sysrq triggered crash [64]',
      '4000 lab: waiting for "one-panicked-and-fenced" ended after 3 s: met [66]',
      '4500 observer: final scan of the ledger on data1: 5 records [80]',
      '4700 lab: nodea does not answer [83]',
      '4710 lab: nodeb answers [84]',
      '4710 observer: a write to block 0 of coord1 was tried (control): sg_raw ended with 0 [85]',
      '4710 observer: a write to block 0 of data1 was tried (end): sg_raw ended with 24 [86]',
      '4710 nodeb: late scan of the ledger on data1: 5 records [87]',
    ])
  })
})

describe('key tables', () => {
  it('are told before, during and after, each viewer that differs by itself', () => {
    const { run, keys } = reportOf(bothLinksFail)
    const rows = run ? keyRows(run, keys).filter(({ lun }) => lun === 'data1') : []
    const held = 'Write Exclusive, registrants only'
    expect(rows).toEqual([
      {
        lun: 'data1',
        use: 'data',
        viewers: ['observer', 'nodeb'],
        before: `nodea (0xa), nodeb (0xb); reserved by nodea (0xa): ${held}; PR generation 4`,
        during: [
          { text: 'by 3.19 s: nodeb (0xb); PR generation 5', events: [53, 60] },
          { text: `by 3.19 s: reserved by nodeb (0xb): ${held}`, events: [54, 61] },
        ],
        after: `nodeb (0xb); reserved by nodeb (0xb): ${held}; PR generation 5`,
        events: [15, 16, 31, 32, 73, 74, 78, 79],
      },
      {
        lun: 'data1',
        use: 'data',
        viewers: ['nodea'],
        before: `nodea (0xa), nodeb (0xb); reserved by nodea (0xa): ${held}; PR generation 4`,
        during: [],
        after: 'not read',
        events: [23, 24],
      },
    ])
  })
})
