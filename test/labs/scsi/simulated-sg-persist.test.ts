import { describe, expect, it } from 'vitest'
import { readKeysEvent } from '../../../labs/journal/read-keys-event.ts'
import { emptyReservationState, iscsiNexus, linuxTargetBehaviour } from '../../../labs/scsi/reservation-state.ts'
import { runSgPersist, type SgPersistCommand } from '../../../labs/scsi/simulated-sg-persist.ts'

const a = iscsiNexus('iqn.2026-11.lab:nodea')
const b = iscsiNexus('iqn.2026-11.lab:nodeb')

/** A shell on both nodes; `$` runs one command and returns what came back. */
function shell() {
  let state = emptyReservationState(linuxTargetBehaviour)
  return (nexus: typeof a, command: SgPersistCommand) => {
    const run = runSgPersist(state, nexus, command)
    state = run.state
    return { exit: run.exit, stdout: run.stdout, stderr: run.stderr }
  }
}
const nothing = { exit: 0, stdout: '', stderr: '' }

describe('runSgPersist', () => {
  it('goes through a fencing as recorded on the Linux target', () => {
    const $ = shell()
    expect([
      $(a, { kind: 'read-keys' }),
      $(a, { kind: 'register-and-ignore', newKey: '0xf9660000' }),
      $(b, { kind: 'register-and-ignore', newKey: '0xf9660001' }),
      $(a, { kind: 'reserve', key: '0xf9660000', type: 5 }),
      $(a, { kind: 'preempt-and-abort', key: '0xf9660000', victim: '0xf9660001', type: 5 }),
      $(b, { kind: 'read-keys' }),
      $(b, { kind: 'read-keys' }),
      $(b, { kind: 'read-reservation' }),
      $(b, { kind: 'preempt-and-abort', key: '0xf9660001', victim: '0xf9660000', type: 5 }),
      $(b, { kind: 'read-full-status' }),
    ]).toEqual([
      { ...nothing, stdout: '  PR generation=0x0, there are NO registered reservation keys\n' },
      nothing,
      nothing,
      nothing,
      nothing,
      {
        exit: 6,
        stdout: '',
        stderr:
          'Persistent reservation in:\nFixed format, current; Sense key: Unit Attention\n' +
          'Additional sense: Registrations preempted\nPR in (Read keys): Unit attention\nsg_persist failed: Unit attention\n',
      },
      { ...nothing, stdout: '  PR generation=0x3, 1 registered reservation key follows:\n    0xf9660000\n' },
      {
        ...nothing,
        stdout:
          '  PR generation=0x3, Reservation follows:\n    Key=0xf9660000\n    scope: LU_SCOPE,  type: Write Exclusive, registrants only\n',
      },
      {
        exit: 24,
        stdout: '',
        stderr: 'PR out (Preempt and abort): Reservation conflict\nsg_persist failed: Reservation conflict\n',
      },
      {
        ...nothing,
        stdout:
          '  PR generation=0x3\n    Key=0xf9660000\n      All target ports bit clear\n      Relative port address: 0x1\n' +
          '      << Reservation holder >>\n      scope: LU_SCOPE,  type: Write Exclusive, registrants only\n' +
          '      Transport Id of initiator:\n        iSCSI world wide unique port id: iqn.2026-11.lab:nodea,i,0x00023d000001\n',
      },
    ])
  })

  it('fails with the exit status that the cause has', () => {
    const $ = shell()
    $(a, { kind: 'register', key: '0x0', newKey: '0x1' })
    expect([
      $(b, { kind: 'reserve', key: '0x2', type: 5 }).exit,
      $(a, { kind: 'preempt', key: '0x1', victim: '0x0', type: 5 }).exit,
      $(a, { kind: 'register-and-move', key: '0x1', newKey: '0x2', to: b, unregister: true }).exit,
    ]).toEqual([2, 19, 5])
  })

  it('is read as an event like a real one', () => {
    const $ = shell()
    $(a, { kind: 'register', key: '0x0', newKey: '0x1' })
    const event = {
      type: 'keys',
      lun: 'data',
      device: '/dev/sdb',
      action: 'keys',
      began: 0,
      ended: 0,
      attempt: 1,
    } as const
    expect(readKeysEvent({ ...event, ...$(b, { kind: 'read-keys' }) })).toEqual({
      kind: 'answer',
      action: 'keys',
      generation: 1,
      keys: ['0x1'],
    })
  })
})
