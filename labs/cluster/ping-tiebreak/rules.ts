/**
 * Policy `ping-tiebreak`: EXPRESSCLUSTER without persistent reservations. Whoever loses a heartbeat pings an address, the
 * tie-breaker: "survive if there is a reply, or suicide if there is no reply". Nothing keeps the other side from the disk.
 *
 * It resolves a partition of the network, and it loses data where a node was only delayed: the delayed one wakes up and
 * goes on writing beside the one that took over, until "both nodes noticed that the group running on the own node is also
 * running on the other node" and both commit suicide (EXPRESSCLUSTER/SCSI-PR, "An Inconvenient Case"). So there is no
 * detection of a hang here, and no look at the disk: the lab is to show that.
 */
import { allAccountedFor, otherOwners, panic, settleLost } from '../failover/state.ts'
import type { FailoverContext, FailoverState, Rules } from '../failover/state.ts'
import { failoverPolicy } from '../failover/machine.ts'
import { stopRefused } from '../failover/group.ts'
import { log } from '../policy.ts'
import { nodeName } from '../hearing.ts'
import type { Policy } from '../policy.ts'

/** One lost packet must not cost a node its life. */
const PINGS = 3

export interface Ping {
  readonly asked: boolean
  /** pings without a reply in a row */
  readonly unanswered: number
  /** since the last loss */
  readonly replied: boolean
  /** the loss that is asked about */
  readonly deciding: boolean
  readonly askAt: number
  /** a survivor does not start the group before */
  readonly startAt: number
  /** since when the group is seen to be active here and elsewhere */
  readonly twiceSince: number | null
}
export type State = FailoverState<Ping>
type Context = FailoverContext<Ping>

const quiet: Ping = {
  asked: false,
  unanswered: 0,
  replied: false,
  deciding: false,
  askAt: 0,
  startAt: 0,
  twiceSince: null,
}

const rules: Rules<Ping> = {
  own: () => quiet,
  forgivesHang: false,
  insists: false,
  mayReturn: () => true,
  watch,
  prepare,
  hold,
  release: () => true,
  refused: stopRefused,
  failed: () => undefined,
  answered(context, input) {
    if (input.kind === 'ping-result') onReply(context, input.ok)
  },
}
export const pingTiebreak: Policy<State> = failoverPolicy(rules)

function change(context: Context, own: Partial<Ping>): void {
  context.s.own = { ...context.s.own, ...own }
}

/** A loss: is it me or the other? The tie-breaker tells. */
function watch(context: Context): void {
  const { s } = context
  if (s.lost.length === 0) {
    // Heard again before the tie-breaker answered.
    if (s.own.deciding) settleLost(context)
    change(context, { deciding: false })
    return
  }
  s.phase = 'racing'
  if (!s.own.deciding) change(context, { deciding: true, replied: false, unanswered: 0, askAt: context.now })
  ask(context)
}

function ask(context: Context): void {
  const { s, now } = context
  const address = s.config.parameters.tieBreaker ?? ''
  if (s.own.asked || now < s.own.askAt) return
  change(context, { asked: true })
  s.text = `pings the tie-breaker ${address}`
  context.effects.push({ kind: 'ping', address })
}

function onReply(context: Context, ok: boolean): void {
  const { s, now } = context
  const { deciding } = s.own
  const address = s.config.parameters.tieBreaker ?? ''
  const unanswered = ok ? 0 : s.own.unanswered + 1
  change(context, { asked: false, unanswered, replied: ok })
  if (ok) {
    if (!deciding) return
    const lost = s.lost.map((member) => nodeName(s, member.id))
    log(context, 'warning', 'tie-breaker', `${address} replies: this node survives without ${lost.join(', ')}`, {
      lost,
    })
    change(context, { deciding: false, startAt: now + s.config.timings.survivorDelay })
    settleLost(context)
  } else if (unanswered >= PINGS && deciding && s.lost.length > 0) {
    panic(context, 'tie-breaker-silent', `no reply from the tie-breaker ${address}`, { address, pings: unanswered })
  } else if (unanswered >= PINGS) {
    if (unanswered === PINGS)
      log(context, 'warning', 'start-waits', `${address} does not reply: the group does not start`)
    change(context, { askAt: now + s.config.timings.retryDelay })
  }
}

/**
 * Alone at the start, a node cannot know whether it was cut off: it asks, too. After a loss it gives the other side the
 * time to find that nobody replies, and to stop: else even the ideal case would have two that write.
 */
function prepare(context: Context): 'ready' | 'wait' {
  const { s, now } = context
  if (allAccountedFor(s, now)) return 'ready'
  if (s.own.replied) return now >= s.own.startAt ? 'ready' : 'wait'
  ask(context)
  return 'wait'
}

/**
 * Is the group active elsewhere, too? EXPRESSCLUSTER compares that from time to time (clp.conf, `checkgroup`), not with
 * every heartbeat; once seen, it is not forgotten when the other one is first to stop.
 */
function hold(context: Context): void {
  const { s, now } = context
  const [other] = otherOwners(s, now)
  if (other && s.own.twiceSince === null) change(context, { twiceSince: now })
  const { twiceSince } = s.own
  if (twiceSince === null || now < twiceSince + s.config.timings.groupCheck) return
  const node = other ? nodeName(s, other.from) : 'another node'
  panic(context, 'double-activity', `the group is active here and on ${node}: both stop`, { node })
}
