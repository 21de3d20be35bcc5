import { ofType } from '../../journal/run.ts'
import { all, holds, nodeOfRole, survivors, unknown, violated, type Case, type Finding } from '../case.ts'
import { membersWithOneAnother } from '../membership.ts'
import { isOlder, lastOperation, said } from '../stages.ts'
import type { Line } from '../../journal/event.ts'

/** the role that joins in the row that has one */
const role = 'C'

/**
 * A node that joins while another is being ejected is told to wait, and is let in afterwards. Source: VCS, V-11-1-25
 * "unable to join running cluster" while a fence is in progress; the start is tried again up to five times.
 *
 * A fence is in progress from when the racer took a member for gone until it had won. A joiner that was let in before that
 * did not meet it: then the row shows nothing. And let in is who is a member with the others in the end.
 */
export function joinerWaitedForTheFence(run: Case): Finding {
  const joiner = nodeOfRole(run, role)
  const injected = run.frame.injected
  if (!joiner || !injected) return unknown(`no node has the role ${role}, or nothing was done`)
  const start = lastOperation(run, 'start', joiner.name)
  if (!start) return unknown(`${joiner.name} was not started`)
  const won = ofType(run.lines, 'stack.log').find(
    (line) =>
      line.code === 'race-won' &&
      line.seq > injected.seq &&
      survivors(run).some(({ name }) => name === line.host) &&
      !isOlder(run, line, injected),
  )
  if (!won?.host) return unknown('nobody who goes on won a race, so there was no fence to wait for')
  const begun = said(run, won.host, ['peer-lost', 'membership-change'], injected, won.seq)
  const joined = said(run, joiner.name, 'joined', start)
  if (!begun) return unknown(`${won.host}: its log does not tell when it began to fence`, [won.seq])
  if (!joined) return unknown(`${joiner.name}: its log does not tell that it was let in`, [won.seq])
  const [begunAt, wonAt, joinedAt] = [begun, won, joined].map((line) => span(run, line))
  if (!begunAt || !wonAt || !joinedAt)
    return unknown(`it is not known whether ${joiner.name} was let in after the fence`, [
      begun.seq,
      won.seq,
      joined.seq,
    ])
  const events = [begun.seq, won.seq, joined.seq]
  if (joinedAt.earliest > begunAt.latest && joinedAt.latest < wonAt.earliest)
    return violated(`${joiner.name} was let in before the fence was over`, events)
  const waited = said(run, joiner.name, 'fence-in-progress', start, joined.seq)
  if (!waited)
    return unknown(
      `${joiner.name} was let in, and was not told to wait: it came before the fence, or when it was over`,
      events,
    )
  if (joinedAt.earliest < wonAt.latest)
    return unknown(`it is not known whether ${joiner.name} was let in after the fence`, events)
  const apart = membersWithOneAnother(run).filter(({ state }) => state !== 'holds')
  if (apart.length > 0) return all(apart, '')
  return holds(`${joiner.name} waited for the fence, and was let in after it`, [waited.seq, ...events])
}

function span(run: Case, line: Pick<Line, 'seq' | 'at' | 'host' | 'hostAt'>) {
  return line.host === undefined || line.hostAt === undefined
    ? undefined
    : run.clocks.span(line.host, line.hostAt, line)
}
