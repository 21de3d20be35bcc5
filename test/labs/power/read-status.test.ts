import { describe, expect, test } from 'vitest'
import { readStatus } from '../../../labs/power/read-status.ts'

const read = (exit: number | null, stdout: string, stderr = '', says?: { on: string; off: string }) => {
  const reading = readStatus({ exit, stdout, stderr }, says)
  return reading.ok ? reading.state : reading.reason
}

describe('the exit status of fence-agents', () => {
  test.each([
    [0, '', '', 'on'],
    [2, '', '', 'off'],
    [0, 'Status: ON\n', '', 'on'],
    [2, 'Status: OFF\n', '', 'off'],
    [2, 'off\n', '', 'off'],
    [0, 'outlet 3 is on.\n', '', 'on'],
    [0, '{"state": "on"}\n', '', 'on'],
    [2, 'Getting status...\nStatus: OFF\n', '', 'off'],
    // fence-agents on Python 3.12
    [0, 'Status: ON\n', "/usr/sbin/fence_x:42: SyntaxWarning: invalid escape sequence '\\d'\n  x = '\\d'\n", 'on'],
    [2, 'Status: OFF\n', 'a warning\n', 'off'],
    [0, '', "Warning: Permanently added 'pdu1' (ED25519) to the list of known hosts.\n", 'on'],
    [2, 'Status: OFF\n', '2026-01-01 INFO: Executing: /usr/bin/ipmitool chassis power status\n', 'off'],
  ])('%i %j %j is %s', (exit, stdout, stderr, state) => expect(read(exit, stdout, stderr)).toBe(state))

  test.each([
    // usage texts
    [2, 'usage: relay on|off|status OUTLET\n', ''],
    [2, 'usage: relay on|off|status OUTLET\n', 'error: bad\n'],
    [2, '', 'Usage: relay [on|off]\n'],
    [0, 'Usage:\n  relay set OUTLET on\n', ''],
    [2, "relay: unrecognized option '--off'\nTry 'relay --help' for more information.\n", ''],
    [2, 'Aufruf: relay on|off\n', ''],
    [2, 'relay: usage: relay off\n', ''],
    // words that say the other state
    [0, 'Chassis Power is off\n', ''],
    [0, '10.20.1.11: off\n', ''],
    [0, 'Server power status: OFF\n', ''],
    [0, 'shut off\n\n', ''],
    [0, 'The power is off now\n', ''],
    [2, 'Status: ON\n', ''],
    [0, 'Status: ON\n', 'outlet 3: off\n'],
    [0, 'outlet 1: on\noutlet 2: off\n', ''],
    // words that say neither
    [0, '0\n', ''],
    [0, 'unknown\n', ''],
    [0, 'Powered down\n', ''],
    [0, 'paused\n', ''],
    [0, 'standby\n', ''],
    [2, 'offline\n', ''],
    [2, 'no such outlet\n', ''],
    [0, 'Chassis Power is not on\n', ''],
    [0, 'Unable to get the state of port 3 on\n', ''],
    [2, 'Failed to switch outlet 3 off\n', ''],
    [0, '', 'Error: Unable to establish IPMI v2 / RMCP+ session\n'],
    [2, 'Status: OFF\n', 'relay: error: lost the connection\n'],
    [2, '', 'unknown option'],
    // other ends
    [1, 'Status: OFF\n', ''],
    [3, '', ''],
    [127, '', 'sh: relay: not found\n'],
    [null, 'Status: ON\n', ''],
  ])('%j %j %j is no answer', (exit, stdout, stderr) => expect(read(exit, stdout, stderr)).not.toMatch(/^(on|off)$/))
})

describe('what the testbed says that it prints', () => {
  const chassis = { on: 'Chassis Power is on', off: 'chassis  power is OFF' }
  test.each([
    [0, 'Chassis Power is on\n', chassis, 'on'],
    [0, 'Chassis Power is off\n', chassis, 'off'],
    [0, 'running\n\n', { on: 'running', off: 'shut off' }, 'on'],
    [0, 'shut off\n\n', { on: 'running', off: 'shut off' }, 'off'],
    [0, 'outlet[3] = 1\n', { on: '= 1', off: '= 0' }, 'on'],
  ])('%i %j with %j is %s', (exit, stdout, says, state) => expect(read(exit, stdout, '', says)).toBe(state))
  test.each([
    [1, 'Chassis Power is off\n', chassis],
    [2, 'Chassis Power is off\n', chassis],
    [0, '', chassis],
    [0, 'Chassis Power is offline\n', chassis],
    [0, 'Chassis Power is on\nChassis Power is off\n', chassis],
    [0, 'Usage: relay off\n', { on: 'on', off: 'off' }],
    [0, 'paused\n', { on: 'running', off: 'shut off' }],
    [0, '10', { on: '1', off: '0' }],
    [null, 'running', { on: 'running', off: 'shut off' }],
  ])('%j %j with %j is no answer', (exit, stdout, says) =>
    expect(read(exit, stdout, '', says)).not.toMatch(/^(on|off)$/),
  )
})
