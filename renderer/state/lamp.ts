import type { ControlState } from '../../preload/contract/control.ts'
import type { LabState } from '../../preload/contract/lab.ts'
import type { ConnectionState } from '../rpc/engine-client.ts'

/**
 * How the lab's lamp looks. `green`: everything is as it should be, and was a moment ago. `warn`: something is not.
 * `partly`: connected, and not to all. `unknown`: nobody has told for a while.
 */
export type LampLook = 'off' | 'work' | 'open' | 'partly' | 'green' | 'warn' | 'failed' | 'unknown'

export interface Lamp {
  readonly look: LampLook
  readonly text: string
}

export interface LampInput {
  readonly connection: ConnectionState
  /** since when the connection to the engine is lost, as a clock shows it; undefined while it is there */
  readonly lostSince: string | undefined
  readonly lab: Pick<LabState, 'state' | 'progress' | 'connections' | 'standing'> & {
    readonly bed: { readonly virtual: boolean } | null
  }
  readonly control: Pick<ControlState, 'stopping'>
}

/**
 * What the lamp of the lab says: never more than what is known now. Everything that contradicts a good word stands before
 * it: a lost connection, a fault injected by hand, a host that cannot be reached.
 */
export function labLamp({ connection, lostSince, lab, control }: LampInput): Lamp {
  if (connection !== 'connected')
    return {
      look: 'unknown',
      text: lostSince === undefined ? 'unknown: not connected to the engine' : `unknown since ${lostSince}`,
    }
  const { state, bed, progress, connections, standing } = lab
  const reached = connections.filter((one) => one.state === 'connected' || one.state === 'slow').length
  const lacking = connections.filter((one) => one.state !== 'connected' && one.state !== 'slow').map(({ host }) => host)
  switch (state) {
    case 'closed':
      return { look: 'off', text: 'no testbed is open' }
    case 'down':
      return { look: 'off', text: bed?.virtual ? 'not running' : 'not connected' }
    case 'starting':
      return { look: 'work', text: progress?.text ?? 'starting' }
    case 'stopping':
      return { look: 'work', text: 'shutting down' }
    case 'busy':
      return { look: 'work', text: control.stopping ? 'stopping: taking back what is injected' : 'running a row' }
    case 'failed':
      return { look: 'failed', text: 'not green' }
    case 'open':
      if (connections.length === 0) return { look: 'off', text: 'no host to connect to' }
      if (reached === 0) return { look: 'failed', text: 'no host reached' }
      if (lacking.length > 0) return { look: 'partly', text: `not reached: ${some(lacking)}` }
      return { look: 'open', text: 'connected, read-only' }
    case 'green':
      if (standing.length > 0) return { look: 'warn', text: standingWords(standing) }
      if (lacking.length > 0) return { look: 'warn', text: `not green: ${some(lacking)} not reached` }
      return { look: 'green', text: 'all green' }
  }
}

function standingWords(standing: LabState['standing']): string {
  const doubtful = standing.filter(({ state }) => state === 'doubtful').length
  const words = standing.length === 1 ? '1 fault injected by hand' : `${standing.length} faults injected by hand`
  return doubtful === 0 ? words : `${words}, ${doubtful} in doubt`
}

function some(names: readonly string[]): string {
  return names.length <= 2 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`
}
