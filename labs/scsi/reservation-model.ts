/**
 * Persistent reservations as an executable model: one command in, the next state and the status out.
 * Sources: spc4r17 5.7, 6.13 and 6.14 (the clauses are named below); where the standard leaves room, what the Linux
 * target does (drivers/target/target_core_pr.c). Not modelled: ALL_TG_PT and SPEC_I_PT, REPLACE LOST RESERVATION, and
 * SCSI-2 RESERVE and RELEASE.
 */
import { assertNever } from '../assert-never.ts'
import { mayRead, mayWrite, reservationType, type ReservationTypeCode } from './reservation-type.ts'
import {
  heldType,
  nexusName,
  registrationOf,
  standingOf,
  type Nexus,
  type Registration,
  type ReservationState,
  type UnitAttention,
} from './reservation-state.ts'
import { transportName } from './transport-id.ts'

/**
 * Keys in normal form. `key` is the RESERVATION KEY field (the nexus's own key); `newKey` and `victim` are the SERVICE
 * ACTION RESERVATION KEY field.
 */
export type ReservationCommand =
  | { readonly kind: 'register'; readonly key: string; readonly newKey: string; readonly persist?: boolean }
  | { readonly kind: 'register-and-ignore'; readonly newKey: string; readonly persist?: boolean }
  | {
      readonly kind: 'register-and-move'
      readonly key: string
      readonly newKey: string
      readonly to: Nexus
      readonly unregister: boolean
      readonly persist?: boolean
    }
  | { readonly kind: 'reserve'; readonly key: string; readonly type: ReservationTypeCode }
  | { readonly kind: 'release'; readonly key: string; readonly type: ReservationTypeCode }
  | { readonly kind: 'clear'; readonly key: string }
  | {
      readonly kind: 'preempt' | 'preempt-and-abort'
      readonly key: string
      readonly victim: string
      readonly type: ReservationTypeCode
    }
  | { readonly kind: 'read-keys' | 'read-reservation' | 'read-full-status' }
  | { readonly kind: 'read' | 'write' | 'test-unit-ready' | 'inquiry' }

export type ReservationStatus =
  | { readonly status: 'good' }
  | { readonly status: 'reservation-conflict' }
  /** CHECK CONDITION, the command was not executed; the condition is no longer pending */
  | { readonly status: 'unit-attention'; readonly attention: UnitAttention }
  | {
      readonly status: 'illegal-request'
      readonly sense: 'invalid-field-in-cdb' | 'invalid-field-in-parameter-list' | 'invalid-release'
    }
  | { readonly status: 'not-ready' }

export type ReservationResult = ReservationStatus & {
  readonly state: ReservationState
  /** nexuses whose other commands under way were aborted (PREEMPT AND ABORT): their writes do not land any more */
  readonly aborted: readonly Nexus[]
}

/**
 * Executes one command that arrived through `nexus`. A pending unit attention is told first and instead, to
 * PERSISTENT RESERVE IN too; INQUIRY alone passes it (SAM-5, unit attention conditions; the Linux
 * target does the same).
 */
export function apply(state: ReservationState, nexus: Nexus, command: ReservationCommand): ReservationResult {
  const [attention, ...later] = state.attentions[nexusName(nexus)] ?? []
  if (attention !== undefined && command.kind !== 'inquiry') {
    return { status: 'unit-attention', attention, state: withAttentions(state, nexusName(nexus), later), aborted: [] }
  }
  switch (command.kind) {
    case 'register':
      return register(state, nexus, command.key, command.newKey, command.persist ?? false)
    case 'register-and-ignore':
      return register(state, nexus, null, command.newKey, command.persist ?? false)
    case 'register-and-move':
      return registerAndMove(state, nexus, command)
    case 'reserve':
      return reserve(state, nexus, command.key, command.type)
    case 'release':
      return release(state, nexus, command.key, command.type)
    case 'clear':
      return clear(state, nexus, command.key)
    case 'preempt':
    case 'preempt-and-abort':
      return preempt(state, nexus, command)
    case 'read':
    case 'write':
      return mayAccess(state, nexus, command.kind) ? good(state) : conflict(state)
    case 'read-keys':
    case 'read-reservation':
    case 'read-full-status':
    case 'test-unit-ready':
    case 'inquiry':
      return good(state)
    default:
      return assertNever(command, 'reservation command')
  }
}

/** Does the reservation let this nexus read or write the medium? */
export function mayAccess(state: ReservationState, nexus: Nexus, access: 'read' | 'write'): boolean {
  const type = heldType(state)
  if (type === undefined) return true
  return access === 'read' ? mayRead(type, standingOf(state, nexus)) : mayWrite(type, standingOf(state, nexus))
}

/**
 * The target loses power and comes back: generation 0; registrations and reservation only where the last registration
 * asked for it (APTPL, spc4r17 6.14). Every nexus that the state knows finds a unit attention POWER ON.
 */
export function losePower(state: ReservationState): ReservationState {
  const known = new Set([...state.registrations.map(({ nexus }) => nexusName(nexus)), ...Object.keys(state.attentions)])
  const kept = state.persistsThroughPowerLoss
  return {
    ...state,
    generation: 0,
    registrations: kept ? state.registrations : [],
    reservation: kept ? state.reservation : null,
    attentions: Object.fromEntries([...known].map((name) => [name, ['power-on']])),
  }
}

/** REGISTER, and with `key` null REGISTER AND IGNORE EXISTING KEY (spc4r17 5.7.7). Allowed under any reservation. */
function register(state: ReservationState, nexus: Nexus, key: string | null, newKey: string, persist: boolean) {
  const own = registrationOf(state, nexus)
  if (key !== null && key !== (own?.key ?? '0x0')) return conflict(state)
  if (newKey !== '0x0') {
    return good({
      ...nextGeneration(withRegistration(state, { nexus, key: newKey })),
      persistsThroughPowerLoss: persist,
    })
  }
  // Unregistering a nexus that is not registered does nothing, and does it well.
  if (own === undefined) return good(state)
  const left = { ...unregister(state, nexus), persistsThroughPowerLoss: persist }
  return good(state.behaviour.generationCountsUnregister ? nextGeneration(left) : left)
}

/** A holder that unregisters lets go of the reservation, unless other registrants hold it too (spc4r17 5.7.11.3). */
function unregister(state: ReservationState, nexus: Nexus): ReservationState {
  const wasHolder = state.reservation?.holder === nexusName(nexus)
  const type = heldType(state)
  const left = withoutRegistrations(state, [nexus])
  if (!wasHolder) return left
  const released = { ...left, reservation: null }
  return type?.access === 'registrants' ? attend(released, left.registrations, 'reservations-released') : released
}

/** spc4r17 5.7.8. */
function registerAndMove(
  state: ReservationState,
  nexus: Nexus,
  command: Extract<ReservationCommand, { kind: 'register-and-move' }>,
) {
  const own = registrationOf(state, nexus)
  if (own === undefined) return refuseUnregistered(state)
  if (own.key !== command.key) return conflict(state)
  if (command.newKey === '0x0') return illegal(state, 'invalid-field-in-parameter-list')
  if (transportName(command.to.transport) === transportName(nexus.transport)) {
    return illegal(state, 'invalid-field-in-parameter-list')
  }
  if (state.reservation === null) return illegal(state, 'invalid-field-in-cdb')
  // An all-registrants reservation has nobody to be moved from.
  if (state.reservation.holder !== nexusName(nexus)) return conflict(state)
  const registered = withRegistration(state, { nexus: command.to, key: command.newKey })
  const moved = { ...registered, reservation: { ...state.reservation, holder: nexusName(command.to) } }
  const left = command.unregister ? withoutRegistrations(moved, [nexus]) : moved
  return good({ ...nextGeneration(left), persistsThroughPowerLoss: command.persist ?? false })
}

/** spc4r17 5.7.9: a holder may repeat its RESERVE, but not change the type. */
function reserve(state: ReservationState, nexus: Nexus, key: string, type: ReservationTypeCode) {
  const own = registrationOf(state, nexus)
  if (own === undefined) return refuseUnregistered(state)
  if (own.key !== key) return conflict(state)
  if (state.reservation !== null) {
    return standingOf(state, nexus) === 'holder' && state.reservation.type === type ? good(state) : conflict(state)
  }
  return good({ ...state, reservation: reservationFor(nexus, type) })
}

/** spc4r17 5.7.11.2: a registrant that is no holder releases nothing, with status GOOD. */
function release(state: ReservationState, nexus: Nexus, key: string, type: ReservationTypeCode) {
  const own = registrationOf(state, nexus)
  if (own === undefined) return refuseUnregistered(state)
  if (own.key !== key) return conflict(state)
  if (state.reservation === null || standingOf(state, nexus) !== 'holder') return good(state)
  if (state.reservation.type !== type) {
    return state.behaviour.releaseOfWrongType === 'illegal-request'
      ? illegal(state, 'invalid-release')
      : conflict(state)
  }
  const released = { ...state, reservation: null }
  const tell = reservationType(type)?.access === 'registrants' ? others(state.registrations, nexus) : []
  return good(attend(released, tell, 'reservations-released'))
}

/** spc4r17 5.7.11.6: any registrant may; nothing is aborted. */
function clear(state: ReservationState, nexus: Nexus, key: string) {
  const own = registrationOf(state, nexus)
  if (own === undefined) return refuseUnregistered(state)
  if (own.key !== key) return conflict(state)
  const cleared = { ...state, registrations: [], reservation: null }
  return good(nextGeneration(attend(cleared, others(state.registrations, nexus), 'reservations-preempted')))
}

/**
 * spc4r17 5.7.11.4 and SPC-4 5.12.11.2.6. `victim` is the holder's key (or zero under an all-registrants reservation):
 * the reservation is the preemptor's from now on. Any other key: all registrations with it go,
 * the preemptor's among them if the key is its own. A key that nobody has: conflict, and nothing changes.
 */
function preempt(
  state: ReservationState,
  nexus: Nexus,
  { kind, key, victim, type }: Extract<ReservationCommand, { kind: 'preempt' | 'preempt-and-abort' }>,
): ReservationResult {
  if (registrationOf(state, nexus)?.key !== key) return conflict(state)
  const held = state.reservation
  const byAll = held !== null && held.holder === null
  if (victim === '0x0' && !byAll) return illegal(state, 'invalid-field-in-parameter-list')
  const victims = state.registrations.filter((registration) => victim === '0x0' || registration.key === victim)
  if (victims.length === 0) return conflict(state)

  const takesOver = byAll
    ? victim === '0x0'
    : victims.some((registration) => nexusName(registration.nexus) === held?.holder)
  const removed = takesOver ? others(victims, nexus) : victims
  let after = withoutRegistrations(
    state,
    removed.map((registration) => registration.nexus),
  )
  after = attend(after, others(removed, nexus), 'registrations-preempted')
  if (takesOver) {
    after = { ...after, reservation: reservationFor(nexus, type) }
    if (held?.type !== type) after = attend(after, others(after.registrations, nexus), 'reservations-released')
  }
  const aborted = kind === 'preempt-and-abort' ? victims.map((registration) => registration.nexus) : []
  return { ...good(nextGeneration(after)), aborted }
}

function reservationFor(nexus: Nexus, type: ReservationTypeCode): ReservationState['reservation'] {
  return { type, holder: reservationType(type)?.held === 'by-all-registrants' ? null : nexusName(nexus) }
}

function good(state: ReservationState): ReservationResult {
  return { status: 'good', state, aborted: [] }
}
function conflict(state: ReservationState): ReservationResult {
  return { status: 'reservation-conflict', state, aborted: [] }
}
function illegal(
  state: ReservationState,
  sense: Extract<ReservationStatus, { status: 'illegal-request' }>['sense'],
): ReservationResult {
  return { status: 'illegal-request', sense, state, aborted: [] }
}
function refuseUnregistered(state: ReservationState): ReservationResult {
  return state.behaviour.unregisteredCommand === 'not-ready' && state.reservation === null
    ? { status: 'not-ready', state, aborted: [] }
    : conflict(state)
}

/** PRGENERATION is a wrapping counter of 32 bits (spc4r17 6.13.2). */
function nextGeneration(state: ReservationState): ReservationState {
  return { ...state, generation: (state.generation + 1) % 2 ** 32 }
}

function withRegistration(state: ReservationState, registration: Registration): ReservationState {
  const name = nexusName(registration.nexus)
  const known = state.registrations.some(({ nexus }) => nexusName(nexus) === name)
  return {
    ...state,
    registrations: known
      ? state.registrations.map((present) => (nexusName(present.nexus) === name ? registration : present))
      : [...state.registrations, registration],
  }
}

/** Without its last registrant an all-registrants reservation has no holder and is gone (spc4r17 5.7.11.1). */
function withoutRegistrations(state: ReservationState, nexuses: readonly Nexus[]): ReservationState {
  const names = new Set(nexuses.map(nexusName))
  const registrations = state.registrations.filter(({ nexus }) => !names.has(nexusName(nexus)))
  const gone = registrations.length === 0 && state.reservation?.holder === null
  return { ...state, registrations, ...(gone ? { reservation: null } : {}) }
}

function others(registrations: readonly Registration[], nexus: Nexus): readonly Registration[] {
  const name = nexusName(nexus)
  return registrations.filter((registration) => nexusName(registration.nexus) !== name)
}

/** A condition that is pending already is not established twice. */
function attend(
  state: ReservationState,
  registrations: readonly Registration[],
  attention: UnitAttention,
): ReservationState {
  return registrations.reduce((before, { nexus }) => {
    const name = nexusName(nexus)
    const pending = before.attentions[name] ?? []
    return pending.includes(attention) ? before : withAttentions(before, name, [...pending, attention])
  }, state)
}

function withAttentions(state: ReservationState, name: string, pending: readonly UnitAttention[]): ReservationState {
  const rest = Object.entries(state.attentions).filter(([other]) => other !== name)
  return { ...state, attentions: Object.fromEntries(pending.length === 0 ? rest : [...rest, [name, pending]]) }
}
