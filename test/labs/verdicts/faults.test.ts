/** Whether a fault took, lasted and is gone is judged by the raw answers, not by what the engine made of them. */
import { describe, expect, it } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import {
  changed,
  clocks,
  fault,
  lab,
  member,
  message,
  on,
  outlet,
  plus,
  process,
  recorded,
  without,
  write,
  type Entry,
} from './history.ts'
import { everyRow } from './every-row.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from './rows.ts'

/** What keeps a recording from deciding anything. */
const unmet = (entries: readonly Entry[]) => {
  const { verdict, reasons } = judge(recorded(entries))
  return [verdict, ...reasons.filter(({ rule }) => rule === 'precondition').map(({ text }) => text)]
}
const command = (entry: Entry, host: string, word: string) =>
  entry.event.type === 'command' && entry.host === host && entry.event.argv.some((one) => one.includes(word))
const answering = (
  row: readonly Entry[],
  word: string,
  stdout: string,
  which: (entry: Entry) => boolean = () => true,
) =>
  changed(row, 'command', (event, entry) =>
    event.argv.some((one) => one.includes(word)) && which(entry) ? { ...event, stdout } : event,
  )
const early = ({ at }: Entry) => at < 2000
const row = (name: string) => everyRow[name] ?? []
const onLink = 'the fault cut-1 (private-link-down, node nodea, link priv1)'
const freeze = 'the fault freeze (vm-freeze, node nodea)'

describe('it took', () => {
  it.each<[string, readonly Entry[], string]>([
    [
      'the kernel says that the link is up',
      answering(oneLinkFails, '/flags', '0x1003\n', early),
      `${onLink} is said to have taken, and the answer was: the kernel of nodea says flags 0x1003 of eth1: up`,
    ],
    [
      'no answer is recorded',
      oneLinkFails.filter((entry) => !(command(entry, 'nodea', '/flags') && early(entry))),
      `${onLink} is said to have taken, and nothing bears it out: is priv1 of nodea down was not answered`,
    ],
    [
      'the machine runs',
      changed(nodeHangs, 'process', (event, { at }) => (at < 1140 ? { ...event, state: 'S' } : event)),
      `${freeze} is said to have taken, and the answer was: process 7 of nodea is in state S`,
    ],
    [
      'the power unit says that the outlets are on',
      changed(row('private-networks-restored'), 'outlet', (event, { at }) =>
        at < 1140 ? { ...event, state: 'on' } : event,
      ),
      'the fault network-1-off (private-network-off, link priv1) is said to have taken, and the answer was: pdu/31 says that it is on',
    ],
    [
      'a testbed that cannot be read',
      changed(oneLinkFails, 'run.started', (event) => ({ ...event, testbed: { ...event.testbed, text: 'nodes: [' } })),
      `${onLink} cannot be judged by its answers: the testbed's text in the recording cannot be read`,
    ],
  ])('not where %s', (_, entries, why) => {
    const green = "whether the lab was green cannot be judged: the testbed's text cannot be read"
    expect(unmet(entries).filter((text) => text !== green)).toEqual(['inconclusive', why, ...others(entries)])
  })

  // the second network is as the first
  const others = (entries: readonly Entry[]) =>
    entries.some(({ event }) => event.type === 'fault' && event.id === 'network-2-off')
      ? [
          'the fault network-2-off (private-network-off, link priv2) is said to have taken, and the answer was: pdu/32 says that it is on',
        ]
      : []
})

describe('it is gone', () => {
  it('not where the kernel says that the link is down still', () => {
    expect(unmet(answering(oneLinkFails, '/flags', '0x1002\n', ({ at }) => at > 2500))).toEqual([
      'inconclusive',
      `${onLink} is said to have gone again, and the answer was: the kernel of nodea says flags 0x1002 of eth1: down`,
    ])
  })
})

/** An answer of a node to a command that was begun and ended in the meantime. */
const answer = (at: number): Entry => ({
  at,
  host: 'nodea',
  event: {
    type: 'command',
    purpose: 'is nodea there',
    argv: ['cat', '/proc/sys/kernel/random/boot_id'],
    exit: 0,
    expected: [0],
    stdout: 'boot-a-1\n',
    stderr: '',
    milliseconds: 20,
  },
})
const renewal = (at: number, id: string, exit: 0 | 1): Entry => ({
  at,
  host: 'nodea',
  event: {
    type: 'command',
    purpose: 'renew the dead-man timer',
    argv: ['sh', '-c', 'renew', 'fault', '30', `run-1-${id}`, 'eth1'],
    exit,
    expected: [0, 1],
    stdout: '',
    stderr: '',
    milliseconds: 20,
  },
})

describe('a frozen machine does nothing', () => {
  it.each<[string, readonly Entry[], string]>([
    ['its clock', clocks(2000, ['nodea']), 'nodea told the time'],
    ['an answer', [answer(2000)], 'nodea answered (is nodea there)'],
    ['a write', [write('nodea', 2000, 3)], 'nodea wrote record 3'],
    ['its log', [message('nodea', 2000, 'peer-lost', 'nodeb is silent')], 'nodea wrote to its log: nodeb is silent'],
    ['its status', [member('nodea', 2000)], 'nodea told what its stack does'],
    [
      'its console',
      [{ at: 3500, host: 'nodea', event: { type: 'console', text: 'hello' } }],
      'nodea wrote to its console: hello',
    ],
    ['its process', [process(2000, 'nodea', 'R')], 'process 7 of nodea is in state R'],
    ['a peer that hears it', [member('nodeb', 3500)], 'nodeb heard nodea on priv1'],
    [
      'the second look',
      [fault(3990, 'freeze', { node: 'nodea' }, 'held', false)],
      'it was not there when it was looked at again',
    ],
  ])('%s moved: it did not last, and nobody blames the cluster', (_, more, why) => {
    expect(unmet(plus(nodeHangs, ...more))).toEqual(['inconclusive', `${freeze} did not last: ${why}`])
  })

  it.each<[string, readonly Entry[]]>([
    [
      'what it had said before, and what came late',
      [on('nodea', 1000, { type: 'stack.log', text: 'x' })].map((one) => ({ ...one, at: 1500 })),
    ],
    ['a console line that was on its way', [{ at: 1500, host: 'nodea', event: { type: 'console', text: 'x' } }]],
    ['a peer that still counts it as heard', [member('nodeb', 1500)]],
    ['the process of another machine', [lab(2000, { type: 'process', node: 'nodea', pid: 8, state: 'S' })]],
  ])('%s is no sign of life', (_, more) => expect(unmet(plus(nodeHangs, ...more))).toEqual(['pass']))

  it('a real split brain after a freeze that lasted stays a failure', () => {
    const alive = nodeHangs.filter(({ event, at }) => !(at >= 4300 && ['panic-event', 'console'].includes(event.type)))
    const late = alive.filter(({ at, event }) => !(event.type === 'probe' && event.node === 'nodea' && at > 5000))
    const split = plus(late, member('nodea', 5020, { active: true }), {
      at: 5100,
      event: { type: 'probe', node: 'nodea', reachable: true, boot: 'boot-a-1', text: '' },
    })
    expect(unmet(split)).toEqual(['fail'])
  })
})

describe('on a link that is cut nobody is heard', () => {
  it.each<[string, readonly Entry[], string]>([
    ['a status', [member('nodeb', 2990)], 'nodeb heard nodea on priv1'],
    [
      'a message',
      [
        message('nodeb', 2000, 'link-up', 'private link priv1 to node nodea is used again', {
          link: 'priv1',
          node: 'nodea',
        }),
      ],
      'nodeb said: private link priv1 to node nodea is used again',
    ],
    [
      'the timer that is not there any more',
      [renewal(2000, 'cut-1', 1)],
      'its dead-man timer on nodea was not there any more',
    ],
  ])('%s says the contrary', (_, more, why) => {
    const [, first = ''] = unmet(plus(bothLinksFail, ...more))
    expect(first).toBe(`${onLink} did not last: ${why}`)
  })

  it.each<[string, readonly Entry[]]>([
    ['a status of when it had just been cut', [member('nodeb', 1400)]],
    [
      'a message about another node',
      [message('nodeb', 2000, 'link-up', 'priv1 to noded', { link: 'priv1', node: 'noded' })],
    ],
    ['the timer of another fault', [renewal(2000, 'another', 1)]],
    ['a timer that was renewed', [renewal(2000, 'cut-1', 0)]],
  ])('%s does not', (_, more) => expect(unmet(plus(bothLinksFail, ...more))).toEqual(['pass']))
})

it('an outlet that says on in between: there was power meanwhile', () => {
  const entries = plus(row('power-loss-networks-stay-down'), outlet(1500, 'nodea', 'on'))
  expect(unmet(entries)).toEqual([
    'inconclusive',
    'the fault a-off (node-power-off, node nodea) did not last: pdu/1 says that it is on',
  ])
  expect(unmet(plus(row('power-loss-networks-stay-down'), outlet(1500, 'nodea', 'unknown')))).toEqual(['pass'])
})

describe('that it lasted is shown', () => {
  const silent = without(
    nodeHangs.filter(({ event, at }) => !(event.type === 'process' && at === 3900)),
    'stack',
    ({ host, at }) => host === 'nodeb' && at > 1140 && at < 4000,
  )
  const second = changed(nodeHangs, 'run.started', (event) => ({ ...event, revision: 2 }))
  const held = (ok?: boolean) => fault(3950, 'freeze', { node: 'nodea' }, 'held', ok)

  it('not where nobody saw it again', () => {
    expect(unmet(silent)).toEqual([
      'inconclusive',
      `${freeze} was not seen again after it was verified: nothing shows that it lasted`,
    ])
  })

  it('since revision 2 by a second look, borne out by what was answered', () => {
    expect(unmet(second)).toEqual(['inconclusive', `${freeze} was not looked at again before its end`])
    expect(unmet(plus(second, held(true)))).toEqual(['pass'])
    expect(unmet(plus(second, held()))).toEqual(['pass'])
    const unborne = second.filter(({ event, at }) => !(event.type === 'process' && at === 3900))
    expect(unmet(plus(unborne, held(true)))).toEqual([
      'inconclusive',
      `${freeze} is said to have been there still, and nothing that was answered bears it out`,
    ])
  })
})
