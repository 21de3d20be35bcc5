import { ofType } from '../../journal/run.ts'
import { holds, nodeOfRole, unknown, violated, type Case, type Finding } from '../case.ts'
import { said } from '../stages.ts'

/** the role that joins in the row that has one */
const role = 'C'

/**
 * A node that joins while another is being ejected is told to wait, and is let in afterwards. Source: VCS, V-11-1-25
 * "unable to join running cluster" while a fence is in progress; the start is tried again up to five times.
 */
export function joinerWaitedForTheFence(run: Case): Finding {
  const joiner = nodeOfRole(run, role)
  const since = run.frame.injected?.seq ?? Infinity
  if (!joiner) return unknown(`no node has the role ${role}`)
  const won = ofType(run.lines, 'stack.log').find((line) => line.code === 'race-won' && line.seq > since)
  const joined = said(run, joiner.name, 'joined', since)
  const waited = said(run, joiner.name, 'fence-in-progress', since)
  if (!won) return unknown('nobody won a race, so there was no fence to wait for')
  if (!joined) return unknown(`${joiner.name}: its log does not tell that it was let in`, [won.seq])
  const wonAt = span(run, won)
  const joinedAt = span(run, joined)
  if (joinedAt && wonAt && joinedAt.latest < wonAt.earliest) return violated(`${joiner.name} was let in before the fence was over`, [joined.seq, won.seq])
  if (!waited) return unknown(`${joiner.name} was let in, and was not told to wait: it came when the fence was over`, [won.seq, joined.seq])
  if (!joinedAt || !wonAt || joinedAt.latest < wonAt.latest) return unknown(`it is not known whether ${joiner.name} was let in after the fence`, [won.seq, joined.seq])
  return holds(`${joiner.name} waited for the fence, and was let in after it`, [waited.seq, won.seq, joined.seq])
}

function span(run: Case, line: { readonly seq: number; readonly at: number; readonly host?: string; readonly hostAt?: number }) {
  return line.host === undefined || line.hostAt === undefined ? undefined : run.clocks.span(line.host, line.hostAt, line)
}
