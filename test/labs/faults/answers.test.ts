/** How the answer of every question is read that a fault asks: what says yes, what says no, and what says nothing. */
import { describe, expect, test } from 'vitest'
import { answers, found, four, plan, rack, targets, virtual } from './plans.ts'
import type { FaultPlan } from '../../../labs/faults/fault.ts'
import type { Event, Line } from '../../../labs/journal/event.ts'

type Answer = readonly [exit: number | null, stdout: string]
/** [of `verify`, of `gone`]: a question is one for both, and what says nothing is neither. */
const both = ({ verify, gone }: FaultPlan, index: number, [exit, stdout]: Answer, stderr = '') => [
  answers(verify, index, exit, stdout, stderr)?.ok,
  answers(gone, index, exit, stdout, stderr)?.ok,
]
const taken = [true, false]
const isGone = [false, true]
const nothing = [false, false]
const of = (name: string) => plan(name, targets[name] ?? {}, found)

describe('the carrier of an interface', () => {
  const cases: readonly (readonly [string, Answer, readonly boolean[]])[] = [
    ['no carrier', [0, '0\n'], taken],
    ['a carrier', [0, '1\n'], isGone],
    ['an interface that is down (EINVAL)', [1, ''], nothing],
    ['nothing', [0, ''], nothing],
    ['something else', [0, '2\n'], nothing],
    ['no end', [null, ''], nothing],
    ['an error that printed something', [1, '0\n'], nothing],
  ]
  test.each(cases)('cable-pulled: %s', (_, answer, expected) =>
    expect(both(of('cable-pulled'), 0, answer)).toEqual(expected),
  )
  test.each(cases)('private-network-off, as each node sees it: %s', (_, answer, expected) => {
    expect([both(of('private-network-off'), 1, answer), both(of('private-network-off'), 2, answer)]).toEqual([
      expected,
      expected,
    ])
  })
})

describe('what is sent is dropped', () => {
  const netem = 'qdisc netem 8001: root refcnt 2 limit 1000 loss 100%\n'
  test.each([
    ['the rule', netem, taken],
    ['the rule among others', `qdisc noqueue 0: root refcnt 2\n${netem}`, taken],
    ['no rule', 'qdisc pfifo_fast 0: root refcnt 2 bands 3 priomap 1 2 2 2\n', isGone],
    ['a rule that drops some', 'qdisc netem 8001: root refcnt 2 limit 1000 loss 10%\n', isGone],
    ['a rule that delays', 'qdisc netem 8001: root refcnt 2 limit 1000 delay 100ms\n', isGone],
  ])('private-link-mute: %s', (_, stdout, expected) =>
    expect(both(of('private-link-mute'), 0, [0, stdout])).toEqual(expected),
  )
})

describe('routes that swallow', () => {
  const routes = 'blackhole 10.77.1.12\nblackhole 10.77.2.12\n'
  test.each([
    ['to all of the other side', routes, taken],
    ['with more words', 'blackhole 10.77.1.12 proto static\nblackhole 10.77.2.12 proto static\n', taken],
    ['and to somebody else', `blackhole 10.9.9.9\n${routes}`, taken],
    ['on one link only', 'blackhole 10.77.1.12\n', nothing],
    ['to none', '', isGone],
    ['to an address that only begins like it', 'blackhole 10.77.1.121\nblackhole 10.77.2.123\n', isGone],
  ])('partition: %s', (_, stdout, expected) => expect(both(of('partition'), 0, [0, stdout])).toEqual(expected))
})

describe('a port that is closed', () => {
  const chain = (name: string, hook: string, ...rules: readonly string[]) =>
    `\tchain ${name} {\n\t\ttype filter hook ${hook} priority raw; policy accept;\n${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}\n`
  const table = (...chains: readonly string[]) =>
    `table inet fencelab_port_10_77_0_12\ntable inet fencelab_port_10_77_0_12 {\n${chains.join('\n')}}\n`
  const drops = 'ip saddr 10.77.0.12 counter packets 7 bytes 420 drop'
  const [from, to] = [
    chain('taken', 'prerouting', drops),
    chain('sent', 'output', 'ip daddr 10.77.0.12 counter packets 2 bytes 120 drop'),
  ]
  test.each<readonly [string, Answer, readonly boolean[]]>([
    ['both rules', [0, table(from, to)], taken],
    ['the table of another node', [0, 'table inet fencelab_port_10_77_0_11\n'], isGone],
    ['of an address that only begins like it', [0, 'table inet fencelab_port_10_77_0_123\n'], isGone],
    ['none', [0, ''], isGone],
    ['only what goes there', [0, table(chain('taken', 'prerouting'), to)], nothing],
    ['only what comes from there', [0, table(from, chain('sent', 'output'))], nothing],
    [
      'a rule that counts and drops nothing',
      [0, table(chain('taken', 'prerouting', drops.replace(' drop', '')), to)],
      nothing,
    ],
    ['a table without chains', [0, table()], nothing],
    ['no nftables', [2, ''], nothing],
    ['no end', [null, ''], nothing],
  ])('storage-port-closed: %s', (_, answer, expected) => {
    expect([0, 1].map((index) => both(of('storage-port-closed'), index, answer))).toEqual([expected, expected])
  })

  test('how much was dropped is told', () => {
    expect(answers(of('storage-port-closed').verify, 0, 0, table(from, to))?.evidence).toBe(
      'array1 takes nothing from 10.77.0.12, and sends nothing there (dropped so far: 7 packets from there, 2 to there)',
    )
  })
})

describe('an answer over a link, which bears out what the kernel says', () => {
  test.each([
    ['private-link-mute', 1],
    ['partition', 2],
    ['partition', 3],
    ['storage-port-closed', 2],
    ['storage-port-closed', 3],
  ])('%s, question %i', (name, index) => {
    expect([both(of(name), index, [0, '']), both(of(name), index, [1, ''])]).toEqual([isGone, taken])
  })

  test('a starved node still answers: its kernel does', () => {
    const { verify } = of('node-starved')
    expect([answers(verify, 0, 0)?.ok, answers(verify, 0, 1)?.ok, answers(verify, 0, null)?.ok]).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('the keys of a coordination point', () => {
  const open = 'open /dev/sdb with flags=0x800\n'
  const traced = `${open}    Persistent reservation in: response:\n00 00 00 09 00 00 00 00\n`
  const [a, b] = ['0x412d2d2d2d2d2d2d', '0x422d2d2d2d2d2d2d']
  const text = (...keys: readonly string[]) =>
    keys.length === 0
      ? '  PR generation=0x9, there are NO registered reservation keys\n'
      : `  PR generation=0x9, ${keys.length} registered reservation key${keys.length === 1 ? ' follows' : 's follow'}:\n${keys.map((key) => `    ${key}\n`).join('')}`
  test.each([
    ['none', text(), taken],
    ['all of them', text(a, b), isGone],
    ['each by two paths', text(a, b, a, b), isGone],
    ['one of them', text(a), nothing],
    ['nothing', '', nothing],
    ['half a word', '  PR generation=0x9, there are NO regi', nothing],
    [
      'fewer than it says',
      '  PR generation=0x9, 2 registered reservation keys follow:\n    0x412d2d2d2d2d2d2d\n',
      nothing,
    ],
  ])('%s', (_, stdout, expected) => expect(both(of('keys-cleared'), 0, [0, stdout], traced)).toEqual(expected))

  test('none, where no byte of an answer arrived', () => {
    const resid = '    Persistent reservation in: pass-through requested 8192 bytes (data-in), got  got 0 bytes\n'
    for (const stderr of ['', resid]) expect(both(of('keys-cleared'), 0, [0, text()], stderr)).toEqual(nothing)
  })

  test('after a unit attention only what was answered then counts', () => {
    const attention = `${open}Fixed format, current; Sense key: Unit Attention\n`
    expect(both(of('keys-cleared'), 0, [0, text()], attention + traced)).toEqual(taken)
    expect(both(of('keys-cleared'), 0, [0, text()], traced + attention)).toEqual(nothing)
  })
})

const lines = (...events: readonly (Event & { readonly host?: string })[]): Line[] =>
  events.map((event, index) => ({ seq: index + 1, at: index, prev: '', ...event }))
const seen = (name: string, part: 'verify' | 'gone', ...events: readonly (Event & { readonly host?: string })[]) => {
  const check = of(name)[part].find(({ kind }) => kind === 'seen')
  return check?.kind === 'seen' ? check.read(lines(...events)) : undefined
}

describe('a crash that was seen', () => {
  const event = { type: 'panic-event', source: 'QMP', host: 'nodeb' } as const
  const line = (text: string, host = 'nodeb') => ({ type: 'console', text, host }) as const
  const panic = line('[   12.3] Kernel panic - not syncing: sysrq triggered crash')
  test.each([
    ['by both witnesses', [event, panic], true, 'panic-event and console of nodeb saw its panic'],
    ['by the hypervisor only', [event], false, 'console of nodeb saw no panic'],
    ['by the console only', [panic], false, 'panic-event of nodeb saw no panic'],
    ['by nobody', [], false, 'panic-event and console of nodeb saw no panic'],
    [
      'on another node',
      [
        { ...event, host: 'nodea' },
        { ...panic, host: 'nodea' },
      ],
      false,
      'panic-event and console of nodeb saw no panic',
    ],
    [
      'in a line that quotes one',
      [event, line('journald: Kernel panic - not syncing: old')],
      false,
      'console of nodeb saw no panic',
    ],
  ] as const)('%s', (_, events, ok, evidence) => {
    expect(seen('node-crash', 'verify', ...events)).toEqual({ ok, evidence })
  })
})

describe('how long a starved node waited', () => {
  const told = (hundredths: number | string, host = 'nodeb') =>
    ({
      type: 'console',
      host,
      text: `[ 61.2] fencelab: an ordinary process waited ${hundredths} hundredths of a second`,
    }) as const
  test.each([
    ['all the time', [told(3010)], true, 'an ordinary process of nodeb waited 30.1 s at a stretch, of 30 s'],
    ['four fifths of it', [told(2400)], true, 'an ordinary process of nodeb waited 24 s at a stretch, of 30 s'],
    ['less', [told(2399)], false, 'an ordinary process of nodeb waited 23.99 s at a stretch, of 30 s'],
    [
      'the last word counts',
      [told(3010), told(100)],
      false,
      'an ordinary process of nodeb waited 1 s at a stretch, of 30 s',
    ],
    ['another node', [told(3010, 'nodea')], false, 'the console of nodeb does not tell that it is over'],
    ['no number', [told('x')], false, 'the console of nodeb does not tell that it is over'],
    ['nothing', [], false, 'the console of nodeb does not tell that it is over'],
  ] as const)('%s', (_, events, ok, evidence) => {
    expect(seen('node-starved', 'gone', ...events)).toEqual({ ok, evidence })
  })
})

describe('what a testbed cannot do is said', () => {
  test.each([
    ['cable-pulled', { node: 'observer', link: 'priv1' }, /node observer has no private link priv1/],
    ['cable-pulled', { node: 'nodea', link: 'priv9' }, /node nodea has no private link priv9/],
    ['private-link-mute', { node: 'nodea', link: 'priv9' }, /node nodea has no private link priv9/],
    ['private-network-off', { link: 'priv9' }, /no private link priv9/],
    ['partition', { side: 'nodea nodez' }, /the testbed has no node nodez/],
    ['partition', { side: 'nodea nodeb' }, /a node on either side/],
    ['partition', { side: '' }, /a node on either side/],
    ['node-crash', { node: 'observer' }, /the testbed has no node observer/],
    ['node-starved', { node: 'nodez' }, /the testbed has no node nodez/],
    ['node-power-off', { node: 'observer' }, /the testbed has no node observer/],
    ['array-power-off', { array: 'nodea' }, /the testbed has no array nodea/],
    ['keys-cleared', { lun: 'coord9' }, /the testbed has no LUN coord9/],
    ['keys-cleared', { lun: 'data1' }, /data1 is no coordination point/],
    ['storage-port-closed', { node: 'observer' }, /the testbed has no node observer/],
  ] as const)('%s at %j', (name, target, message) => {
    expect(() => plan(name, target, found)).toThrow(message)
  })

  test('a port is closed to an address', () => {
    const { nodea } = virtual.hosts
    if (!nodea) throw new Error('the example has no nodea')
    const named = { ...virtual, hosts: { ...virtual.hosts, nodea: { ...nodea, address: 'nodea.storage' } } }
    expect(() => plan('storage-port-closed', { node: 'nodea' }, found, named)).toThrow(
      'has a name for nodea: nodea.storage',
    )
  })
  test('a monitor can only be spoken to from here', () => {
    expect(() => plan('cable-pulled', { node: 'nodea', link: 'priv1' })).toThrow(
      /QEMU monitor of nodea can only be spoken to where fencelab itself runs/,
    )
  })
  test('the cables of a machine of metal are pulled by hand', () => {
    expect(() => plan('cable-pulled', { node: 'server1', link: 'priv1' }, found, rack)).toThrow(
      /can only be pulled by hand/,
    )
  })
  test('a node without a power outlet', () => {
    const { nodea } = virtual.hosts
    if (!nodea?.node) throw new Error('the example has no node nodea')
    const testbed = {
      ...virtual,
      hosts: { ...virtual.hosts, nodea: { ...nodea, node: { ...nodea.node, outlets: [] } } },
    }
    expect(() => plan('node-power-off', { node: 'nodea' }, found, testbed)).toThrow(/node nodea has no power outlet/)
  })
})

test('a partition of four nodes: each swallows what goes to each of the other side, on each link', () => {
  const { timers } = plan('partition', { side: 'nodec noded' }, {}, four)
  expect(timers.map(({ host, words }) => [host, words.length - 2])).toEqual([
    ['nodea', 4],
    ['nodeb', 4],
    ['nodec', 4],
    ['noded', 4],
  ])
  expect(plan('partition', { side: 'noded' }, {}, four).timers.map(({ words }) => words.length - 2)).toEqual([
    2, 2, 2, 6,
  ])
})
