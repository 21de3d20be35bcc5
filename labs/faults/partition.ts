import { nodesOf } from '../testbed/parts.ts'
import type { CommandCheck, Fault, FaultAction } from './fault.ts'
import { deadMan, disarm } from './fault.ts'

/** As many routes as addresses; what is there already (a second time) is right, too. */
const block = 'for address; do ip route replace blackhole "$address" || exit 1; done'
const unblock = 'for address; do ip route del blackhole "$address" 2>/dev/null; done'

/**
 * The nodes are parted in two: no node of one side can send anything to a node of the other, on any private link. Done on
 * every node by a route that swallows what goes to the others, so no switch has to be asked. Proved by the route that the
 * kernel would take, and by a peer that gets no answer.
 */
export const partition: Fault = {
  name: 'partition',
  title: 'parts the nodes in two sides that hear nothing of each other',
  target: ['side'],
  plan(testbed, { side = '' }, { id, deadManSeconds }) {
    const nodes = nodesOf(testbed)
    const names = side.split(/[\s,]+/).filter((name) => name !== '')
    const here = nodes.filter(({ name }) => names.includes(name))
    const there = nodes.filter(({ name }) => !names.includes(name))
    const strangers = names.filter((name) => !nodes.some((node) => node.name === name))
    if (strangers.length > 0) throw new Error(`the testbed has no node ${strangers.join(', ')}`)
    if (here.length === 0 || there.length === 0) throw new Error('a partition needs a node on either side')
    const parted = nodes.map((node) => {
      const others = here.includes(node) ? there : here
      const addresses = others.flatMap(({ node: other }) => Object.values(other.links).map(({ address }) => address))
      return { name: node.name, addresses, words: [String(deadManSeconds), id, ...addresses] }
    })
    const routes = (wanted: boolean): CommandCheck[] =>
      parted.map(({ name, addresses }) => ({
        kind: 'command',
        host: name,
        purpose: `does ${name} swallow what goes to the other side`,
        argv: ['ip', 'route', 'show', 'type', 'blackhole'],
        expected: [0],
        timeout: 5000,
        read({ stdout }) {
          const there = stdout.split('\n').map((line) => line.trim().split(/\s+/)[1] ?? '')
          const swallowed = addresses.filter((address) => there.includes(address))
          return {
            ok: wanted ? swallowed.length === addresses.length : swallowed.length === 0,
            evidence: `${name} swallows what goes to ${swallowed.join(', ') || 'nobody'}`,
          }
        },
      }))
    const [first] = here
    const [other] = there
    const links = Object.keys(testbed.links)
    const answered = (wanted: boolean): CommandCheck[] =>
      links.flatMap((link) => {
        const address = other?.node.links[link]?.address
        if (!first || address === undefined) return []
        return {
          kind: 'command',
          host: first.name,
          purpose: `does ${other?.name} answer ${first.name} over ${link}`,
          argv: ['ping', '-n', '-c', '1', '-W', '1', address],
          // 2: the packet cannot even be sent, which is what a swallowing route does
          expected: [0, 1, 2],
          timeout: 8000,
          secondWitness: true,
          read: ({ exit }) => ({
            ok: (exit === 0) === wanted,
            evidence: `${first.name} ${exit === 0 ? 'gets an answer' : 'gets no answer'} from ${address}`,
          }),
        }
      })
    // the words after seconds and id are the addresses; the timer's undo has the timer's file as $0
    const script = (what: string) => `shift 2\n${what}`
    const command = (purpose: string, text: string): FaultAction[] =>
      parted.map(({ name, words }) => ({
        kind: 'command',
        host: name,
        purpose: `${purpose} on ${name}`,
        argv: ['sh', '-c', text, 'fault', ...words],
      }))
    return {
      apply: [command('part the nodes', `${deadMan(`shift 2; ${unblock}`)}\n${script(block)}`)],
      verify: [...routes(true), ...answered(false)],
      revert: command('let the nodes hear each other', `${disarm}\n${script(unblock)}\nexit 0`),
      gone: [...routes(false), ...answered(true)],
      timers: parted.map(({ name, words }) => ({ host: name, words })),
      undoText: `the nodes are parted: ${here.map(({ name }) => name).join(', ')} | ${there.map(({ name }) => name).join(', ')}`,
    }
  },
}
