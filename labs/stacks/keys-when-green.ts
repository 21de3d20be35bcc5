import type { Baseline, Line, LineOf, RunStarted } from '../journal/event.ts'
import { readKeysEvent, type KeysReadResult } from '../journal/read-keys-event.ts'
import type { Fencing } from './fencing.ts'

type Check = Baseline['checks'][number]
type NodeRecord = RunStarted['testbed']['nodes'][number]

export interface KeysQuestion {
  readonly lines: readonly Line[]
  readonly testbed: Pick<RunStarted['testbed'], 'nodes' | 'luns'>
  readonly policy: Fencing
  /** names of the nodes that are in the cluster */
  readonly members: readonly string[]
  /** the node on which the failover group runs; undefined where there is not exactly one */
  readonly active: string | undefined
}

/**
 * Is a LUN as it must be when all is green, as a viewer saw it last: exactly the keys that the policy wants there, and
 * what it reserves a data disk with. A read that failed is never as it must be, but where the policy's own SCSI-2
 * reservation refuses it.
 */
export function keysWhenGreen(question: KeysQuestion, viewer: string, lun: string): Check {
  const { testbed, policy, lines } = question
  const use = testbed.luns.find(({ name }) => name === lun)?.use ?? 'data'
  const reads = lines.filter(
    (line): line is LineOf<'keys'> => line.type === 'keys' && line.host === viewer && line.lun === lun,
  )
  const find = (seq: number) => {
    const earlier = lines[seq - 1]
    return earlier?.type === 'keys' ? earlier : undefined
  }
  const keys = reads.findLast(({ action }) => action === 'keys')
  const reservation = reads.findLast(({ action }) => action === 'reservation')
  const keysRead = keys && readKeysEvent(keys, find)
  const events = [keys?.seq, reservation?.seq].filter((seq) => seq !== undefined)
  if (use === 'data' && policy.reservation === 'scsi-2') {
    const refused = keysRead?.kind === 'failed' && keysRead.exit?.outcome === 'conflict'
    return { text: `${viewer} is refused the key table of ${lun}: a SCSI-2 reservation holds it`, ok: refused, events }
  }
  const wanted = wantedKeys(question, use)
  const whose = {
    members: "exactly the nodes' keys",
    group: 'exactly the key of the node with the group',
    nobody: 'no key',
  }[policy.keysWhenGreen[use]]
  const held = use === 'data' ? policy.reservation : 'none'
  const text = `${viewer} sees ${whose} on ${lun}${held === 'none' ? '' : ', and a reservation'}`
  if (keysRead?.kind !== 'answer' || keysRead.action !== 'keys')
    return { text: `${text} (no good answer)`, ok: false, events }
  const seen = keysRead.keys
  const same =
    wanted !== undefined && wanted.every((key) => seen.includes(key)) && seen.every((key) => wanted.includes(key))
  if (!same) return { text: `${text} (it sees ${seen.join(', ') || 'none'})`, ok: false, events }
  if (held === 'none' || held === 'scsi-2') {
    // nobody's reservation is wanted where there are no keys; with keys on it, a coordination point has none either
    const free = reservation !== undefined && holderOf(readKeysEvent(reservation, find)) === null
    return { text: free ? text : `${text} (is it reserved? it sees no answer that says it is not)`, ok: free, events }
  }
  const looks = policy.reservationFlickers
    ? reads.filter(({ action }) => action === 'reservation')
    : reservation
      ? [reservation]
      : []
  const good = looks.findLast((line) => holderOf(readKeysEvent(line, find))?.type === held)
  return {
    text: good ? text : `${text} (it sees none of type ${held})`,
    ok: good !== undefined,
    events: [...events, ...(good && good !== reservation ? [good.seq] : [])],
  }
}

function wantedKeys(
  { testbed, policy, members, active }: KeysQuestion,
  use: 'coordination' | 'data',
): readonly string[] | undefined {
  const of = (wanted: (node: NodeRecord) => boolean) => testbed.nodes.filter(wanted).map(({ keys }) => keys[use])
  switch (policy.keysWhenGreen[use]) {
    case 'nobody':
      return []
    case 'members':
      return of(({ name }) => members.includes(name))
    case 'group':
      return active === undefined ? undefined : of(({ name }) => name === active)
  }
}

/** Who holds the reservation, null where nobody does, undefined where that is not known. */
function holderOf(read: KeysReadResult): { readonly type: number } | null | undefined {
  return read.kind === 'answer' && read.action === 'reservation' ? read.reservation : undefined
}
