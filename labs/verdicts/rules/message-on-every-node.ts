import { foldLinks } from '../../journal/links.ts'
import { ofType } from '../../journal/run.ts'
import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'
import { logRead } from '../log-read.ts'
import { isOlder } from '../stages.ts'

/**
 * Every node told of the link that was lost. That one did not is known only where its log was read to its end; in recordings
 * that cannot say so (before revision 3), where a line of the same log is from after the fault was over, for it is read in order. Source: VCS I/O fencing scenario table, "one private
 * network fails": both nodes print a message.
 */
export function messageOnEveryNode(run: Case): Finding {
  const { injected, lines } = run.frame
  if (!injected) return unknown('no fault was applied')
  const signs = foldLinks(lines, run.started.testbed.links)
  const verified = lines.find((line) => line.type === 'fault' && line.step === 'verified' && line.ok === true)
  const reverting = lines.find((line) => line.type === 'fault' && line.step === 'reverting')
  const over = Math.min(reverting?.seq ?? Infinity, run.frame.end?.seq ?? Infinity)
  const cut = run.faults.flatMap(({ target }) => target['link'] ?? [])
  const late = new Set(ofType(lines, 'stack.log').flatMap((line) => (isOlder(run, line, injected) ? [line.seq] : [])))
  return all(
    run.nodes.map(({ name }) => {
      const told = signs.filter(
        (sign) => sign.kind === 'lost' && sign.node === name && sign.seq > injected.seq && !late.has(sign.seq),
      )
      const message = told.find((sign) => sign.kind === 'lost' && sign.links.some((link) => cut.includes(link)))
      if (message) return holds(`${name} told of the lost link`, [message.seq])
      const later = lines.find((line) => line.type === 'stack.log' && line.host === name && line.seq > over)
      const vague = told.find((sign) => sign.kind === 'lost' && sign.links.length === 0)
      if (vague) return unknown(`${name} told of a lost link, and not of which`, [vague.seq])
      const end = run.frame.end
      const read = end && logRead(run, name, injected, end)
      if (read && read.state !== 'holds') return unknown(`${name}: no message was recorded: ${read.text}`, read.events)
      if (verified && read) return violated(`${name} told nothing of a lost link`, [verified.seq, ...read.events])
      if (verified && later) return violated(`${name} told nothing of a lost link`, [verified.seq, later.seq])
      return unknown(`${name}: no message was recorded, and its log was not seen to its end`)
    }),
    'the recording names no node',
  )
}
