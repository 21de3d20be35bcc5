import { describe, expect, it } from 'vitest'
import { judge } from '../../../../labs/verdicts/judge.ts'
import { judged } from '../bearing.ts'
import { everyRow } from '../every-row.ts'
import {
  changed,
  clockOf,
  lacking,
  member,
  message,
  plus,
  recorded,
  says,
  without,
  write,
  type Entry,
} from '../history.ts'
import { coordinatorsLost, coordinatorsLostThenLeft, keysCleared } from '../point-rows.ts'
import { bothLinksFail, oneLinkFails } from '../rows.ts'
import { attackedType3 } from '../takeover-rows.ts'

const inactive = (row: readonly Entry[]) =>
  changed(row, 'stack', (event) => (event.answered ? { ...event, active: false } : event))
const ofNode = (node: string, from: number) => (entry: Entry) => entry.host === node && entry.at > from
const become = (row: readonly Entry[], node: string, from: number, result: 'refused' | 'failed', errno: number) =>
  changed(row, 'ledger.write', (event, entry) => (ofNode(node, from)(entry) ? { ...event, result, errno } : event))
const hostTime = (row: readonly Entry[], which: (entry: Entry) => boolean, hostAt: number) =>
  row.map((entry) => (which(entry) ? { ...entry, hostAt } : entry))
const isEnd = ({ event, host, at }: Entry) => event.type === 'stack' && host === 'nodeb' && at === 4610
const noClock = (row: readonly Entry[], host: string) => without(row, 'clock', (entry) => entry.host === host)

judged('group-runs-once-and-writes', {
  'the survivor runs it, and writes': [bothLinksFail, 'pass'],
  'the old owner runs it, and writes': [oneLinkFails, 'pass'],
  'every write of the survivor fails': [become(bothLinksFail, 'nodeb', 3000, 'failed', 5), 'fail'],
  'every write of the survivor is refused': [become(bothLinksFail, 'nodeb', 3000, 'refused', 52), 'fail'],
  'one write of the survivor fails': [plus(bothLinksFail, write('nodeb', 3800, 2, 2, 'failed')), 'fail'],
  'every write of who had it all the time fails since the fault': [
    become(coordinatorsLost, 'nodea', 1100, 'failed', 5),
    'fail',
  ],
  'the survivor wrote nothing': [without(bothLinksFail, 'ledger.write', ofNode('nodeb', 3000)), 'inconclusive'],
  'its last write is too old': [
    without(coordinatorsLostThenLeft, 'ledger.write', ofNode('nodea', 2900)),
    'inconclusive',
  ],
  'when it wrote is not known': [noClock(bothLinksFail, 'nodeb'), 'inconclusive'],
  'its stack says that the group does not run there, and yet it wrote': [inactive(bothLinksFail), 'inconclusive'],
  'the group runs nowhere, and nobody wrote': [
    inactive(without(bothLinksFail, 'ledger.write', ofNode('nodeb', 3000))),
    'fail',
  ],
  'the group runs on both': [changed(oneLinkFails, 'stack', (event) => ({ ...event, active: true })), 'fail'],
  'its stack was not asked in the end': [without(bothLinksFail, 'stack', isEnd), 'inconclusive'],
  'its stack did not answer in the end': [
    bothLinksFail.map((entry) =>
      isEnd(entry) ? { ...entry, event: { type: 'stack', answered: false, text: 'no answer' } as const } : entry,
    ),
    'inconclusive',
  ],
  'its stack does not say whether the group runs there': [
    bothLinksFail.map((entry) => (isEnd(entry) ? { ...entry, event: lacking(entry.event, 'active') } : entry)),
    'inconclusive',
  ],
  'what its stack says is from before the fault': [
    hostTime(bothLinksFail, isEnd, clockOf('nodeb', 500)),
    'inconclusive',
  ],
  'its log tells later that the group was stopped': [
    plus(bothLinksFail, message('nodeb', 4800, 'group-stopped', 'stopped')),
    'inconclusive',
  ],
  'its log tells earlier that the group was stopped, and is written down later': [
    plus(bothLinksFail, {
      ...message('nodeb', 4800, 'group-stopped', 'stopped'),
      hostAt: clockOf('nodeb', 3000),
    }),
    'pass',
  ],
  'an older status is written down later': [
    plus(bothLinksFail, {
      ...member('nodeb', 4900, { members: ['nodea', 'nodeb'], active: false }),
      hostAt: clockOf('nodeb', 2000),
    }),
    'pass',
  ],
  'a younger status is written down later': [
    plus(bothLinksFail, member('nodeb', 4900, { members: ['nodeb'], active: false })),
    'inconclusive',
  ],
  'nobody goes on': [keysCleared, 'pass'],
  'nobody goes on, as far as is known': [without(keysCleared, 'panic-event'), 'inconclusive'],
  'who was kept out runs the group beside the survivor': [
    changed(attackedType3, 'stack', (event, { host }) => (host === 'nodea' ? { ...event, active: true } : event)),
    'fail',
  ],
  'only who has left runs the group': [
    plus(
      changed(coordinatorsLostThenLeft, 'stack', (event, { at }) => (at > 5000 ? { ...event, active: false } : event)),
      {
        ...says('nodeb', 5340, 'left'),
        event: { ...says('nodeb', 5340, 'left').event, active: true } as Entry['event'],
      },
    ),
    'fail',
  ],
})

describe('in every row in which somebody goes on', () => {
  const rows = Object.entries(everyRow).filter(([, row]) =>
    Object.values(judge(recorded(row)).nodes).some(({ observed }) => observed === 'running'),
  )
  const collect = (row: readonly Entry[]) =>
    row.find(({ event }) => event.type === 'phase' && event.name === 'collect')?.at ?? 0
  it.each(rows)('%s is no pass where the group is active nowhere in the end', (_, row) => {
    expect(judge(recorded(inactive(row))).verdict).not.toBe('pass')
  })
  it.each(rows)('%s is no pass without a write in the last seconds, or where they failed', (_, row) => {
    const late = ({ at }: Entry) => at > collect(row) - 2100
    expect(judge(recorded(without(row, 'ledger.write', late))).verdict).not.toBe('pass')
    const failed = changed(row, 'ledger.write', (event, entry) =>
      late(entry) ? { ...event, result: 'failed', errno: 5 } : event,
    )
    expect(judge(recorded(failed)).verdict).toBe('fail')
  })
  it.each(rows)('%s is no pass where what the stacks say in the end is from before the fault', (_, row) => {
    const injected = row.find(({ event }) => event.type === 'fault' || event.type === 'operation')?.at ?? 0
    const old = row.map((entry) =>
      entry.event.type === 'stack' && entry.at > collect(row) && entry.hostAt !== undefined
        ? { ...entry, hostAt: entry.hostAt - (entry.at - injected + 200) / 1000 }
        : entry,
    )
    expect(judge(recorded(old)).verdict).not.toBe('pass')
  })
  it('there are such rows', () => expect(rows.length).toBeGreaterThan(20))
})
