import type { Transport } from '../transport/transport.ts'
import { log } from './log.ts'

/** Writes connections that come and go to the log. @param quiet while this says so, somebody else writes them down */
export function logConnections(lab: string, hosts: Iterable<Transport>, quiet: () => boolean): () => void {
  const disposers = [...hosts].map((transport) =>
    transport.onState((state, reason) => {
      if (quiet()) return
      const level = state === 'gone' || state === 'slow' ? 'warning' : 'info'
      log[level](`connection ${state}${reason === '' ? '' : `: ${reason}`}`, { lab, host: transport.name })
    }),
  )
  return () => {
    for (const dispose of disposers) dispose()
  }
}
