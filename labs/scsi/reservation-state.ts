/**
 * The persistent reservation state of one logical unit: what spc4r17 5.7 has a device server keep. Plain data, so that
 * a state can be compared, stored and shown.
 */
import type { FullStatus, KeyTable, ReservationAnswer } from './listing.ts'
import { reservationType, type ReservationType, type ReservationTypeCode, type Standing } from './reservation-type.ts'
import { transportName, type TransportId } from './transport-id.ts'

/** An I_T nexus: an initiator port and the target port (relative target port identifier) that it talks to. */
export interface Nexus {
  readonly transport: TransportId
  readonly relativePort: number
}

/** A nexus of an iSCSI initiator; `isid` is the session id as sg_persist prints it (`0x00023d000001`). */
export function iscsiNexus(name: string, isid = '0x00023d000001', relativePort = 1): Nexus {
  return { transport: { protocol: 'iscsi', name, isid }, relativePort }
}

/** One name for a nexus, the same for equal ones. */
export function nexusName(nexus: Nexus): string {
  return `${transportName(nexus.transport)}@${nexus.relativePort}`
}

export interface Registration {
  readonly nexus: Nexus
  /** normal form, never `0x0` */
  readonly key: string
}

/** Conditions of sense key UNIT ATTENTION, by the names of their additional sense codes. */
export type UnitAttention = 'reservations-preempted' | 'reservations-released' | 'registrations-preempted' | 'power-on'

/** Where targets differ from the standard, and from each other. */
export interface TargetBehaviour {
  /**
   * Does removing one's own registration raise PRGENERATION? spc4r17 6.13.2: every REGISTER does. The Linux target does
   * not (target_core_pr.c, core_scsi3_emulate_pro_register): there, equal generations do not mean equal key lists.
   */
  readonly generationCountsUnregister: boolean
  /** RELEASE by the holder with a type other than the reservation's; SPC-4 says CHECK CONDITION, INVALID RELEASE */
  readonly releaseOfWrongType: 'illegal-request' | 'reservation-conflict'
  /**
   * RESERVE, RELEASE, CLEAR and REGISTER AND MOVE through an unregistered nexus while nothing is reserved; the Linux
   * target says NOT READY, LOGICAL UNIT COMMUNICATION FAILURE (and a conflict once something is reserved)
   */
  readonly unregisteredCommand: 'reservation-conflict' | 'not-ready'
}
export const standardBehaviour: TargetBehaviour = {
  generationCountsUnregister: true,
  releaseOfWrongType: 'illegal-request',
  unregisteredCommand: 'reservation-conflict',
}
/** The kernel's own target (LIO), as drivers/target/target_core_pr.c of mainline Linux reads. */
export const linuxTargetBehaviour: TargetBehaviour = {
  generationCountsUnregister: false,
  releaseOfWrongType: 'reservation-conflict',
  unregisteredCommand: 'not-ready',
}

export interface ReservationState {
  readonly behaviour: TargetBehaviour
  /** PRGENERATION: 32 bits, 0 at power on */
  readonly generation: number
  /** in the order of registering */
  readonly registrations: readonly Registration[]
  readonly reservation: {
    readonly type: ReservationTypeCode
    /** name of the nexus that holds it; null where every registered one does (all-registrants types) */
    readonly holder: string | null
  } | null
  /** pending unit attentions by name of nexus, oldest first; a nexus without any is absent */
  readonly attentions: Readonly<Record<string, readonly UnitAttention[]>>
  /** APTPL of the last successful registration: do registrations and reservation survive a loss of power */
  readonly persistsThroughPowerLoss: boolean
}

/** A logical unit at first power on: no registration, no reservation. */
export function emptyReservationState(behaviour: TargetBehaviour = standardBehaviour): ReservationState {
  return {
    behaviour,
    generation: 0,
    registrations: [],
    reservation: null,
    attentions: {},
    persistsThroughPowerLoss: false,
  }
}

/** The registration of a nexus, if it has one. */
export function registrationOf(state: ReservationState, nexus: Nexus): Registration | undefined {
  const name = nexusName(nexus)
  return state.registrations.find((registration) => nexusName(registration.nexus) === name)
}

/** What a nexus is to the reservation: under an all-registrants type every registrant is a holder (spc4r17 5.7.10). */
export function standingOf(state: ReservationState, nexus: Nexus): Standing {
  if (registrationOf(state, nexus) === undefined) return 'unregistered'
  const { reservation } = state
  if (reservation === null) return 'registrant'
  return reservation.holder === null || reservation.holder === nexusName(nexus) ? 'holder' : 'registrant'
}

/** The type of the reservation that is held, if any. */
export function heldType(state: ReservationState): ReservationType | undefined {
  return state.reservation === null ? undefined : reservationType(state.reservation.type)
}

/** What READ KEYS answers. */
export function keysOf(state: ReservationState): KeyTable {
  return { generation: state.generation, keys: state.registrations.map((registration) => registration.key) }
}

/** What READ RESERVATION answers; the key is zero under an all-registrants type (spc4r17 5.7.10). */
export function reservationOf(state: ReservationState): ReservationAnswer {
  const { generation, reservation } = state
  if (reservation === null) return { generation, reservation: null }
  const holder = state.registrations.find((registration) => nexusName(registration.nexus) === reservation.holder)
  return { generation, reservation: { key: holder?.key ?? '0x0', scope: 'LU_SCOPE', type: reservation.type } }
}

/** What READ FULL STATUS answers. */
export function fullStatusOf(state: ReservationState): FullStatus {
  const { reservation } = state
  return {
    generation: state.generation,
    entries: state.registrations.map(({ nexus, key }) => ({
      key,
      allTargetPorts: false,
      relativePort: nexus.relativePort,
      ...(reservation !== null && standingOf(state, nexus) === 'holder'
        ? { holds: { scope: 'LU_SCOPE' as const, type: reservation.type } }
        : {}),
      transport: nexus.transport,
    })),
  }
}
