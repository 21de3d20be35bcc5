import { ownPart } from '../../../labs/stacks/reference/own-part.ts'
import { describe, expect, test } from 'vitest'
import { formatProblems } from '../../../labs/testbed/format-problems.ts'
import { hostAddress, hostAddresses } from '../../../labs/testbed/host-address.ts'
import { readTestbed } from '../../../labs/testbed-file/read-testbed.ts'
import { inShort, read, said, small, smallWith } from '../testbed/example.ts'

test('the small testbed is valid', () => {
  expect(said(small)).toEqual([])
})

describe('YAML', () => {
  test.each([
    ['a key twice', 'name: small\n', 'name: small\nname: other\n', '2:1 : this key stands here a second time'],
    ['a tab', '  a:\n', '  a:\n\tx: 1\n', '6:1 : a tab is used as indentation'],
    ['an open bracket', 'outlets: [pdu/1]', 'outlets: [pdu/1', '12:7 : a [ or { above is still open here'],
    ['a second document', 'links:\n', '---\nlinks:\n', '30:1 : a second document starts here'],
    ['an unknown tag', 'name: small', 'name: !secret small', '1:7 : this tag (!…) is not known here'],
    ['an alias to nothing', 'name: small', 'name: *small', '1:7 name: this alias does not resolve'],
    ['a key of JavaScript', 'p2: { desc', '__proto__: { desc', '32:3 links: this cannot be a key'],
    ['a list as key', 'p2: { desc', '[p2]: { desc', '32:3 links: this cannot be a key'],
  ])('%s', (_what, piece, replacement, start) => {
    expect(said(smallWith(piece, replacement))).toContainEqual(expect.stringContaining(start))
  })

  test.each(['', '# nothing here\n', '\n\n'])('%j holds no testbed', (text) => {
    expect(said(text)).toEqual([expect.stringMatching(/^1:1 : found nothing; expected a mapping with name,/)])
  })

  test('aliases of aliases are cut off before they fill the memory', () => {
    const levels = Array.from({ length: 20 }, (_, level) => {
      const inner = level === 0 ? 'x' : `*l${level - 1}`
      return `l${level}: &l${level} [${Array(10).fill(inner).join(', ')}]`
    })
    expect(said(levels.join('\n'))).toContainEqual(expect.stringContaining('nests too deep or too much'))
  })

  test('an anchor that holds itself is no testbed', () => {
    expect(said('name: &a { x: *a }\n')).not.toEqual([])
  })

  test('an anchor is written once and used twice', () => {
    const text = smallWith('ssh: { user: root, key: ~/.ssh/id }', 'ssh: { user: &u root, key: ~/.ssh/id }').replace(
      'ssh: { address: 10.0.0.2 }',
      'ssh: { address: 10.0.0.2, user: *u }',
    )
    expect(read(text).hosts['b']?.ssh).toEqual({ address: '10.0.0.2', user: 'root' })
  })

  test('lines count the same with carriage returns', () => {
    const crlf = smallWith('role: array', 'role: arary').replace(/\n/g, '\r\n')
    expect(said(crlf)).toEqual(said(smallWith('role: array', 'role: arary')))
  })
})

describe('schema', () => {
  const at = 'expected'
  test.each([
    [
      'name: small',
      'name: 42',
      `1:7 name: found 42; ${at} a name: a letter, then letters, digits, - or _ (in quotes, if it looks like a number)`,
    ],
    ['name: small\n', '', `1:1 name: is missing; ${at} a name: a letter, then letters, digits, - or _`],
    ['destructive: true', 'destructive: maybe', `2:14 destructive: found "maybe"; ${at} true or false`],
    [
      'ssh: { address: 10.0.0.1 }',
      'ssh: { adress: 10.0.0.1 }',
      `7:12 hosts.a.ssh.adress: unknown key; ${at} one of user, port, key, knownHosts, address, jump, alias; did you mean "address"?`,
    ],
    [
      'role: observer',
      'role: observre',
      `25:11 hosts.eye.role: found "observre"; ${at} one of node, observer, array, hypervisor, switch, jump; did you mean "observer"?`,
    ],
    [
      'role: observer',
      'role: []',
      `25:11 hosts.eye.role: found a list; ${at} one of node, observer, array, hypervisor, switch, jump, or a list of such`,
    ],
    [
      'role: observer\n',
      'role:\n',
      `25:10 hosts.eye.role: found nothing; ${at} one of node, observer, array, hypervisor, switch, jump`,
    ],
    ['id: 1\n', 'id: one\n', `17:11 hosts.b.node.id: found "one"; ${at} a node number, a whole number from 0 to 63`],
    ['id: 1\n', 'id: 64\n', `17:11 hosts.b.node.id: found 64; ${at} a node number, a whole number from 0 to 63`],
    [
      '    node:\n      id: 1\n',
      '    node:\n',
      `16:5 hosts.b.node.id: is missing; ${at} a node number, a whole number from 0 to 63`,
    ],
    [
      '[pdu/1]',
      '[pdu]',
      `11:17 hosts.a.node.outlets[0]: found "pdu"; ${at} a power outlet as UNIT/OUTLET, like pdu1/3`,
    ],
    [
      'address: 10.2.0.2',
      'address: 10.2.0.256',
      `18:92 hosts.b.node.links.p2.address: found "10.2.0.256"; ${at} an IPv4 or IPv6 address`,
    ],
    [
      'interface: eth2, address: 10.2.0.2',
      'interface: a-very-long-name, address: 10.2.0.2',
      `18:77 hosts.b.node.links.p2.interface: found "a-very-long-name"; ${at} a network interface, like eth1`,
    ],
    [
      "file: '${lab}/a.console'",
      'file: a.console',
      `12:36 hosts.a.node.console.file: found "a.console"; ${at} an absolute path on that host, or one starting with \${lab}/`,
    ],
    [
      "file: '${lab}/a.console'",
      'file: ~/a.console',
      `12:36 hosts.a.node.console.file: found "~/a.console"; ${at} an absolute path on that host, or one starting with \${lab}/`,
    ],
    [
      'key: ~/.ssh/id',
      'key: "/x/${user}/id"',
      `3:25 ssh.key: found "/x/\${user}/id"; ${at} \${lab} at the start of a path and no other \${…}`,
    ],
    [
      'peerTimeout: 1.6s',
      'peerTimeout: 1.6',
      `44:51 stack.times.peerTimeout: found 1.6; ${at} a duration like 200ms, 2s or 1m, or a number of milliseconds; at least 1ms, at most 1h`,
    ],
    [
      'peerTimeout: 1.6s',
      'peerTimeout: soon',
      `44:51 stack.times.peerTimeout: found "soon"; ${at} a duration like 200ms, 2s or 1m, or a number of milliseconds; at least 1ms, at most 1h`,
    ],
    ['kind: reference', 'kind: pacemaker', `41:9 stack.kind: found "pacemaker"; ${at} a mapping with kind: reference`],
    [
      'driver: apc-snmp, ',
      '',
      `39:3 power.pdu.driver: is missing; ${at} a mapping with driver: one of manual, command, apc-snmp, rest`,
    ],
    [
      'cluster: fe01',
      'cluster: fe0',
      `43:12 stack.cluster: found "fe0"; ${at} a cluster id of four hex digits, like fe01`,
    ],
    ['  c3: {', '  3c: {', `36:3 luns.3c: this cannot be a name; ${at} a name: a letter, then letters, digits, - or _`],
    [
      '  d1: { wwid: naa.6001405fe1ab0000000000000000d001',
      '  d1: { wwid: naa.6001405',
      `37:15 luns.d1.wwid: found "naa.6001405"; ${at} a WWID: 32 hex digits in an NAA identifier that starts with 6, here are 7`,
    ],
    ['links:\n  p1:\n  p2: { description: second }', 'links: [p1, p2]', `30:8 links: found a list; ${at} a mapping`],
    ['    array: { view: lio }', '    array: []', `23:12 hosts.store.array: found a list; ${at} a mapping`],
    [
      'guest: b',
      'domain: b',
      `19:31 hosts.b.node.vm.domain: unknown key; ${at} one of hypervisor, events, monitor, pidfile`,
    ],
  ])('%j -> %j', (piece, replacement, problem) => {
    expect(said(smallWith(piece, replacement))).toContainEqual(problem)
  })

  test('every unknown key of a mapping is shown, not only the first', () => {
    const text = smallWith('ssh: { address: 10.0.0.1 }', 'ssh: { address: 10.0.0.1, prot: 22, known_hosts: /x }')
    const known = 'unknown key; expected one of user, port, key, knownHosts, address, jump, alias; did you mean'
    expect(said(text)).toEqual([
      `7:31 hosts.a.ssh.prot: ${known} "port"?`,
      `7:41 hosts.a.ssh.known_hosts: ${known} "knownHosts"?`,
    ])
  })

  test('problems of different places come together, in the order of the file', () => {
    const text = smallWith('destructive: true', 'destructive: perhaps')
      .replace('id: 0', 'id: -1')
      .replace('fe01', 'zzzz')
    expect(said(text).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '2:14 destructive:',
      '9:11 hosts.a.node.id:',
      '43:12 stack.cluster:',
    ])
  })

  test('a number that is a name keeps its digits', () => {
    const read0 = (piece: string, replacement: string) => read(smallWith(piece, replacement))
    expect([
      ownPart(read0('cluster: fe01', 'cluster: 0001').stack).cluster,
      ownPart(read0('cluster: fe01', 'cluster: 1e10').stack).cluster,
      read0('naa.6001405fe1ab0000000000000000d001', '0x60014050000000000000000000000001').luns['d1']?.wwid,
      read0('naa.6001405fe1ab0000000000000000d001', '36001405000000000000000000000e123').luns['d1']?.wwid,
      read0('model: rpdu', 'version: 1, model: rpdu').power['pdu'],
    ]).toEqual([
      '0001',
      '1e10',
      'naa.60014050000000000000000000000001',
      'naa.6001405000000000000000000000e123',
      {
        driver: 'apc-snmp',
        address: '10.0.0.9',
        version: '1',
        model: 'rpdu',
        communityVariable: 'PDU_COMMUNITY',
      },
    ])
  })

  test('defaults are filled in, durations are milliseconds, roles are lists', () => {
    const testbed = read(smallWith('destructive: true\n', ''))
    const { destructive, restore, sampling, stack, links, virtual } = testbed
    expect({ destructive, restore, sampling, stack, links, virtual, roles: testbed.hosts['eye']?.role }).toEqual({
      destructive: false,
      restore: { kind: 'restart' },
      sampling: { nodes: 2000, observer: 500 },
      stack: {
        kind: 'reference',
        policy: 'coordinator-race',
        cluster: 'fe01',
        keys: 'letter',
        times: { heartbeatInterval: 200, peerTimeout: 1600 },
        ledger: { writesPerSecond: 10, records: 2047 },
        group: {},
      },
      links: { p1: {}, p2: { description: 'second' } },
      virtual: undefined,
      roles: ['observer'],
    })
  })
})

describe('paths', () => {
  test('${lab} and ~ become the directories that are given', () => {
    const reading = readTestbed(small, 'small.yaml', { lab: '/var/lab/', home: '/home/qa' })
    const { ssh, hosts } = reading.ok ? reading.testbed : read('')
    expect([ssh.key, hosts['a']?.node?.console]).toEqual([
      '/home/qa/.ssh/id',
      { host: 'here', file: '/var/lab/a.console' },
    ])
  })

  test('~ is left alone where no home is given; ${lab} without a lab is an error', () => {
    expect(read(small).ssh.key).toBe('~/.ssh/id')
    const reading = readTestbed(small, 'small.yaml')
    expect(reading.ok ? [] : reading.problems.map(inShort)).toEqual([
      '12:36 hosts.a.node.console.file: found "${lab}/a.console"; expected a path without ${lab}: here no lab directory is known',
    ])
  })
})

describe('the way onto hosts', () => {
  const chain = smallWith('ssh: { address: 10.0.0.4 }', 'ssh: { address: 10.0.0.4, jump: gate }').replace(
    '  here:\n',
    '  gate: { role: jump, ssh: { alias: gate, port: 2200 } }\n  here:\n',
  )

  test('jump hosts come in the order in which they are gone through', () => {
    const gate = { address: 'gate', configAlias: 'gate', port: 2200 }
    const eye = { address: '10.0.0.4', user: 'root', key: '~/.ssh/id' }
    expect(hostAddress(read(chain), 'store')?.ssh).toEqual({
      address: '10.0.0.3',
      user: 'root',
      key: '~/.ssh/id',
      jump: [gate, eye],
    })
  })

  test('a host that is not there, or only named, has no address', () => {
    const text = smallWith('    ssh: { address: 10.0.0.3, jump: eye }\n    array: { view: lio }', '    transport: none')
    expect([hostAddress(read(text), 'store'), hostAddress(read(text), 'toString')]).toEqual([undefined, undefined])
    expect(hostAddresses(read(text)).map(({ name }) => name)).toEqual(['a', 'b', 'eye', 'here'])
  })

  test('a circle of jumps is refused', () => {
    const text = chain.replace('alias: gate, port: 2200', 'address: 10.0.0.5, jump: store')
    expect(said(text).map((line) => line.split(';')[0])).toEqual([
      '22:37 hosts.store.ssh.jump: leads in a circle',
      '26:37 hosts.eye.ssh.jump: leads in a circle',
      '27:55 hosts.gate.ssh.jump: leads in a circle',
    ])
  })
})

test('problems are printed with the line and a caret, tabs and all', () => {
  const reading = readTestbed('name: x\nhosts: {\ta: 1 }\n', 'bench.yaml')
  const text = formatProblems(reading.ok ? [] : reading.problems.slice(0, 2))
  expect(text).toBe(`bench.yaml:1:1: links: is missing; expected a mapping from names to private links
    1 | name: x
      | ^

bench.yaml:1:1: luns: is missing; expected a mapping from names to LUNs
    1 | name: x
      | ^
`)
  const second = reading.ok ? [] : reading.problems.filter(({ path }) => path === 'hosts.a')
  expect(formatProblems(second)).toBe(
    'bench.yaml:2:13: hosts.a: found 1; expected a mapping with role, transport, ssh, sudo, address, description, node, array\n' +
      '    2 | hosts: {\ta: 1 }\n' +
      '      |         \t   ^\n',
  )
})

test('reading never throws, whatever places it is given', () => {
  const places = { lab: '', home: '/' }
  expect(readTestbed(small, 'small.yaml', places)).toMatchObject({ ok: true, testbed: { ssh: { key: '/.ssh/id' } } })
})
