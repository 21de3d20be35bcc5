import { describe, expect, it } from 'vitest'
import { judge } from '../../../../labs/verdicts/judge.ts'
import { judged } from '../bearing.ts'
import { everyRow } from '../every-row.ts'
import { changed, failedLook, keysText, look, plus, recorded, without, type Entry } from '../history.ts'
import { coordinatorsLost } from '../point-rows.ts'
import { bothLinksFail } from '../rows.ts'
import { reserved } from '../takeover-rows.ts'

const after = (from: number) => (entry: Entry) => entry.at > from
const arrayView = (at: number): Entry => ({
  at,
  host: 'array1',
  event: { type: 'array-keys', lun: 'data1', text: 'no registrations' },
})
const viewEnded = (at: number): Entry => ({
  at,
  event: { type: 'note', text: "the array's own view on array1 came to its end: the host ended it" },
})
const noLooks = (row: readonly Entry[], from: number, lun: string) =>
  without(row, 'keys', (entry) => entry.at > from && 'lun' in entry.event && entry.event.lun === lun)

judged('everyone-was-probed', {
  'everyone was': [bothLinksFail, 'pass'],
  'the lab did not collect': [without(bothLinksFail, 'phase', after(4000)), 'inconclusive'],
  'one node was not probed': [without(bothLinksFail, 'probe', ({ at }) => at === 4700), 'inconclusive'],
  'one node was probed before only': [
    bothLinksFail.map((entry) => (entry.at === 4700 ? { ...entry, at: 4050 } : entry)).toSorted((a, b) => a.at - b.at),
    'inconclusive',
  ],
  'the stack of who answers was not asked': [without(bothLinksFail, 'stack', ({ at }) => at === 4610), 'inconclusive'],
  'the stack of who does not answer was not asked': [without(bothLinksFail, 'stack', ({ at }) => at === 4600), 'pass'],
  'a LUN was not read': [noLooks(bothLinksFail, 4100, 'coord2'), 'inconclusive'],
  'a LUN was read by the loser': [
    plus(noLooks(bothLinksFail, 4100, 'coord2'), look('nodea', 4350, 'coord2', 'keys', keysText(5, ['0xb']))),
    'inconclusive',
  ],
  'a LUN was read without success': [
    plus(noLooks(bothLinksFail, 4100, 'coord2'), failedLook('observer', 4350, 'coord2')),
    'inconclusive',
  ],
  'a read of before was written down late': [
    plus(
      noLooks(bothLinksFail, 4100, 'coord2'),
      look('observer', 4350, 'coord2', 'keys', keysText(5, ['0xb']), { began: 303, ended: 303.1 }),
    ),
    'inconclusive',
  ],
  'the LUNs of an array that the row switched off were read without success': [coordinatorsLost, 'pass'],
  'a LUN of another array was read without success': [
    changed(coordinatorsLost, 'keys', (event, { at }) =>
      at > 4000 && event.lun === 'coord1' ? { ...event, exit: 6, stdout: '' } : event,
    ),
    'inconclusive',
  ],
  'the observer, which looked before the fault, is silent, and another one looks': [
    without(bothLinksFail, 'keys', ({ host, at }) => host === 'observer' && at > 1300),
    'inconclusive',
  ],
  'the observer got no answer any more': [
    changed(bothLinksFail, 'keys', (event, { host, at }) =>
      host === 'observer' && at > 1300 ? { ...event, exit: 50, stdout: '', stderr: 'No such device' } : event,
    ),
    'inconclusive',
  ],
  'an observer that never looked at one LUN is not missed there': [
    without(
      bothLinksFail,
      'keys',
      ({ host, event }) => host === 'observer' && 'lun' in event && event.lun === 'coord2',
    ),
    'pass',
  ],
  "the array's own view was followed": [plus(bothLinksFail, arrayView(500)), 'pass'],
  "the array's own view came to its end": [plus(bothLinksFail, arrayView(500), viewEnded(2000)), 'inconclusive'],
  "the array's own view came to its end, and was taken up again": [
    plus(bothLinksFail, arrayView(500), viewEnded(2000), arrayView(2500)),
    'pass',
  ],
  'a LUN that is reserved in the SCSI-2 way answers with a conflict': [reserved, 'pass'],
})

describe('in every row', () => {
  it.each(Object.entries(everyRow))('%s is no pass where nothing was looked at in the end', (_, row) => {
    const from = row.findIndex(({ event }) => event.type === 'phase' && event.name === 'collect')
    const to = row.findIndex(({ event }) => event.type === 'phase' && event.name === 'restore')
    expect(judge(recorded(row.filter((__, index) => index <= from || index >= to))).verdict).not.toBe('pass')
    const kinds = ['probe', 'keys'] as const
    for (const kind of kinds) {
      const less = row.filter(({ event }, index) => index <= from || index >= to || event.type !== kind)
      expect(judge(recorded(less)).verdict, kind).not.toBe('pass')
    }
  })
})
