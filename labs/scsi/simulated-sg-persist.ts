/** The model behind the words of sg_persist: what the program prints, and the status it exits with, for a command. */
import { assertNever } from '../assert-never.ts'
import { formatFullStatus, formatKeys, formatReservation } from './format-listing.ts'
import { apply, type ReservationCommand, type ReservationResult } from './reservation-model.ts'
import {
  fullStatusOf,
  keysOf,
  reservationOf,
  type Nexus,
  type ReservationState,
  type UnitAttention,
} from './reservation-state.ts'

/** The commands that sg_persist sends. */
export type SgPersistCommand = Exclude<ReservationCommand, { kind: 'read' | 'write' | 'test-unit-ready' | 'inquiry' }>

export interface SgPersistRun {
  readonly state: ReservationState
  readonly aborted: readonly Nexus[]
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `sg_persist --no-inquiry` with one command through `nexus`: text and exit status as of sg3_utils 1.48. */
export function runSgPersist(state: ReservationState, nexus: Nexus, command: SgPersistCommand): SgPersistRun {
  const result = apply(state, nexus, command)
  return { state: result.state, aborted: result.aborted, ...answer(command, result) }
}

function answer(
  command: SgPersistCommand,
  result: ReservationResult,
): Pick<SgPersistRun, 'exit' | 'stdout' | 'stderr'> {
  const [direction, action] = actionWords[command.kind]
  const failed = (exit: number, words: string, category = words, before = '') => ({
    exit,
    stdout: '',
    stderr: `${before}PR ${direction} (${action}): ${words}\nsg_persist failed: ${category}\n`,
  })
  switch (result.status) {
    case 'good':
      return { exit: 0, stdout: listing(command, result.state), stderr: '' }
    case 'reservation-conflict':
      return failed(24, 'Reservation conflict')
    case 'unit-attention':
      return failed(
        6,
        'Unit attention',
        'Unit attention',
        `Persistent reservation ${direction}:\nFixed format, current; Sense key: Unit Attention\n` +
          `Additional sense: ${attentionWords[result.attention]}\n`,
      )
    case 'illegal-request':
      return result.sense === 'invalid-field-in-parameter-list'
        ? failed(19, 'Illegal request, Invalid field in parameter list')
        : failed(5, 'bad field in cdb or parameter list (perhaps unsupported service action)', 'Illegal request')
    case 'not-ready':
      return failed(2, 'Device not ready')
    default:
      return assertNever(result, 'status')
  }
}

function listing(command: SgPersistCommand, state: ReservationState): string {
  if (command.kind === 'read-keys') return formatKeys(keysOf(state))
  if (command.kind === 'read-reservation') return formatReservation(reservationOf(state))
  return command.kind === 'read-full-status' ? formatFullStatus(fullStatusOf(state)) : ''
}

const actionWords: Readonly<Record<SgPersistCommand['kind'], readonly ['in' | 'out', string]>> = {
  'read-keys': ['in', 'Read keys'],
  'read-reservation': ['in', 'Read reservation'],
  'read-full-status': ['in', 'Read full status'],
  register: ['out', 'Register'],
  'register-and-ignore': ['out', 'Register and ignore existing key'],
  'register-and-move': ['out', 'Register and move'],
  reserve: ['out', 'Reserve'],
  release: ['out', 'Release'],
  clear: ['out', 'Clear'],
  preempt: ['out', 'Preempt'],
  'preempt-and-abort': ['out', 'Preempt and abort'],
}

/** Names of the additional sense codes 2A/03, 2A/04, 2A/05 and 29/00 as sg3_utils prints them. */
const attentionWords: Readonly<Record<UnitAttention, string>> = {
  'reservations-preempted': 'Reservations preempted',
  'reservations-released': 'Reservations released',
  'registrations-preempted': 'Registrations preempted',
  'power-on': 'Power on, reset, or bus device reset occurred',
}
