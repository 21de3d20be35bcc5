import { saidWithin } from '../../journal/host-order.ts'
import type { Line } from '../../journal/event.ts'
import type { Sign, Stretch } from './lasted.ts'

/** what a machine had said before it stopped may still be on its way so long, milliseconds: its console is followed by name */
const onTheWay = 2000

/**
 * A node that is frozen, or has no power, does nothing: an answer that was asked for and given meanwhile, its clock, a write,
 * a line of its log or its console from after the verification shows that it was not.
 */
export function deadOrFrozenSigns(stretch: Stretch): readonly Sign[] {
  const { life, lines } = stretch
  const { node } = life.target
  if (node === undefined || !['vm-freeze', 'node-power-off'].includes(life.fault)) return []
  return lines.flatMap((line): Sign[] => {
    const text = lifeOf(line, node, stretch)
    return text === undefined ? [] : [{ seq: line.seq, kind: 'against', text: `${node} ${text}` }]
  })
}

/** What a living node has done in the meantime; undefined where the line shows nothing of the kind. */
function lifeOf(line: Line, node: string, { run, from }: Stretch): string | undefined {
  const isNew = () => saidWithin(line, run.clocks).earliest > from.at
  if (line.type === 'probe' && line.node === node) return line.reachable ? 'answered' : undefined
  if (line.host !== node) return undefined
  switch (line.type) {
    case 'command':
      return line.exit !== null && line.at - line.milliseconds > from.at ? `answered (${line.purpose})` : undefined
    case 'clock':
      return line.at - 2 * line.uncertainty > from.at ? 'told the time' : undefined
    case 'keys':
      return line.exit !== null && isNew() ? `read the keys of ${line.lun}` : undefined
    case 'ledger.write':
      return isNew() ? `wrote record ${line.number}` : undefined
    case 'ledger.scan':
      return isNew() ? 'read the ledger' : undefined
    case 'stack':
      return line.answered && isNew() ? 'told what its stack does' : undefined
    case 'stack.log':
      return isNew() ? `wrote to its log: ${line.text}` : undefined
    case 'console':
      return line.at > from.at + onTheWay ? `wrote to its console: ${line.text}` : undefined
    case 'boot':
      return 'booted'
    default:
      return undefined
  }
}
