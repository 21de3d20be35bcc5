import { expect, it } from 'vitest'
import { readTrace } from '../../../labs/scsi/read-trace.ts'

// by the sources of sg3_utils: 1.46 to 1.49, and 1.37 to 1.42 (no colon, other indents)
const newer = `open /dev/sda with flags=0x800
    Persistent reservation in cdb: [5e 00 00 00 00 00 00 20 00 00]
      duration=2 ms
    Persistent reservation in: pass-through requested 8192 bytes (data-in), got  got 24 bytes
    Persistent reservation in: response:
00 00 00 02 00 00 00 10  41 2d 2d 2d 2d 2d 2d 2d
42 2d 2d 2d 2d 2d 2d 2d
`
const older = `open /dev/sda with flags=0x800
    Persistent Reservation In cmd: 5e 00 00 00 00 00 00 20 00 00
      duration=2 ms
    persistent reservation in: pass-through requested 8192 bytes but got 8 bytes
    persistent reserve in: response
        00 00 00 02 00 00 00 00
`

it('takes the bytes that arrived out of what is printed, and leaves nothing', () => {
  expect(readTrace(newer)).toEqual({ bytes: '0000000200000010412d2d2d2d2d2d2d422d2d2d2d2d2d2d', rest: '' })
  expect(readTrace(older)).toEqual({ bytes: '0000000200000000', rest: '' })
})

it('has no bytes where none arrived, and keeps what was said of it', () => {
  const sense = 'Persistent reservation in:\nFixed format, current; Sense key: No Sense\n'
  const none = '    Persistent reservation in: pass-through requested 8192 bytes (data-in), got  got 0 bytes\n'
  expect(readTrace(`      duration=2 ms\n${sense}`)).toEqual({ rest: sense })
  expect(readTrace(none)).toEqual({ rest: none })
  expect(readTrace('    transport: Host_status=0x01 [DID_NO_CONNECT]\n').rest).toMatch('Host_status')
  expect(readTrace('')).toEqual({ rest: '' })
})
