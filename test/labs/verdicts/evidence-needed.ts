/** What a rule must name in the recording when it says that it holds. A pass that names less has proved less than it says. */
import type { Line } from '../../../labs/journal/event.ts'
import type { RuleName } from '../../../labs/verdicts/verdict.ts'

/** Whether a line is of a kind, or of one of several (`a or b`). */
export const isOfKind = (line: Line, kind: string): boolean => kind.split(' or ').includes(kindOf(line))

/** What a line can prove, in a word or two. */
export function kindOf(line: Line): string {
  switch (line.type) {
    case 'fault':
      return `fault ${line.step}`
    case 'keys':
      return line.exit === 0 && line.stderr === '' ? line.action : `${line.action} failed`
    case 'ledger.scan':
      return `${line.when} scan`
    case 'ledger.write':
      return line.result
    case 'stack.log':
      return line.code ?? 'log'
    default:
      return line.type
  }
}

const panicked = ['panic-event', 'console'] as const
const goesOn = ['probe', 'stack'] as const

/** `a or b`: one of them will do. */
export const evidenceNeeded: Readonly<
  Record<Exclude<RuleName, 'precondition' | 'expected-outcome' | 'expected-on-the-way'>, readonly string[]>
> = {
  'everyone-was-probed': ['probe', 'keys or keys failed'],
  'bound-losers-lost': ['roles', ...panicked],
  'members-are-who-goes-on': ['stack'],
  // the rest of its evidence depends on whether somebody goes on
  'group-runs-once-and-writes': ['stack or console'],
  'acknowledged-writes-on-disk': ['acknowledged', 'final scan or late scan'],
  'ledger-intact': ['final scan or late scan'],
  'nothing-landed-after-takeover': ['final scan or late scan'],
  'only-the-owner-writes': ['stack'],
  'data-disks-hold-members-keys': ['keys', 'reservation'],
  'points-hold-members-keys': ['keys'],
  'viewers-agree': ['keys'],
  'exactly-one-continues': [...panicked, ...goesOn],
  'others-panicked': panicked,
  'survivor-alone-on-coordination-majority': ['keys'],
  'survivor-alone-on-data': ['keys', 'reservation'],
  'no-write-after-ejection': ['keys', 'final scan'],
  'survivor-wrote-on': ['acknowledged', 'final scan'],
  'split-brain-message': ['console', 'preexisting-split-brain'],
  'refused-node-wrote-nothing': ['operation', 'acknowledged', 'final scan'],
  'members-registered': ['stack', 'keys', 'reservation'],
  'all-continue': goesOn,
  'nobody-ejected': ['keys'],
  'message-on-every-node': ['link-lost'],
  'ledger-without-gap': ['stack', 'acknowledged'],
  'link-used-again': ['fault gone'],
  'hung-node-was-ejected-while-hung': ['keys', 'fault verified', 'fault reverting'],
  'hung-node-panicked': ['fault reverting', ...panicked],
  'keys-stayed-until-cleared': ['keys'],
  'points-were-lost': ['keys', 'fault verified', 'keys failed'],
  'nobody-raced': ['stack'],
  'race-lost-without-majority': ['race-lost', ...panicked],
  'no-node-continues': panicked,
  'never-formed': ['operation', 'not-seeded', 'acknowledged', 'final scan'],
  'joiner-waited-for-the-fence': ['peer-lost or membership-change', 'fence-in-progress', 'race-won', 'joined'],
  'nobody-noticed': ['fault verified', ...goesOn],
  'one-side-continues': [...panicked, ...goesOn],
  'larger-side-continues': goesOn,
  'racer-and-spectators': ['race-won', 'race-survived'],
  'healthy-peer-was-ejected': ['stack', 'unclean-stop', 'race-won', ...panicked],
  'tie-breaker-decided': ['tie-breaker', 'tie-breaker-silent', ...panicked, ...goesOn],
  'no-write-after-takeover': ['acknowledged', 'takeover scan', 'group-started', 'final scan'],
  'both-wrote-at-once': ['acknowledged', 'final scan'],
  'reservation-was-taken': ['reservation'],
  'frozen-node-stopped': ['fault reverting', 'failed-defender', 'group-stopped', 'stack'],
  'reserve-was-taken': ['array-keys'],
  'fenced-before-takeover': ['fenced', 'group-started'],
  'writes-are-refused': ['write-try'],
  'late-writes-waited-for': ['final scan or late scan'],
}
