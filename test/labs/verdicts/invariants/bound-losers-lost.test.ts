import { expect, it } from 'vitest'
import { judge } from '../../../../labs/verdicts/judge.ts'
import { judged } from '../bearing.ts'
import { everyRow } from '../every-row.ts'
import { boots, plus, probe, recorded, without, write, type Entry } from '../history.ts'
import { bothRebooted, rebootedOnce, restored, survivorDied } from '../restart-rows.ts'
import { bothLinksFail } from '../rows.ts'

const rows = { restored, rebootedOnce, bothRebooted, survivorDied }
const noPanic = (row: readonly Entry[]) => without(without(row, 'panic-event'), 'console')

for (const [name, row] of Object.entries(rows)) {
  judged(
    'bound-losers-lost',
    {
      'it had panicked when the roles were bound': [row, 'pass'],
      'it did not panic': [noPanic(row), 'inconclusive'],
      'one witness did not see it': [without(row, 'panic-event'), 'inconclusive'],
      'it panicked only afterwards': [
        row
          .map((entry) =>
            entry.at < 4000 && (entry.event.type === 'panic-event' || entry.event.type === 'console')
              ? { ...entry, at: entry.at + 720 }
              : entry,
          )
          .toSorted((a, b) => a.at - b.at),
        'inconclusive',
      ],
      'it answered after that': [plus(row, probe(4050, 'nodea', boots.nodea)), 'inconclusive'],
      'it wrote after that': [plus(row, write('nodea', 3900, 6)), 'inconclusive'],
      'the roles were not bound': [without(row, 'roles'), 'inconclusive'],
    },
    name,
  )
}

it('says nothing of a row that binds nobody', () => {
  const reasons = judge(recorded(bothLinksFail)).reasons.map(({ rule }) => rule)
  expect(reasons).not.toContain('bound-losers-lost')
})

it('no row that binds a loser passes where it did not lose', () => {
  const binding = Object.entries(everyRow).filter(([, row]) => row.some(({ event }) => event.type === 'roles'))
  expect(binding.map(([name]) => name)).toEqual([
    'private-networks-restored',
    'ejected-node-rebooted',
    'both-rebooted-networks-down',
    'survivor-dies-then-clear',
  ])
  for (const [name, row] of binding) expect(judge(recorded(noPanic(row))).verdict, name).not.toBe('pass')
})
