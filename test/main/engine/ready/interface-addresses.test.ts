import { expect, test } from 'vitest'
import { interfaceAddresses, normalAddress } from '../../../../main/engine/ready/interface-addresses.ts'

test.each([
  [
    'fd00::11',
    ['FD00::11', 'fd00:0:0:0::11', 'fd00:0:0:0:0:0:0:11', 'fd00:0000::0011', 'fd00::11/64', 'fd00::11%eth0'],
  ],
  ['fe80::1', ['fe80::1%ens1f0', 'FE80:0::1', 'fe80::1%2/64']],
  ['::1', ['0:0:0:0:0:0:0:1', '::0001']],
  ['::ffff:c0a8:650b', ['::ffff:192.168.101.11', '::FFFF:c0a8:650b', '0:0:0:0:0:ffff:192.168.101.11']],
  ['192.168.101.11', ['192.168.101.11/24', '192.168.101.11']],
  ['2001:db8::1:0:0:1', ['2001:db8:0:0:1::1', '2001:0db8:0:0:1:0:0:1']],
])('%s is %j', (normal, written) => expect(written.map(normalAddress)).toEqual(written.map(() => normal)))

test('what ip prints', () => {
  const text = [
    '4: ens1f0    inet 192.168.101.11/24 brd 192.168.101.255 scope global noprefixroute ens1f0\\       valid_lft forever preferred_lft forever',
    '4: ens1f0    inet6 fd00::11/64 scope global dadfailed tentative noprefixroute \\       valid_lft forever preferred_lft forever',
    '5: tun0    inet 192.168.101.21 peer 192.168.101.22/32 scope global tun0\\       valid_lft forever preferred_lft forever',
    '6: vlan7@ens1f0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever',
    '',
  ].join('\n')
  expect(interfaceAddresses(text)).toEqual([
    { address: '192.168.101.11', flags: ['noprefixroute'] },
    { address: 'fd00::11', flags: ['dadfailed', 'tentative', 'noprefixroute'] },
    { address: '192.168.101.21', peer: '192.168.101.22', flags: [] },
    { address: 'fe80::1', flags: [] },
  ])
})
