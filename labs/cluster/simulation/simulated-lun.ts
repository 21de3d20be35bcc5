/**
 * A LUN as the kernel's own target (LIO) has it. Persistent reservations are those of the model in labs/scsi; here SCSI-2
 * RESERVE and RELEASE and the reset are added. One nexus per node, named like the node.
 *
 * Sources: drivers/target/target_core_pr.c (target_scsi2_reservation_check: everybody but the holder is refused all but
 * INQUIRY and RELEASE; PERSISTENT RESERVE IN and OUT are refused to everybody while a SCSI-2 reservation is held; RESERVE
 * is refused while anybody is registered), target_core_tmr.c (a reset drops the SCSI-2 reservation and leaves persistent
 * ones, everybody is told by a unit attention).
 */
import { apply, mayAccess } from '../../scsi/reservation-model.ts'
import type { ReservationCommand } from '../../scsi/reservation-model.ts'
import { emptyReservationState, iscsiNexus, linuxTargetBehaviour, nexusName } from '../../scsi/reservation-state.ts'
import { keysOf, reservationOf } from '../../scsi/reservation-state.ts'
import { reservationType } from '../../scsi/reservation-type.ts'
import type { Nexus, UnitAttention } from '../../scsi/reservation-state.ts'
import type { ReservationTypeCode } from '../../scsi/reservation-type.ts'
import type { DiskAnswer, DiskOperation, Reservation } from '../disk.ts'

export interface SimulatedLun {
  readonly name: string
  /** Executes a command that arrived through the nexus. */
  execute(nexus: string, operation: DiskOperation): DiskAnswer
  mayWrite(nexus: string): boolean
  mayRead(nexus: string): boolean
  /** The state as an observer reads it. */
  look(): {
    readonly generation: number
    readonly keys: readonly string[]
    readonly reservation: Reservation | null
    /** who holds the SCSI-2 reservation */
    readonly reservedBy: string | null
  }
  /** Puts a key there that no command of this world registered. */
  plant(nexus: string, key: string): void
  /** Somebody behind the cluster's back removes all keys. */
  clear(): void
}

type PersistentOperation = Exclude<DiskOperation, { kind: 'reserve-6' | 'release-6' | 'reset-lun' }>

export function createSimulatedLun(name: string): SimulatedLun {
  let state = emptyReservationState(linuxTargetBehaviour)
  let reservedBy: string | null = null
  const nexuses = new Map<string, Nexus>()

  function nexusOf(node: string): Nexus {
    const known = nexuses.get(node) ?? iscsiNexus(node)
    nexuses.set(node, known)
    return known
  }

  function persistent(node: string, operation: PersistentOperation): DiskAnswer {
    const result = apply(state, nexusOf(node), commandOf(operation))
    ;({ state } = result)
    switch (result.status) {
      case 'good':
        if (operation.kind === 'read-keys') return { result: 'good', keys: keysOf(state).keys, exit: 0 }
        if (operation.kind === 'read-reservation') return { result: 'good', reservation: held(), exit: 0 }
        return { result: 'good', exit: 0 }
      case 'reservation-conflict':
        return { result: 'conflict', exit: 24 }
      case 'unit-attention':
        return { result: 'unit-attention', exit: 6 }
      case 'illegal-request':
        return { result: 'other', exit: 5 }
      case 'not-ready':
        return { result: 'unreachable', exit: 2 }
    }
  }

  function held(): Reservation | null {
    const { reservation } = reservationOf(state)
    return reservation && { key: reservation.key, type: reservation.type }
  }

  function reset(): DiskAnswer {
    reservedBy = null
    const attention: readonly UnitAttention[] = ['power-on']
    const told = Object.fromEntries([...nexuses.values()].map((nexus) => [nexusName(nexus), attention]))
    state = { ...state, attentions: { ...state.attentions, ...told } }
    return { result: 'good', exit: 0 }
  }

  function execute(node: string, operation: DiskOperation): DiskAnswer {
    // A task management function is no command: no reservation and no unit attention stops it.
    if (operation.kind === 'reset-lun') return reset()
    const free = apply(state, nexusOf(node), { kind: 'test-unit-ready' })
    if (free.status === 'unit-attention') {
      ;({ state } = free)
      return { result: 'unit-attention', exit: 6 }
    }
    const conflict: DiskAnswer = { result: 'conflict', exit: 24 }
    if (operation.kind === 'release-6') {
      if (reservedBy === node) reservedBy = null
      return { result: 'good', exit: 0 }
    }
    if (reservedBy !== null && reservedBy !== node) return conflict
    if (operation.kind === 'reserve-6') {
      if (state.registrations.length > 0) return conflict
      reservedBy = node
      return { result: 'good', exit: 0 }
    }
    if (reservedBy !== null && operation.kind !== 'test-unit-ready') return conflict
    return persistent(node, operation)
  }

  function may(node: string, access: 'read' | 'write'): boolean {
    return reservedBy === null ? mayAccess(state, nexusOf(node), access) : reservedBy === node
  }

  /** As a person would: what a unit attention kept from being executed is sent again. */
  function insist(node: string, command: ReservationCommand): void {
    let result = apply(state, nexusOf(node), command)
    while (result.status === 'unit-attention') result = apply(result.state, nexusOf(node), command)
    ;({ state } = result)
  }

  function plant(node: string, key: string): void {
    insist(node, { kind: 'register-and-ignore', newKey: key })
  }

  return {
    name,
    execute,
    mayWrite: (node) => may(node, 'write'),
    mayRead: (node) => may(node, 'read'),
    look: () => ({
      generation: state.generation,
      keys: [...keysOf(state).keys].sort(),
      reservation: held(),
      reservedBy,
    }),
    plant,
    clear() {
      plant('somebody', '0xc1ea4')
      insist('somebody', { kind: 'clear', key: '0xc1ea4' })
    },
  }
}

function commandOf(operation: PersistentOperation): ReservationCommand {
  switch (operation.kind) {
    case 'read-keys':
    case 'read-reservation':
    case 'test-unit-ready':
      return { kind: operation.kind }
    case 'register-ignore':
      return { kind: 'register-and-ignore', newKey: operation.key }
    case 'unregister':
      return { kind: 'register', key: operation.key, newKey: '0x0' }
    case 'register':
      return { kind: 'register', key: operation.from ?? '0x0', newKey: operation.key }
    case 'clear':
      return { kind: 'clear', key: operation.key }
    case 'reserve':
      return { kind: 'reserve', key: operation.key, type: codeOf(operation.type) }
    case 'preempt-abort':
      return {
        kind: 'preempt-and-abort',
        key: operation.key,
        victim: operation.victim,
        type: codeOf(operation.type),
      }
  }
}

function codeOf(type: number): ReservationTypeCode {
  const known = reservationType(type)
  if (!known) throw new Error(`reservation type ${type} is obsolete`)
  return known.code
}
