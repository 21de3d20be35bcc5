import { fullStatusReadings, keyReadings, lookedSince, type Reading } from '../../journal/key-tables.ts'
import { ofType } from '../../journal/run.ts'
import { typeWords } from '../../scsi/reservation-type.ts'
import { all, believable, holds, isBelievable, list, unknown, violated, type Case, type Finding } from '../case.ts'
import { keyPolicyOf } from '../key-policy.ts'
import { finalSince, lastLooksPerhaps, refutedLooks } from '../last-looks.ts'
import { arrayViewOf } from '../array-view.ts'
import { recordedStack } from '../../stacks/stack-of.ts'
import { foldDiskOperations, type DiskOperation } from '../../journal/disk-operations.ts'
import type { LunRecord } from '../../journal/event.ts'
import type { FullStatusEntry } from '../../scsi/listing.ts'
import type { Invariant } from './invariant.ts'

/**
 * In the end everybody who can be believed sees the same, on every LUN: which keys are registered, who holds the
 * reservation and of which type, which initiator port registered which key (READ FULL STATUS), what the array says of
 * itself, and what the nodes' own commands were answered. It does not matter whose look was the last: a table that does not
 * change looks the same to everybody (SPC-4 5.13.1: it belongs to the logical unit, not to a port), so one who sees another
 * one reads a stale copy, or the others do.
 *
 * Never says that the cluster did wrong, but for one thing that only the full status can show: a key of one node that is
 * registered from another node's initiator port.
 */
export const viewersAgree: Invariant = { name: 'viewers-agree', check }

function check(run: Case): Finding | undefined {
  const since = finalSince(run)
  if (since === undefined) return unknown('the run did not come to its end: nobody looked then')
  const stack = recordedStack(run.started.testbed)
  const operations = stack ? foldDiskOperations(run.lines, stack.readDiskOperation) : []
  const parts = run.started.testbed.luns.flatMap((lun) => ofLun(run, lun, since, operations))
  // a cluster that registers no keys has no tables to look at
  return parts.length === 0 && !registersKeys(run)
    ? undefined
    : all(parts, 'no LUN was looked at in the end by anybody who can be believed')
}

function ofLun(run: Case, lun: LunRecord, since: number, operations: readonly DiskOperation[]): readonly Finding[] {
  const refuted = (['keys', 'reservation', 'full-status'] as const).flatMap((kind) =>
    refutedLooks(run, lun.name, kind, since).map((one) => refutation(lun.name, one)),
  )
  const keys = witnessesOfKeys(run, lun.name, since)
  const isAsked = run.started.testbed.nodes.some((node) => node.keys[lun.use] !== '') && !isDark(run, lun)
  if (keys.length === 0 && refuted.length === 0) {
    return isAsked ? [unknown(`${lun.name}: nobody who can be believed got an answer in the end`)] : []
  }
  const reservation = witnessesOfReservation(run, lun.name, since)
  const isReserved = lun.use === 'data' && typeof keyPolicyOf(run).reservation === 'number'
  const parts = [
    ...refuted,
    ...(isAsked && isReserved && reservation.length === 0
      ? [unknown(`${lun.name}: nobody who can be believed read who holds the reservation in the end`)]
      : []),
    same(lun.name, 'which keys are registered', keys),
    same(lun.name, 'the reservation', reservation),
    ...portsOf(run, lun, since),
    ...operationsAgainst(run, lun.name, since, operations),
  ]
  const doubts = parts.filter(({ state }) => state !== 'holds')
  if (doubts.length > 0) return doubts
  const who = [...new Set(keys.map((one) => one.who))]
  const text = who.length === 1 ? `only ${who[0]} looked in the end` : `${list(who)} agree`
  return [
    holds(
      `${lun.name}: ${text}`,
      parts.flatMap(({ events }) => events),
    ),
  ]
}

/** The row switched off the array that it is on: nobody can get an answer. */
const isDark = (run: Case, { array }: LunRecord) =>
  array !== undefined &&
  run.faults.some(
    ({ fault, target, taken }) => fault === 'array-power-off' && target['array'] === array && taken === true,
  )

const registersKeys = (run: Case) =>
  run.started.testbed.nodes.some(({ keys }) => keys.data !== '' || keys.coordination !== '')

function refutation(lun: string, one: Reading): Finding {
  const { answer, viewer, seq } = one
  const earlier = answer.kind === 'failed' ? answer.contradicts : undefined
  return unknown(`${lun}: ${viewer}'s last answer cannot be right: ${answer.kind === 'failed' ? answer.why : ''}`, [
    ...(earlier === undefined ? [] : [earlier]),
    seq,
  ])
}

/** One who saw something, in words that are equal where it is the same. */
interface Witness {
  readonly who: string
  readonly saw: string
  readonly seq: number
}

function same(lun: string, what: string, witnesses: readonly Witness[]): Finding {
  const [first, ...others] = witnesses
  if (!first) return holds(`${lun}: nobody read ${what}`, [])
  const events = witnesses.map(({ seq }) => seq)
  const other = others.find(({ saw }) => saw !== first.saw)
  if (other)
    return unknown(
      `${lun}: viewers disagree about ${what}: ${first.who} says ${first.saw}, ${other.who} says ${other.saw}`,
      [first.seq, other.seq],
    )
  return holds(`${lun}: everybody agrees about ${what}`, events)
}

const keyWords = (keys: readonly string[]) => keys.toSorted().join(' ') || 'none'

function witnessesOfKeys(run: Case, lun: string, since: number): readonly Witness[] {
  const { reservationFlickers: flickers } = keyPolicyOf(run)
  const counts = (keys: readonly string[]) => !flickers || keys.length > 0
  const looks = lastLooksPerhaps(run, lun, 'keys', since, ({ answer }) => counts(answer.keys))
  if (looks.length === 0) return []
  const array = arrayViewOf(run, lun, flickers)
  return [
    ...looks.map(({ viewer, answer, seq }) => ({ who: viewer, saw: keyWords(answer.keys), seq })),
    ...fullStatusLooks(run, lun, since).map(({ viewer, answer, seq }) => ({
      who: `${viewer}'s full status`,
      saw: keyWords(answer.entries.map(({ key }) => key)),
      seq,
    })),
    ...(array && !array.cut
      ? [{ who: 'the array itself', saw: keyWords(array.registrations.map(({ key }) => key)), seq: array.seq }]
      : []),
  ]
}

/**
 * The last full status of each viewer that still looks in the end. The sampler reads it when READ KEYS says something new, so
 * it stands from the first of the equal READ KEYS answers with which that viewer's looks end.
 */
function fullStatusLooks(run: Case, lun: string, since: number) {
  const { reservationFlickers: flickers } = keyPolicyOf(run)
  const statuses = fullStatusReadings(run.readings, lun).filter(({ viewer }) => isBelievable(run, viewer))
  const looking = new Set(lastLooksPerhaps(run, lun, 'keys', since).map(({ viewer }) => viewer))
  const viewers = [...new Set(statuses.map(({ viewer }) => viewer))].filter((viewer) => looking.has(viewer))
  return viewers.flatMap((viewer) => {
    const own = statuses.filter((one) => one.viewer === viewer)
    // in a cycle that empties the table it is never long the same: only what was read in the end
    if (flickers)
      return lookedSince(own, since)
        .filter(({ answer }) => answer.entries.length > 0)
        .slice(-1)
    const keys = keyReadings(run.readings, lun).filter((one) => one.viewer === viewer)
    const last = keys.at(-1)
    if (!last) return []
    const saw = (one: typeof last) => `${one.answer.generation} ${keyWords(one.answer.keys)}`
    const other = keys.findLast((one) => saw(one) !== saw(last))
    return own.filter(({ seq }) => seq > (other?.seq ?? 0)).slice(-1)
  })
}

function witnessesOfReservation(run: Case, lun: string, since: number): readonly Witness[] {
  const { reservationFlickers: flickers } = keyPolicyOf(run)
  const looks = lastLooksPerhaps(
    run,
    lun,
    'reservation',
    since,
    ({ answer }) => !flickers || answer.reservation !== null,
  )
  if (looks.length === 0) return []
  const isForAll = (type: number) => type === 7 || type === 8
  const words = (key: string | undefined, type: number, scope: string | number = 'LU_SCOPE') =>
    `${typeWords(type)}${scope === 'LU_SCOPE' ? '' : ` of scope ${scope}`} held by ${isForAll(type) ? 'all registrants' : (key ?? 'an initiator without a key')}`
  const read = looks.map(({ viewer, answer: { reservation }, seq }) => ({
    who: viewer,
    saw: reservation ? words(reservation.key, reservation.type, reservation.scope) : 'none',
    seq,
  }))
  const status = fullStatusLooks(run, lun, since).map(({ viewer, answer, seq }) => {
    const [holder] = answer.entries.filter(({ holds: held }) => held)
    const saw = holder?.holds ? words(holder.key, holder.holds.type, holder.holds.scope) : 'none'
    return { who: `${viewer}'s full status`, saw, seq }
  })
  // a reservation may be taken without a change of the keys, which is what makes the sampler read the full status
  const standing = status.filter(({ seq }) => reservationStood(run, lun, seq))
  const array = arrayViewOf(run, lun, flickers)
  const held = array?.reservation
  if (!array || held === undefined || (held && 'scsi2' in held)) return [...read, ...standing]
  const holder = held && array.registrations.find(({ initiator }) => initiator === held.initiator)?.key
  // the list of registrations may be cut before the holder's
  if (held && holder === undefined && array.cut) return [...read, ...standing]
  return [
    ...read,
    ...standing,
    { who: 'the array itself', saw: held ? words(holder ?? undefined, held.type) : 'none', seq: array.seq },
  ]
}

/**
 * Whether the viewer of a full status read one and the same reservation ever since, its last look before it included: one that
 * was taken right after the full status was read stands in all later looks, and not in it.
 */
function reservationStood(run: Case, lun: string, seq: number): boolean {
  const status = run.readings.find((one) => one.seq === seq)
  const read = run.readings.flatMap(({ lun: other, viewer, seq: number, answer }) =>
    other === lun && viewer === status?.viewer && answer.kind === 'reservation'
      ? [{ number, saw: JSON.stringify(answer.reservation) }]
      : [],
  )
  const before = read.findLast(({ number }) => number < seq)
  const later = read.filter(({ number }) => number > seq)
  return new Set([...(before ? [before] : []), ...later].map(({ saw }) => saw)).size <= 1
}

/** That no key of a node is registered from the initiator port of another node. */
function portsOf(run: Case, lun: LunRecord, since: number): readonly Finding[] {
  const nodes = run.started.testbed.nodes
  const initiators = new Map(
    ofType(run.lines, 'host.facts').flatMap(({ host, facts }) => {
      const node = nodes.find(({ name }) => name === host)
      const name = facts['initiator']
      return node && name !== undefined ? [[name, node] as const] : []
    }),
  )
  const owner = (key: string) => nodes.find(({ keys }) => keys[lun.use] === key)
  const lent = (those: readonly Nexus[]) =>
    those.flatMap(({ initiator, key }) => {
      const from = initiators.get(initiator.replace(/,i,0x[0-9a-f]+$/, ''))
      const of = owner(key)
      return from && of && from !== of
        ? [`${of.name}'s key ${key} is registered from ${from.name}'s initiator port`]
        : []
    })
  const array = arrayViewOf(run, lun.name, keyPolicyOf(run).reservationFlickers)
  const tables = [
    ...fullStatusLooks(run, lun.name, since).map(({ viewer, answer, seq }) => ({
      who: `${viewer}'s full status`,
      nexuses: answer.entries.flatMap(nexusOf),
      seq,
    })),
    ...(array && !array.cut ? [{ who: 'the array itself', nexuses: array.registrations, seq: array.seq }] : []),
  ]
  const wrong = tables.filter(({ nexuses }) => lent(nexuses).length > 0)
  const [first] = wrong
  if (!first) {
    const witnesses = tables.map(({ who, nexuses, seq }) => ({ who, seq, saw: nexusWords(nexuses) }))
    return witnesses.length === 0 ? [] : [same(lun.name, 'which initiator port has which key', witnesses)]
  }
  const text = `${lun.name}: ${list(lent(first.nexuses))}, as ${list(wrong.map(({ who }) => who))} says`
  const events = tables.map(({ seq }) => seq)
  return [wrong.length === tables.length ? violated(text, events) : unknown(`${text}, and others disagree`, events)]
}

interface Nexus {
  readonly initiator: string
  readonly key: string
}
const nexusOf = ({ key, transport }: FullStatusEntry): readonly Nexus[] =>
  transport?.protocol === 'iscsi'
    ? [{ initiator: transport.isid === undefined ? transport.name : `${transport.name},i,${transport.isid}`, key }]
    : []
const nexusWords = (those: readonly Nexus[]) =>
  those
    .map(({ initiator, key }) => `${key} of ${initiator}`)
    .toSorted()
    .join(', ')

/**
 * What the commands of those who continue were told, against what is read in the end: a READ KEYS from the end, or from after
 * this node's own successful preempt of a key, that still shows it; and a key that went away although every preempt of it was
 * refused. (A single refusal says nothing: the command may have been carried out before, and the key be gone already.)
 */
function operationsAgainst(
  run: Case,
  lun: string,
  since: number,
  operations: readonly DiskOperation[],
): readonly Finding[] {
  const looks = lastLooksPerhaps(run, lun, 'keys', since, ({ answer }) => answer.keys.length > 0)
  const [look] = looks
  const injected = run.frame.injected?.seq ?? Infinity
  if (!look) return []
  const there = look.answer.keys
  const own = operations.filter((one) => one.lun === lun && one.seq > injected && isBelievable(run, one.node))
  const stale = own.flatMap((read) => {
    if (read.name !== 'read-keys' || read.result !== 'good' || !read.keys) return []
    const preempts = own.filter(
      (one) =>
        one.node === read.node && one.name === 'preempt-abort' && one.result === 'good' && one.ended <= read.began,
    )
    const back = preempts.find(({ key = '' }) => read.keys?.includes(key) && !there.includes(key))
    if (back) return [{ read, against: [back.seq, look.seq], key: back.key }]
    const span = run.clocks.span(read.node, read.began, read)
    const isFinal = span !== undefined && span.earliest >= since
    return isFinal && keyWords(read.keys) !== keyWords(there) ? [{ read, against: [look.seq], key: undefined }] : []
  })
  const refused = [...new Set(own.filter(({ name }) => name === 'preempt-abort').map(({ key = '' }) => key))].filter(
    (key) => {
      const those = own.filter((one) => one.name === 'preempt-abort' && one.key === key)
      return those.every(({ result }) => result === 'conflict') && !there.includes(key) && isAnEviction(run, lun, key)
    },
  )
  return [
    ...stale.map(({ read, against, key }) =>
      unknown(
        `${lun}: ${read.node}'s own READ KEYS ${key === undefined ? 'says otherwise in the end' : `still shows ${key} after its preempt succeeded`}`,
        [...against, read.seq],
      ),
    ),
    ...refused.map((key) =>
      unknown(`${lun}: ${key} is gone, although every preempt of it by a node that continues was refused`, [
        ...own.filter((one) => one.name === 'preempt-abort' && one.key === key).map(({ seq }) => seq),
        look.seq,
      ]),
    ),
  ]
}

/** Whether the key was on the LUN when the fault came, and its owner did not take it away itself. */
function isAnEviction(run: Case, lun: string, key: string): boolean {
  const injected = run.frame.injected?.seq ?? 0
  const before = believable(run, lun).findLast(({ seq }) => seq < injected)
  return before?.answer.keys.includes(key) ?? false
}
