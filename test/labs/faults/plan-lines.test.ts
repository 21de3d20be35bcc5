/** What every fault does on the virtual lab, word by word: to which hosts, how it is proved, and how it is taken back. */
import { expect, test } from 'vitest'
import { found, plan, targets } from './plans.ts'
import { planLines } from './plan-lines.ts'

const closed = 'fencelab_port_10_77_0_12'
const closing =
  'nft "add table inet $3; delete table inet $3; add table inet $3; ' +
  'add chain inet $3 taken { type filter hook prerouting priority -300; }; add chain inet $3 sent { type filter hook output priority -300; }; ' +
  'add rule inet $3 taken $4 saddr $5 counter drop; add rule inet $3 sent $4 daddr $5 counter drop"'
const shown = ['array1', 'array2'].map(
  (array) =>
    `${array}: sh -c nft list tables || exit 2; nft list table inet "$1" 2>/dev/null; exit 0 port ${closed} [0]`,
)

const expected: Readonly<Record<string, Partial<ReturnType<typeof planLines>>>> = {
  'private-link-down': {
    apply: [['nodea: ip link set dev "$3" down [30 run-1-cut priv2]']],
    timers: ['nodea: ip link set dev "$3" up ["$@"]'],
    verify: [
      'nodea: cat /sys/class/net/priv2/flags [0]',
      '(second witness) nodeb: ping -n -c 1 -W 1 -I priv2 10.77.2.11 [0 1]',
    ],
    revert: ['nodea: ip link set dev "$3" up [30 run-1-cut priv2]'],
    gone: [
      'nodea: cat /sys/class/net/priv2/flags [0]',
      '(second witness) nodeb: ping -n -c 1 -W 1 -I priv2 10.77.2.11 [0 1]',
    ],
    renewed: ['nodea [30 run-1-cut priv2]'],
    undoText: 'private link priv2 of nodea (interface priv2) is down',
    startsAnew: [],
  },
  'cable-pulled': {
    apply: [['here: shift 2; "$@" off [30 run-1-cut node monitor /lab/nodea.cables set_link priv2]']],
    timers: ['here: shift 2; "$@" on ["$@"]'],
    verify: ['nodea: cat /sys/class/net/priv2/carrier [0 1]'],
    revert: ['here: shift 2; "$@" on [30 run-1-cut node monitor /lab/nodea.cables set_link priv2]'],
    gone: ['nodea: cat /sys/class/net/priv2/carrier [0 1]'],
    renewed: ['here [30 run-1-cut node monitor /lab/nodea.cables set_link priv2]'],
    undoText: 'the cable of private link priv2 at nodea is pulled',
    startsAnew: [],
  },
  'private-link-mute': {
    apply: [['nodea: tc qdisc add dev "$3" root netem loss 100% [30 run-1-cut priv2]']],
    timers: ['nodea: tc qdisc del dev "$3" root ["$@"]'],
    verify: [
      'nodea: tc qdisc show dev priv2 [0]',
      '(second witness) nodeb: ping -n -c 1 -W 1 -I priv2 10.77.2.11 [0 1]',
    ],
    revert: ['nodea: tc qdisc del dev "$3" root 2>/dev/null; exit 0 [30 run-1-cut priv2]'],
    gone: ['nodea: tc qdisc show dev priv2 [0]', '(second witness) nodeb: ping -n -c 1 -W 1 -I priv2 10.77.2.11 [0 1]'],
    renewed: ['nodea [30 run-1-cut priv2]'],
    undoText: 'what nodea sends on private link priv2 (interface priv2) is dropped',
    startsAnew: [],
  },
  'private-network-off': {
    apply: [['outlets pdu1/6 off']],
    timers: [],
    verify: [
      'outlets pdu1/6 off',
      '(second witness) nodea: cat /sys/class/net/priv2/carrier [0 1]',
      '(second witness) nodeb: cat /sys/class/net/priv2/carrier [0 1]',
    ],
    revert: ['outlets pdu1/6 on'],
    gone: [
      'outlets pdu1/6 on',
      '(second witness) nodea: cat /sys/class/net/priv2/carrier [0 1]',
      '(second witness) nodeb: cat /sys/class/net/priv2/carrier [0 1]',
    ],
    renewed: [],
    undoText: 'the switch of private link priv2 has no power (pdu1/6)',
    startsAnew: [],
  },
  partition: {
    apply: [
      [
        'nodea: shift 2; for address; do ip route replace blackhole "$address" || exit 1; done [30 run-1-cut 10.77.1.12 10.77.2.12]',
        'nodeb: shift 2; for address; do ip route replace blackhole "$address" || exit 1; done [30 run-1-cut 10.77.1.11 10.77.2.11]',
      ],
    ],
    timers: [
      'nodea: shift 2; for address; do ip route del blackhole "$address" 2>/dev/null; done ["$@"]',
      'nodeb: shift 2; for address; do ip route del blackhole "$address" 2>/dev/null; done ["$@"]',
    ],
    verify: [
      'nodea: ip route show type blackhole [0]',
      'nodeb: ip route show type blackhole [0]',
      '(second witness) nodea: ping -n -c 1 -W 1 10.77.1.12 [0 1 2]',
      '(second witness) nodea: ping -n -c 1 -W 1 10.77.2.12 [0 1 2]',
    ],
    revert: [
      'nodea: shift 2; for address; do ip route del blackhole "$address" 2>/dev/null; done; exit 0 [30 run-1-cut 10.77.1.12 10.77.2.12]',
      'nodeb: shift 2; for address; do ip route del blackhole "$address" 2>/dev/null; done; exit 0 [30 run-1-cut 10.77.1.11 10.77.2.11]',
    ],
    gone: [
      'nodea: ip route show type blackhole [0]',
      'nodeb: ip route show type blackhole [0]',
      '(second witness) nodea: ping -n -c 1 -W 1 10.77.1.12 [0 1 2]',
      '(second witness) nodea: ping -n -c 1 -W 1 10.77.2.12 [0 1 2]',
    ],
    renewed: ['nodea [30 run-1-cut 10.77.1.12 10.77.2.12]', 'nodeb [30 run-1-cut 10.77.1.11 10.77.2.11]'],
    undoText: 'the nodes are parted: nodea | nodeb',
    startsAnew: [],
  },
  'vm-freeze': {
    apply: [['here: kill -STOP "$3" [30 run-1-cut 4711]']],
    timers: ['here: kill -CONT "$3" ["$@"]'],
    verify: ['here: cat /proc/4711/stat [0]'],
    revert: ['here: kill -CONT "$3" || [ ! -d "/proc/$3" ] [30 run-1-cut 4711]'],
    gone: ['here: cat /proc/4711/stat [0]'],
    renewed: ['here [30 run-1-cut 4711]'],
    undoText: 'the virtual machine of nodeb (process 4711) is stopped',
    startsAnew: [],
  },
  'node-starved': {
    timers: [],
    verify: ['nodea: ping -n -c 1 -W 3 -I priv1 10.77.1.12 [0 1]', 'nodeb does not answer'],
    revert: [],
    gone: ['seen: how long did ordinary processes of nodeb wait'],
    renewed: [],
    undoText: 'nodeb is kept from working for 30 s; it ends by itself',
    startsAnew: [],
  },
  'node-crash': {
    apply: [
      [
        'nodeb: echo 1 >/proc/sys/kernel/sysrq; setsid sh -c "sleep 0.3; echo c >/proc/sysrq-trigger" </dev/null >/dev/null 2>&1 & []',
      ],
    ],
    timers: [],
    verify: ['seen: did nodeb crash'],
    revert: [],
    gone: [],
    renewed: [],
    undoText: 'node nodeb was crashed and has to be started anew',
    startsAnew: [],
  },
  'node-power-off': {
    apply: [['outlets pdu1/2 off']],
    timers: [],
    verify: ['outlets pdu1/2 off', 'nodeb does not answer'],
    revert: ['outlets pdu1/2 on'],
    gone: ['outlets pdu1/2 on', 'nodeb answers'],
    renewed: [],
    undoText: 'node nodeb has no power (pdu1/2)',
    startsAnew: ['nodeb'],
  },
  'array-power-off': {
    apply: [['outlets pdu1/4 off']],
    timers: [],
    verify: ['outlets pdu1/4 off'],
    revert: ['outlets pdu1/4 on'],
    gone: ['outlets pdu1/4 on'],
    renewed: [],
    undoText: 'array array2 has no power (pdu1/4)',
    startsAnew: [],
  },
  'keys-cleared': {
    apply: [
      [
        'nodea:  [30 run-1-cut naa.6001405fe1ab0000000000000000c002 0x412d2d2d2d2d2d2d]',
        'nodeb:  [30 run-1-cut naa.6001405fe1ab0000000000000000c002 0x422d2d2d2d2d2d2d]',
      ],
      [
        'nodea: (device of $3) sg_persist -n -o -C -K "$4" "$device" || sg_persist -n -o -C -K "$4" "$device" [30 run-1-cut naa.6001405fe1ab0000000000000000c002 0x412d2d2d2d2d2d2d]',
      ],
    ],
    timers: [
      'nodea: sg_persist -n -o -I -S "$4" "$5" || sg_persist -n -o -I -S "$4" "$5" ["$@" "$device"]',
      'nodeb: sg_persist -n -o -I -S "$4" "$5" || sg_persist -n -o -I -S "$4" "$5" ["$@" "$device"]',
    ],
    verify: [
      'nodea: sh -c (device of $3) for attempt in 1 2 3 4 5 6; do sg_persist -n -y -k -vvv "$device" && exit; code=$?; [ $code = 6 ] || break; done; exit $code keys   naa.6001405fe1ab0000000000000000c002 [0]',
    ],
    revert: [
      'nodea: (device of $3) sg_persist -n -o -I -S "$4" "$device" || sg_persist -n -o -I -S "$4" "$device" [30 run-1-cut naa.6001405fe1ab0000000000000000c002 0x412d2d2d2d2d2d2d]',
      'nodeb: (device of $3) sg_persist -n -o -I -S "$4" "$device" || sg_persist -n -o -I -S "$4" "$device" [30 run-1-cut naa.6001405fe1ab0000000000000000c002 0x422d2d2d2d2d2d2d]',
    ],
    gone: [
      'nodea: sh -c (device of $3) for attempt in 1 2 3 4 5 6; do sg_persist -n -y -k -vvv "$device" && exit; code=$?; [ $code = 6 ] || break; done; exit $code keys   naa.6001405fe1ab0000000000000000c002 [0]',
    ],
    renewed: [
      'nodea [30 run-1-cut naa.6001405fe1ab0000000000000000c002 0x412d2d2d2d2d2d2d]',
      'nodeb [30 run-1-cut naa.6001405fe1ab0000000000000000c002 0x422d2d2d2d2d2d2d]',
    ],
    undoText: 'the keys on coordination point coord2 are cleared',
    startsAnew: [],
  },
  'storage-port-closed': {
    apply: [['array1', 'array2'].map((array) => `${array}: ${closing} [30 run-1-cut ${closed} ip 10.77.0.12]`)],
    timers: [
      'array1: nft delete table inet "$3" 2>/dev/null ["$@"]',
      'array2: nft delete table inet "$3" 2>/dev/null ["$@"]',
    ],
    verify: [
      ...shown,
      '(second witness) nodeb: ping -n -c 1 -W 1 10.77.0.21 [0 1]',
      '(second witness) nodeb: ping -n -c 1 -W 1 10.77.0.22 [0 1]',
    ],
    revert: ['array1', 'array2'].map(
      (array) => `${array}: nft delete table inet "$3" 2>/dev/null; exit 0 [30 run-1-cut ${closed} ip 10.77.0.12]`,
    ),
    gone: [
      ...shown,
      '(second witness) nodeb: ping -n -c 1 -W 1 10.77.0.21 [0 1]',
      '(second witness) nodeb: ping -n -c 1 -W 1 10.77.0.22 [0 1]',
    ],
    renewed: [`array1 [30 run-1-cut ${closed} ip 10.77.0.12]`, `array2 [30 run-1-cut ${closed} ip 10.77.0.12]`],
    undoText: `the arrays' ports are closed to nodeb (10.77.0.12)`,
    startsAnew: [],
  },
}

test('every fault is in the table', () => {
  expect(Object.keys(expected)).toEqual(Object.keys(targets))
})

test.each(Object.entries(expected))('%s', (name, lines) => {
  expect(planLines(plan(name, targets[name] ?? {}, found))).toMatchObject(lines)
})

test('a node that starves: the loops are of a class that nothing ordinary interrupts, and are ended after so many seconds', () => {
  const [[line = ''] = []] = planLines(plan('node-starved', { node: 'nodeb' })).apply
  expect(line).toMatch(/^nodeb: /)
  expect(line).toContain("chrt -f 50 sh -c 'while :; do :; done'")
  expect(line).toContain(
    'setsid chrt -f 60 sh "$2.hog" "$1" "$2" </dev/null >/dev/null 2>&1 &; exit 0 [30 /run/fencelab/starved-run-1-cut]',
  )
  expect(line).toContain('kill -9 $loops $witness; echo "$limit" >/proc/sys/kernel/sched_rt_runtime_us')
})
