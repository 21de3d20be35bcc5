import { describe, expect, test } from 'vitest'
import { pduModelNames } from '../../../labs/power/models.ts'
import { read, said, smallWith } from '../testbed/example.ts'

const snmp = 'pdu: { driver: apc-snmp, address: 10.0.0.9, model: rpdu, communityVariable: PDU_COMMUNITY }'
const withUnit = (unit: string) => smallWith(snmp, `pdu: { ${unit} }`)
const rest = (change: Record<string, string> = {}) => {
  const calls = {
    on: "{ url: 'http://10.0.0.9/o/{outlet}', body: '{\"state\": true}' }",
    off: "{ method: PUT, url: 'http://10.0.0.9/o', body: 'outlet={outlet}&state=0' }",
    status: "{ url: 'http://10.0.0.9/o', pointer: '/{outlet}/state', on: true, off: false }",
    ...change,
  }
  return withUnit(`driver: rest, tokenVariable: T, on: ${calls.on}, off: ${calls.off}, status: ${calls.status}`)
}

test.each(pduModelNames.filter((name) => name !== 'masterswitch-plus'))('model %s', (name) => {
  expect(said(smallWith('model: rpdu', `model: ${name}`))).toEqual([])
})

test('an outlet that the model cannot have', () => {
  expect(said(smallWith('[pdu/1]', '[pdu/A5]'))).toEqual([
    '11:17 hosts.a.node.outlets[0]: an APC Switched Rack PDU (AP79xx) has no outlet "A5"; expected pdu/ and the number of an outlet, like 3',
  ])
  const plus = smallWith('model: rpdu', 'model: masterswitch-plus')
  expect(said(plus)).toHaveLength(1)
  expect(said(plus.replace('[pdu/1]', '[pdu/1:1]'))).toEqual([])
})

test.each([
  ['2', '; did you mean "2c"?'],
  ["'2'", '; did you mean "2c"?'],
  ['v2c', '; did you mean "2c"?'],
  ['v3', '; did you mean "3"?'],
  ['2C', '; did you mean "2c"?'],
  ['4', ''],
])('SNMP version %s', (version, meant) => {
  const text = smallWith('model: rpdu', `model: rpdu, version: ${version}`)
  expect(said(text)).toEqual([
    expect.stringMatching(new RegExp(`expected one of 1, 2c, 3${meant.replace('?', '\\?')}$`)),
  ])
})

test('one command with the action in it, on the computer of the lab, its options on the standard input', () => {
  const text = withUnit(`driver: command, command: [fence_x], input: "plug={outlet}\\naction={action}\\n"`)
  expect(said(text)).toEqual([])
  expect(read(text).power['pdu']).toEqual({
    driver: 'command',
    command: ['fence_x'],
    input: 'plug={outlet}\naction={action}\n',
  })
})

test.each([
  [
    "driver: command, command: [fence_x, '{outlet}']",
    '39:36 power.pdu.command: no argument contains {action}; expected {action} where the action is to stand',
  ],
  [
    "driver: command, command: [fence_x, '{outlet}', '{action}'], on: [x, '{outlet}']",
    '39:75 power.pdu.on: does not go with command; expected no such key',
  ],
  [
    "driver: command, on: [x, '{outlet}'], off: [y, '{outlet}']",
    '39:3 power.pdu.status: is missing; expected on, off and status, or command',
  ],
])('%s', (unit, message) => expect(said(withUnit(unit))).toEqual([message]))

describe('programs that tell the state in words alone', () => {
  const three = (status: string, more = '') =>
    withUnit(`driver: command, on: [x, '{outlet}'], off: [x, '{outlet}'], status: ${status}${more}`)
  test.each([
    ["[ipmitool, -H, '{outlet}', -f, /root/pw, chassis, power, status]", 'ipmitool'],
    ["[sudo, -n, /usr/bin/ipmitool, -H, '{outlet}', power, status]", 'ipmitool'],
    ["[env, LC_ALL=C, timeout, -k, '5', '10', ipmitool, -H, '{outlet}', power, status]", 'ipmitool'],
    ["[sh, -c, 'exec ipmitool -H $1 power status', x, '{outlet}']", 'ipmitool'],
    ["[ssh, -p, '2222', root@bastion, ipmitool, -H, '{outlet}', power, status]", 'ipmitool'],
    ["[ipmipower, -h, '{outlet}', --stat]", 'ipmipower'],
    ["[racadm, -r, '{outlet}', serveraction, powerstatus]", 'racadm'],
    ["[virsh, domstate, '{outlet}']", 'virsh'],
  ])('%s', (status, program) => {
    expect(said(three(status))).toEqual([
      expect.stringMatching(
        new RegExp(
          `^39:\\d+ power.pdu.status: ${program} ends with 0 whether the outlet is on or off; expected says: `,
        ),
      ),
    ])
    expect(said(three(status, ', says: { on: Power is on, off: Power is off }'))).toEqual([])
  })
  test.each([
    "[fence_ipmilan, -a, '{outlet}', -o, status]",
    "[sh, -c, 'ipmitool -H $1 power status | grep -q on$', x, '{outlet}']",
    "[/usr/local/sbin/relay, status, '{outlet}']",
    "[sh, -c, 'case $(virsh domstate $1) in running) ;; *) exit 2;; esac', x, '{outlet}']",
  ])('%s is left to its exit status', (status) => expect(said(three(status))).toEqual([]))

  test('one command with the action in it', () => {
    const text = withUnit("driver: command, command: [ipmitool, -H, '{outlet}', chassis, power, '{action}']")
    expect(said(text)).toEqual([
      "39:36 power.pdu.command: ipmitool ends with 0 whether the outlet is on or off; expected says: with what it prints for each, like { on: 'Chassis Power is on', off: 'Chassis Power is off' }",
    ])
  })

  test.each([
    ['power', 'power off'],
    ['on', 'ON'],
    ['on', 'not on'],
  ])('%j and %j', (on, off) => {
    expect(said(three("[x, '{outlet}']", `, says: { on: '${on}', off: '${off}' }`)).join()).toContain(
      'cannot be told apart: one contains the other',
    )
  })
})

test('HTTP: answers are compared as text', () => {
  expect(said(rest())).toEqual([])
  expect(read(rest()).power['pdu']).toMatchObject({
    on: { method: 'POST' },
    status: { pointer: '/{outlet}/state', on: 'true', off: 'false' },
  })
})

test.each([
  [
    { on: "{ url: 'http://10.0.0.8/o/{outlet}' }" },
    'power.pdu.on.url: this is another host (or port) than that of status; expected a URL that starts with http://10.0.0.9',
  ],
  [
    { off: "{ url: 'http://{outlet}/o' }" },
    'power.pdu.off.url: this URL names no host; expected a URL whose host is written out',
  ],
  [
    { on: "{ url: 'http://admin@10.0.0.9/o/{outlet}' }" },
    'power.pdu.on.url: a login stands before the host; expected a URL without one, and tokenVariable',
  ],
  [
    { status: "{ url: 'http://10.0.0.9/o', on: 1, off: 0 }" },
    'power.pdu.status: nothing in it contains {outlet}; expected {outlet} where the outlet is to stand',
  ],
])('HTTP: %j', (change, message) => {
  expect(said(rest(change)).map((line) => line.replace(/^\S+ /, ''))).toEqual([message])
})

test('a password in what a command reads', () => {
  const text = withUnit(`driver: command, command: [f], input: "plug={outlet}\\naction={action}\\npasswd=hunter2\\n"`)
  expect(said(text).join()).toContain('this request carries a secret')
  expect(said(text).join()).not.toContain('hunter2')
})
