/** Whether the lab was all green is judged by what was seen, not by what the engine made of it. */
import { expect, it } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import { changed, keys, keysText, recorded, reservationText, without, type Entry } from './history.ts'
import { oneLinkFails as row } from './rows.ts'

const unmet = (entries: readonly Entry[]) => {
  const { verdict, reasons } = judge(recorded(entries))
  return [verdict, ...reasons.filter(({ rule }) => rule === 'precondition').map(({ text }) => text)]
}
const before = ({ at }: Entry) => at < 900
const seen = (lun: string, action: string, stdout: string) =>
  changed(row, 'keys', (event, entry) =>
    before(entry) && entry.host === 'nodeb' && event.lun === lun && event.action === action
      ? { ...event, stdout }
      : event,
  )

it.each<[string, readonly Entry[], string]>([
  [
    'a stack is no member',
    changed(row, 'stack', (event, entry) =>
      before(entry) && entry.host === 'nodeb' ? { ...event, state: 'joining', text: 'joining' } : event,
    ),
    'nodeb is a member with all others, and hears them on every private link (it says: joining)',
  ],
  [
    'a stack was not asked',
    without(row, 'stack', (entry) => before(entry) && entry.host === 'nodeb'),
    'nodeb is a member: its stack was not asked',
  ],
  [
    'the group ran nowhere',
    changed(row, 'stack', (event, entry) => (before(entry) ? { ...event, active: false } : event)),
    'the failover group runs on exactly one node',
  ],
  [
    'a write was refused',
    changed(row, 'ledger.write', (event) => (event.number === 2 ? { ...event, result: 'refused' } : event)),
    'the ledger is being written, and every write is acknowledged',
  ],
  [
    'a key was missing on a point',
    seen('coord2', 'keys', keysText(4, [keys.nodea])),
    "nodeb sees exactly the nodes' keys on coord2 (it sees 0xa)",
  ],
  [
    'the data disk was not reserved',
    seen('data1', 'reservation', reservationText(4, null)),
    "nodeb sees exactly the nodes' keys on data1, and a reservation (it sees none of type 5)",
  ],
  ['a boot was not seen', without(row, 'boot', ({ host }) => host === 'nodea'), 'nodea runs, and in which boot'],
])('where %s, a baseline that is called green is not', (_, entries, what) => {
  const told = unmet(entries)
  expect(told[0]).toBe('inconclusive')
  expect(told).toContain(`the baseline is called green, and it was not seen that ${what}`)
})

it('where all of it was seen, it is', () => expect(unmet(row)).toEqual(['pass']))
