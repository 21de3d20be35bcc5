import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldClocks } from '../../../labs/journal/clock.ts'
import { isFinalStatus, lastStatus } from '../../../labs/journal/last-status.ts'
import {
  bootOf,
  changed,
  clockOf,
  clocks,
  member,
  message,
  on,
  phase,
  recorded,
  says,
  type Entry,
} from '../verdicts/history.ts'
import { bothLinksFail } from '../verdicts/rows.ts'
import { cases } from '../../cases.ts'

const hostTime = (entry: Entry, at: number): Entry => ({ ...entry, hostAt: clockOf(entry.host ?? '', at) })
const last = (...entries: readonly (Entry | readonly Entry[])[]) => {
  const lines = recorded(entries)
  const status = lastStatus(lines, 'nodea', foldClocks(lines))
  return status && (status.answered ? status.state : 'no answer')
}
const silent = (at: number): Entry => on('nodea', at, { type: 'stack', answered: false, text: 'no answer' })

describe('the last that a stack said', () => {
  it.each([
    ['nothing was said', [], undefined],
    ['another node spoke', [member('nodeb', 100)], undefined],
    ['the younger one is written down last', [member('nodea', 100), says('nodea', 200, 'left')], 'left'],
    ['the older one is written down last', [says('nodea', 100, 'left'), hostTime(member('nodea', 200), 50)], 'left'],
    // power-loss-networks-stay-down: `joining` of 16.783 s was written down after `refused` of 16.815 s
    [
      'half a second is enough',
      [says('nodea', 100, 'refused'), hostTime(says('nodea', 110, 'joining'), 68)],
      'refused',
    ],
    ['no answer comes last', [member('nodea', 100), silent(200)], 'no answer'],
    ['it answers again', [silent(100), member('nodea', 200)], 'member'],
    [
      'it was started anew, and its clock begins at 0',
      [bootOf('nodea', 5), says('nodea', 100, 'left'), bootOf('nodea#2', 6000), member('nodea#2', 6100)],
      'member',
    ],
  ] as const)('%s', (_, entries, expected) => expect(last(...entries)).toBe(expected))

  it('is the same in whatever order the lines of one boot are written down', () => {
    const said = fc.uniqueArray(fc.tuple(fc.nat(9000), fc.constantFrom('member', 'left', 'refused', 'joining')), {
      minLength: 1,
      maxLength: 8,
      selector: ([time]) => time,
    })
    fc.assert(
      fc.property(
        said.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, order]) => {
          const youngest = list.toSorted((one, other) => one[0] - other[0]).at(-1)?.[1]
          const entries = order.map(([time, state], index) => hostTime(says('nodea', 10_000 + index, state), time))
          expect(last(bootOf('nodea', 5), entries)).toBe(youngest)
        },
      ),
      { numRuns: cases(200) },
    )
  })
})

describe('a status from the end', () => {
  const end = 5000
  const isFinal = (status: Entry, ...before: readonly (Entry | readonly Entry[])[]) => {
    const lines = recorded([...before, phase(end, 'collect'), status])
    const told = lastStatus(lines, 'nodea', foldClocks(lines))
    const mark = lines.find(({ type }) => type === 'phase')
    return told !== undefined && isFinalStatus(lines, told, mark, foldClocks(lines))
  }
  const measured = clocks(20, ['nodea'])
  it.each([
    ['it is from then', member('nodea', 5200), [measured], true],
    ['it is a little older', hostTime(member('nodea', 5200), 4600), [measured], true],
    ['it is older than a status file may be', hostTime(member('nodea', 5200), 1500), [measured], false],
    [
      'it is a little older, and the log tells of more',
      hostTime(member('nodea', 5200), 4600),
      [measured, message('nodea', 4800, 'race-lost', 'lost the race')],
      false,
    ],
    [
      'it is a little older, and the log tells of a link',
      hostTime(member('nodea', 5200), 4600),
      [measured, message('nodea', 4800, 'link-lost', 'priv1 lost')],
      true,
    ],
    [
      'it is a little older, and the log told of more before',
      hostTime(member('nodea', 5200), 4600),
      [measured, message('nodea', 4500, 'joined', 'joined')],
      true,
    ],
    ['its clock was not measured', hostTime(member('nodea', 5200), 1500), [], true],
  ] as const)('%s', (_, status, before, expected) => expect(isFinal(status, ...before)).toBe(expected))
  it.each([
    ['all of the log was read', 'reached', true],
    ['the log was read no further', 'ended', false],
  ] as const)('it is a little older, and %s', (_, step, expected) => {
    const follow = (at: number, what: 'began' | 'reached' | 'ended'): Entry => ({
      at,
      host: 'nodea',
      event: { type: 'follow', what: 'stack.log', step: what, line: 30, ...(what === 'reached' && { told: 0 }) },
    })
    const lines = recorded(
      changed(
        [
          ...bothLinksFail.slice(0, 1),
          ...[...measured, follow(30, 'began'), phase(end, 'collect')],
          ...[hostTime(member('nodea', 5200), 4600), follow(5300, step)],
        ],
        'run.started',
        (event) => ({ ...event, revision: 3 }),
      ),
    )
    const told = lastStatus(lines, 'nodea', foldClocks(lines))
    const mark = lines.find(({ type }) => type === 'phase')
    expect(told && isFinalStatus(lines, told, mark, foldClocks(lines))).toBe(expected)
  })
  it('was written down then', () => {
    const lines = recorded([member('nodea', 100), phase(end, 'collect')])
    expect(isFinalStatus(lines, lines[0] as never, lines[1], foldClocks(lines))).toBe(false)
    expect(isFinalStatus(lines, lines[0] as never, undefined, foldClocks(lines))).toBe(false)
  })
})
