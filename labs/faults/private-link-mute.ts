import type { CommandCheck, Fault } from './fault.ts'
import { deadMan, disarm } from './fault.ts'
import { linkAndPeer } from './link-and-peer.ts'

/**
 * Loss in one direction: what a node sends on a private link is dropped on its way out, and it still hears the others. The
 * kernel must name the rule that drops, and a peer must get no answer; that the node still hears is seen by its cluster.
 */
export const privateLinkMute: Fault = {
  name: 'private-link-mute',
  title: 'drops what a node sends on a private link; it still hears',
  target: ['node', 'link'],
  plan(testbed, { node = '', link = '' }, { id, deadManSeconds }) {
    const { port, peer, peerPort } = linkAndPeer(testbed, node, link)
    const words = [String(deadManSeconds), id, port.interface]
    const dropping = (wanted: boolean): CommandCheck => ({
      kind: 'command',
      host: node,
      purpose: `does ${node} drop what it sends on ${link}`,
      argv: ['tc', 'qdisc', 'show', 'dev', port.interface],
      expected: [0],
      timeout: 5000,
      read({ stdout }) {
        const drops = /netem .*loss 100%/.test(stdout)
        return {
          ok: drops === wanted,
          evidence: `${node} ${drops ? 'drops' : 'does not drop'} what it sends on ${port.interface}: ${stdout.trim()}`,
        }
      },
    })
    const answered = (wanted: boolean): CommandCheck => ({
      kind: 'command',
      host: peer,
      purpose: `does ${node} answer ${peer} over ${link}`,
      argv: ['ping', '-n', '-c', '1', '-W', '1', '-I', peerPort.interface, port.address],
      expected: [0, 1],
      timeout: 8000,
      secondWitness: true,
      read: ({ exit }) => ({
        ok: (exit === 0) === wanted,
        evidence: `${peer} ${exit === 0 ? 'gets an answer' : 'gets no answer'} from ${port.address} over ${link}`,
      }),
    })
    return {
      apply: [
        [
          {
            kind: 'command',
            host: node,
            purpose: `drop what ${node} sends on ${link}`,
            argv: [
              'sh',
              '-c',
              `${deadMan('tc qdisc del dev "$3" root')}\ntc qdisc add dev "$3" root netem loss 100%`,
              'fault',
              ...words,
            ],
          },
        ],
      ],
      verify: [dropping(true), answered(false)],
      revert: [
        {
          kind: 'command',
          host: node,
          purpose: `let ${node} send on ${link} again`,
          // also right where it is gone already
          argv: ['sh', '-c', `${disarm}\ntc qdisc del dev "$3" root 2>/dev/null; exit 0`, 'fault', ...words],
        },
      ],
      gone: [dropping(false), answered(true)],
      timers: [{ host: node, words }],
      undoText: `what ${node} sends on private link ${link} (interface ${port.interface}) is dropped`,
    }
  },
}
