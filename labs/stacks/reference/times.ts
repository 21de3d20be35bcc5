import * as v from 'valibot'
import { timingsSchema } from '../../cluster/config.ts'
import type { LineOf } from '../../journal/event.ts'
import type { StackPart, TimeOut, Times } from '../stack.ts'
import { ownPart } from './own-part.ts'

/** All times of the reference cluster by name, milliseconds: what the testbed says, else the cluster's own defaults. */
export const timesOf = (part: StackPart) => ({ ...v.parse(timingsSchema, {}), ...ownPart(part).times })

/** The time-out that ends, or begins, where a node says this. @param times by name, as in `timingsSchema` */
export function timeOutAt({ code, data }: Pick<LineOf<'stack.log'>, 'code' | 'data'>, times: Times): TimeOut {
  switch (code) {
    case 'peer-lost':
      return { before: times['peerTimeout'] ?? 0 }
    case 'membership-change':
      return { after: typeof data?.['delay'] === 'number' ? data['delay'] : 0 }
    case 'joining':
      return { after: times['joinListen'] ?? 0 }
    case 'join-timeout':
      return { before: times['joinTimeout'] ?? 0 }
    case 'cluster-formed':
      return { after: times['groupSettle'] ?? 0 }
    case 'tie-breaker':
      return { after: times['survivorDelay'] ?? 0 }
    case 'attack':
      return { after: typeof data?.['attackWait'] === 'number' ? data['attackWait'] : 0 }
    default:
      return {}
  }
}
