import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'
import { lastWords } from '../last-words.ts'
import { logRead } from '../log-read.ts'
import { said } from '../stages.ts'

/**
 * The tie-breaker decided: who goes on had a reply from it, and who does not go on stopped itself because it had none.
 * Source: seed 003, "survive if there is a reply, or suicide if there is no reply".
 */
export function tieBreakerDecided(run: Case): Finding {
  const since = run.frame.injected
  return all(
    run.nodes.map((node) => {
      const reply = said(run, node.name, 'tie-breaker', since)
      const silence =
        said(run, node.name, 'tie-breaker-silent', since) ?? lastWords(run, node.name, 'tie-breaker-silent', since)
      if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
      if (node.outcome === 'running') {
        if (silence) return violated(`${node.name} had no reply and goes on`, [silence.seq, ...node.events])
        const log = since && run.frame.end && logRead(run, node.name, since, run.frame.end)
        if (log && log.state !== 'holds')
          return unknown(`${node.name}: whether each of its requests had a reply is not known: ${log.text}`, log.events)
        return reply
          ? holds(`${node.name} had a reply and goes on`, [reply.seq, ...node.events])
          : unknown(`${node.name}: its log tells of no reply`, node.events)
      }
      if (!silence) {
        return reply
          ? violated(`${node.name} had a reply and is ${node.outcome}`, [reply.seq, ...node.events])
          : unknown(`${node.name}: neither its log nor its console tells that it had no reply`, node.events)
      }
      return holds(`${node.name} had no reply and stopped itself`, [silence.seq, ...node.events])
    }),
    'the recording names no node',
  )
}
