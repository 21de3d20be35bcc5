import { describe, expect, it } from 'vitest'
import type { KeysRead } from '../../../labs/journal/event.ts'
import { sgPersistExit } from '../../../labs/scsi/exit-status.ts'
import { readKeysEvent } from '../../../labs/journal/read-keys-event.ts'

const oneKey = '  PR generation=0x5, 1 registered reservation key follows:\n    0xf9660001\n'
function read(fields: Partial<KeysRead>): KeysRead {
  return {
    type: 'keys',
    lun: 'coord1',
    device: '/dev/sdb',
    action: 'keys',
    exit: 0,
    stdout: '',
    stderr: '',
    began: 1,
    ended: 2,
    attempt: 1,
    ...fields,
  }
}

describe('readKeysEvent', () => {
  it('reads the answer of every action', () => {
    expect([
      readKeysEvent(read({ stdout: oneKey })),
      readKeysEvent(read({ action: 'reservation', stdout: '  PR generation=0x5, there is NO reservation held\n' })),
      readKeysEvent(read({ action: 'full-status', stdout: '  PR generation=0x3\n  No full status descriptors\n' })),
    ]).toEqual([
      { kind: 'answer', action: 'keys', generation: 5, keys: ['0xf9660001'] },
      { kind: 'answer', action: 'reservation', generation: 5, reservation: null },
      { kind: 'answer', action: 'full-status', generation: 3, entries: [] },
    ])
  })

  const none = (generation: string) => `  PR generation=${generation}, there are NO registered reservation keys\n`
  it.each([
    ['its eight bytes', { stdout: none('0x0'), bytes: '0000000000000000' }],
    ['more bytes than it announces', { stdout: none('0x3'), bytes: '00000003000000000000' }],
    ['no bytes, and a generation that must have arrived (older recordings)', { stdout: none('0x3') }],
  ])('believes an empty table with %s', (_, fields) => {
    expect(readKeysEvent(read(fields))).toMatchObject({ kind: 'answer', keys: [] })
  })

  it.each([
    ['of generation 0 without bytes', { stdout: none('0x0') }, 'is printed without an answer, too'],
    ['of ones', { stdout: none('0xffffffff') }, 'is printed without an answer, too'],
    ['of which four bytes arrived', { stdout: none('0x3'), bytes: '00000003' }, 'only 4 bytes arrived'],
    ['with bytes of another generation', { stdout: none('0x3'), bytes: '0000000400000000' }, 'another generation'],
    ['with bytes of a table that is not', { stdout: none('0x3'), bytes: '0000000300000008' }, 'not empty'],
    ['of ones, with its bytes', { stdout: none('0xffffffff'), bytes: 'f'.repeat(16) }, 'not empty'],
    ['of a buffer that nothing was written to', { stdout: none('0x0'), bytes: '00'.repeat(256) }, 'as it was sent'],
    ['with an error', { stdout: none('0x3'), stderr: 'scsi status: Intermediate (obsolete)\n' }, 'reported an error'],
    ['with keys and an error', { stdout: oneKey, stderr: 'Sense key: Recovered Error\n' }, 'reported an error'],
  ])('does not believe an empty table %s', (_, fields, why) => {
    expect(readKeysEvent(read(fields))).toMatchObject({ kind: 'failed', why: expect.stringContaining(why) })
  })

  it('knows a reservation conflict of an old sg_persist by its words, and a host that sudo cannot resolve as harmless', () => {
    const conflict = 'persistent reservation in: scsi status: Reservation Conflict \n'
    expect(readKeysEvent(read({ exit: 99, stderr: conflict }))).toMatchObject({ exit: { outcome: 'conflict' } })
    expect(readKeysEvent(read({ exit: 99, stderr: 'something else\n' }))).toMatchObject({
      exit: { outcome: 'unknown' },
    })
    const sudo = 'sudo: unable to resolve host nodea: Name or service not known\n'
    expect(readKeysEvent(read({ stdout: oneKey, stderr: sudo }))).toMatchObject({ kind: 'answer' })
  })

  it('takes no failed read for an answer, whatever it printed', () => {
    const unitAttention =
      'Persistent reservation in:\nFixed format, current; Sense key: Unit Attention\nAdditional sense: Registrations preempted\n' +
      'PR in (Read keys): Unit attention\nsg_persist failed: Unit attention\n'
    expect([
      readKeysEvent(read({ exit: 6, stderr: unitAttention })),
      readKeysEvent(read({ exit: 24, stdout: oneKey })),
      readKeysEvent(read({ exit: null, stdout: oneKey })),
      readKeysEvent(read({ exit: 0, stdout: '' })),
      readKeysEvent(read({ exit: 0, action: 'reservation', stdout: oneKey })),
    ]).toEqual([
      {
        kind: 'failed',
        why: 'sg_persist on /dev/sdb: the device reports a unit attention and did not execute the command (exit status 6)',
        exit: sgPersistExit(6),
      },
      {
        kind: 'failed',
        why: 'sg_persist on /dev/sdb: a reservation, or a missing registration, forbids the command (exit status 24)',
        exit: sgPersistExit(24),
      },
      {
        kind: 'failed',
        why: 'sg_persist on /dev/sdb: the program has no exit status: it did not run, or did not end',
        exit: sgPersistExit(null),
      },
      { kind: 'failed', why: 'sg_persist on /dev/sdb printed a text that is not understood: the text is empty' },
      {
        kind: 'failed',
        why: expect.stringMatching(/is not understood: expected the PR generation and whether a reservation is held/),
      },
    ])
  })

  it('tells what kept a read from being started at all', () => {
    expect(readKeysEvent(read({ exit: null, device: '', stderr: 'nodea: no route to it\n' }))).toEqual({
      kind: 'failed',
      why: 'nodea: no route to it',
      exit: sgPersistExit(null),
    })
  })

  it('follows a repeated answer to its text, and only to the text of the same read', () => {
    const events: Readonly<Record<number, KeysRead>> = {
      3: read({ stdout: oneKey }),
      5: read({ same: 3 }),
      6: read({ lun: 'coord2', stdout: oneKey }),
      7: read({ action: 'reservation', stdout: oneKey }),
      8: read({ exit: 24, stdout: oneKey }),
      9: read({ same: 9 }),
    }
    const kindOf = (same: number, find = (seq: number) => events[seq]) => readKeysEvent(read({ same }), find).kind
    expect([3, 5, 6, 7, 8, 9, 10].map((same) => kindOf(same))).toEqual([
      'answer',
      'answer',
      'failed',
      'failed',
      'failed',
      'failed',
      'failed',
    ])
    expect(readKeysEvent(read({ same: 5 }), (seq) => events[seq])).toEqual({
      kind: 'answer',
      action: 'keys',
      generation: 5,
      keys: ['0xf9660001'],
    })
    expect(readKeysEvent(read({ same: 3 }))).toEqual({
      kind: 'failed',
      why: 'its text stands in event 3, which is no recorded read of keys',
    })
  })
})
