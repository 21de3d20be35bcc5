/**
 * What the protocol does with one LUN, told as straight sequences of commands. A task is plain data (which program, and
 * the answers so far); its next command is found by playing the answers back into the program. So the machine's state
 * stays data, and the sequences stay readable.
 *
 * Rules: SPC-4 5.12 (persistent reservations). A unit attention means that the command was not executed: it is repeated,
 * twice at most (a target may hold "registrations preempted" and "reservations released" for the same nexus). A failed read is never an empty key table. Only a registered nexus can preempt, which makes each coordination
 * point exclusive (VCS I/O fencing).
 */
import type { DiskAnswer, DiskOperation } from './disk.ts'
import { WRITE_EXCLUSIVE_REGISTRANTS_ONLY } from './disk.ts'

export type LunProgram =
  | { readonly kind: 'read' }
  | { readonly kind: 'register'; readonly own: string }
  | { readonly kind: 'unregister'; readonly own: string }
  /** a data disk of a leaving node; `release`: its reservation may end with its key */
  | { readonly kind: 'leave-data'; readonly own: string; readonly release: boolean }
  /** a starting node and a data disk: refuse foreign keys, register, see that the reservation is held */
  | { readonly kind: 'join-data'; readonly own: string; readonly known: readonly string[] }
  /** one coordination point of a race; `victims`: the leavers' keys, lowest node first */
  | { readonly kind: 'race'; readonly own: string; readonly victims: readonly string[] }
  /** a data disk before the group may start: only keys of `keep` remain, the reservation is held */
  | {
      readonly kind: 'secure'
      readonly own: string
      readonly keep: readonly string[]
      readonly known: readonly string[]
    }
  /** these commands one after the other, each once, whatever comes of them */
  | { readonly kind: 'steps'; readonly operations: readonly DiskOperation[] }
  /** can the LUN be reached */
  | { readonly kind: 'look' }
  /** a data disk that is to belong to this node alone, as in SCSI-2; `reset`: whoever holds it now */
  | { readonly kind: 'take-lun'; readonly reset: boolean }
  | { readonly kind: 'give-lun' }
  /** a coordination point after a won race: register again where the race was lost, remove what the leavers left */
  | { readonly kind: 'repair'; readonly own: string; readonly victims: readonly string[] }

export type LunOutcome =
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'done'; readonly text: string }
  /** join-data: done, and a reservation was held before this node came */
  | { readonly kind: 'found-reserved'; readonly text: string }
  /** leave-data: this node holds the reservation, and leaves it and its key where they are */
  | { readonly kind: 'kept'; readonly text: string }
  | { readonly kind: 'won'; readonly text: string }
  | { readonly kind: 'lost'; readonly text: string }
  | { readonly kind: 'own-key-missing' }
  | { readonly kind: 'foreign-key'; readonly keys: readonly string[] }
  | { readonly kind: 'answers'; readonly answers: readonly DiskAnswer[] }
  | { readonly kind: 'failed'; readonly text: string }

export interface LunTask {
  readonly lun: string
  readonly program: LunProgram
  readonly answers: readonly DiskAnswer[]
}

type Sequence<T> = Generator<DiskOperation, T, DiskAnswer>

/** The command the task is at, or what came of it. */
export function nextOfTask(task: LunTask): { readonly operation: DiskOperation } | { readonly outcome: LunOutcome } {
  const sequence = runProgram(task.program)
  let at = sequence.next()
  for (const answer of task.answers) {
    if (at.done) break
    at = sequence.next(answer)
  }
  return at.done ? { outcome: at.value } : { operation: at.value }
}

function runProgram(program: LunProgram): Sequence<LunOutcome> {
  switch (program.kind) {
    case 'read':
      return read()
    case 'register':
      return register(program.own)
    case 'unregister':
      return unregister(program.own)
    case 'leave-data':
      return leaveData(program.own, program.release)
    case 'join-data':
      return joinData(program.own, program.known)
    case 'race':
      return race(program.own, program.victims)
    case 'secure':
      return secure(program.own, program.keep, program.known)
    case 'repair':
      return repair(program.own, program.victims)
    case 'steps':
      return steps(program.operations)
    case 'look':
      return look()
    case 'take-lun':
      return takeLun(program.reset)
    case 'give-lun':
      return giveLun()
  }
}

function* ask(operation: DiskOperation): Sequence<DiskAnswer> {
  let answer = yield operation
  for (let again = 1; again <= 2 && answer.result === 'unit-attention'; again++) answer = yield operation
  return answer
}

function* read(): Sequence<LunOutcome> {
  const answer = yield* ask({ kind: 'read-keys' })
  return answer.result === 'good' && answer.keys ? { kind: 'keys', keys: answer.keys } : failure('read-keys', answer)
}

function* register(own: string): Sequence<LunOutcome> {
  const answer = yield* ask({ kind: 'register-ignore', key: own })
  return answer.result === 'good' ? { kind: 'done', text: 'registered' } : failure('register', answer)
}

function* unregister(own: string): Sequence<LunOutcome> {
  const answer = yield* ask({ kind: 'unregister', key: own })
  if (answer.result === 'conflict') return { kind: 'done', text: 'was not registered' }
  return answer.result === 'good' ? { kind: 'done', text: 'unregistered' } : failure('unregister', answer)
}

/**
 * The holder of a registrants-only reservation releases it by unregistering (SPC-4 5.12.11). Until somebody reserves
 * again, a node that was ejected could write. So the holder leaves its key to the others, who take key and reservation
 * with one PREEMPT.
 */
function* leaveData(own: string, release: boolean): Sequence<LunOutcome> {
  if (!release) {
    const held = yield* ask({ kind: 'read-reservation' })
    if (held.result !== 'good' || held.reservation === undefined) return failure('read-reservation', held)
    if (held.reservation?.key === own) return { kind: 'kept', text: 'this node holds the reservation, which stays' }
  }
  return yield* unregister(own)
}

function* joinData(own: string, known: readonly string[]): Sequence<LunOutcome> {
  const keys = yield* read()
  if (keys.kind !== 'keys') return keys
  const foreign = keys.keys.filter((key) => !known.includes(key))
  if (foreign.length > 0) return { kind: 'foreign-key', keys: foreign }
  const registered = yield* register(own)
  return registered.kind === 'done' ? yield* holdReservation(own) : registered
}

/** Sees that the disk is reserved: whoever holds a registrants-only reservation, it serves all who are registered. */
function* holdReservation(own: string): Sequence<LunOutcome> {
  const type = WRITE_EXCLUSIVE_REGISTRANTS_ONLY
  for (let attempt = 1; attempt <= 2; attempt++) {
    const held = yield* ask({ kind: 'read-reservation' })
    if (held.result !== 'good' || held.reservation === undefined) return failure('read-reservation', held)
    if (held.reservation?.type === type) return { kind: 'found-reserved', text: `reservation type ${type} is held` }
    if (held.reservation) {
      const { key, type: other } = held.reservation
      return { kind: 'failed', text: `key ${key} holds a reservation of type ${other} where type ${type} is needed` }
    }
    const reserved = yield* ask({ kind: 'reserve', key: own, type })
    if (reserved.result === 'good') return { kind: 'done', text: `reserved type ${type}` }
    // A conflict: a peer was faster. The second look tells.
    if (reserved.result !== 'conflict') return failure('reserve', reserved)
  }
  return { kind: 'failed', text: 'reserve: conflict, but no reservation is held' }
}

function* race(own: string, victims: readonly string[]): Sequence<LunOutcome> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    const seen = yield* read()
    if (seen.kind !== 'keys') return { kind: 'lost', text: seen.kind === 'failed' ? seen.text : seen.kind }
    if (!seen.keys.includes(own)) return { kind: 'lost', text: 'own key is gone' }
    let conflict = false
    for (const victim of victims.filter((key) => seen.keys.includes(key))) {
      const answer = yield* ask(preempt(own, victim))
      if (answer.result === 'good') continue
      if (answer.result !== 'conflict') return { kind: 'lost', text: failureText('preempt', answer) }
      conflict = true
      break
    }
    if (!conflict) return { kind: 'won', text: "leavers' keys are gone" }
    // Either the own key or the victim's went away meanwhile: the next read decides.
  }
  return { kind: 'lost', text: 'preempt: conflict twice' }
}

function* secure(own: string, keep: readonly string[], known: readonly string[]): Sequence<LunOutcome> {
  let ejected: readonly string[] = []
  for (let attempt = 1; attempt <= 4; attempt++) {
    const seen = yield* read()
    if (seen.kind !== 'keys') return seen
    // Never register again here: whoever took this key away may have been right.
    if (!seen.keys.includes(own)) return { kind: 'own-key-missing' }
    const foreign = seen.keys.filter((key) => !known.includes(key))
    if (foreign.length > 0) return { kind: 'foreign-key', keys: foreign }
    const victims = [...new Set(seen.keys.filter((key) => !keep.includes(key)))]
    if (victims.length === 0) {
      const held = yield* holdReservation(own)
      if (held.kind !== 'done' && held.kind !== 'found-reserved') return held
      return { kind: 'done', text: ejected.length > 0 ? `ejected ${ejected.join(', ')}` : 'nothing to eject' }
    }
    for (const victim of victims) {
      const answer = yield* ask(preempt(own, victim))
      if (answer.result !== 'good' && answer.result !== 'conflict') return failure('preempt', answer)
      if (answer.result === 'good') ejected = [...ejected, victim]
    }
  }
  return { kind: 'failed', text: 'keys of nodes that are no members keep coming back' }
}

function* repair(own: string, victims: readonly string[]): Sequence<LunOutcome> {
  const seen = yield* read()
  if (seen.kind !== 'keys') return seen
  if (!seen.keys.includes(own)) {
    const registered = yield* register(own)
    if (registered.kind !== 'done') return registered
  }
  for (const victim of victims.filter((key) => seen.keys.includes(key))) {
    const answer = yield* ask(preempt(own, victim))
    if (answer.result !== 'good' && answer.result !== 'conflict') return failure('preempt', answer)
  }
  return { kind: 'done', text: 'own key there, leavers gone' }
}

function* steps(operations: readonly DiskOperation[]): Sequence<LunOutcome> {
  const answers: DiskAnswer[] = []
  for (const operation of operations) answers.push(yield operation)
  return { kind: 'answers', answers }
}

function* look(): Sequence<LunOutcome> {
  const answer = yield* ask({ kind: 'test-unit-ready' })
  return answer.result === 'good' ? { kind: 'done', text: 'ready' } : failure('test-unit-ready', answer)
}

/**
 * SPC-2: a LOGICAL UNIT RESET drops the reservation and tells everybody, this node included. Under another's reservation
 * TEST UNIT READY conflicts (SPC-2; the Linux target does so), so a good one says that it is held here, or by nobody.
 */
function* takeLun(reset: boolean): Sequence<LunOutcome> {
  let wasReset = false
  for (const withReset of reset ? [true] : [false, true]) {
    if (withReset) {
      const answer = yield { kind: 'reset-lun' }
      if (answer.result !== 'good') return failure('reset-lun', answer)
      wasReset = true
    }
    const answer = yield* ask({ kind: 'reserve-6' })
    if (answer.result === 'conflict' && !withReset) continue
    if (answer.result !== 'good') return failure('reserve-6', answer)
    const ready = yield* ask({ kind: 'test-unit-ready' })
    if (ready.result !== 'good') return failure('test-unit-ready', ready)
    return { kind: 'done', text: wasReset ? 'reserved after a reset' : 'reserved' }
  }
  return { kind: 'failed', text: 'reserve-6: conflict' }
}

function* giveLun(): Sequence<LunOutcome> {
  const answer = yield* ask({ kind: 'release-6' })
  return answer.result === 'good' ? { kind: 'done', text: 'released' } : failure('release-6', answer)
}

function preempt(own: string, victim: string): DiskOperation {
  return { kind: 'preempt-abort', key: own, victim, type: WRITE_EXCLUSIVE_REGISTRANTS_ONLY }
}

function failure(what: string, answer: DiskAnswer): LunOutcome {
  return { kind: 'failed', text: failureText(what, answer) }
}

function failureText(what: string, answer: DiskAnswer): string {
  const text = answer.result === 'good' ? 'an answer without its content' : answer.result
  return `${what}: ${text}${answer.result !== 'good' && answer.text ? ` (${answer.text})` : ''}`
}
