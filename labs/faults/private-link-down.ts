import type { Fault, CommandCheck } from './fault.ts'
import { deadMan, disarm } from './fault.ts'
import { linkAndPeer } from './link-and-peer.ts'

const interfaceIsUp = 1 // IFF_UP, linux/if.h

/**
 * A private link is taken down on one node (`ip link set down`). That the command came back says nothing: the kernel's
 * flags of the interface must say that it is down, and a peer must get no answer over it.
 */
export const privateLinkDown: Fault = {
  name: 'private-link-down',
  title: 'takes a private link down on one node',
  target: ['node', 'link'],
  plan(testbed, { node = '', link = '' }, { id, deadManSeconds }) {
    const { port, peer, peerPort } = linkAndPeer(testbed, node, link)
    const words = [String(deadManSeconds), id, port.interface]
    const flags = (wanted: 'up' | 'down'): CommandCheck => ({
      kind: 'command',
      host: node,
      purpose: `is ${link} of ${node} ${wanted}`,
      argv: ['cat', `/sys/class/net/${port.interface}/flags`],
      expected: [0],
      timeout: 5000,
      read({ stdout }) {
        const value = Number(stdout.trim())
        const up = (value & interfaceIsUp) !== 0
        const known = /^0x[0-9a-f]+$/.test(stdout.trim())
        return {
          ok: known && up === (wanted === 'up'),
          evidence: `the kernel of ${node} says flags ${stdout.trim()} of ${port.interface}: ${up ? 'up' : 'down'}`,
        }
      },
    })
    const answered = (wanted: boolean): CommandCheck => ({
      kind: 'command',
      host: peer,
      purpose: `does ${node} answer ${peer} over ${link}`,
      argv: ['ping', '-n', '-c', '1', '-W', '1', '-I', peerPort.interface, port.address],
      // 1: no answer; 2: the peer's own end is down or gone, which is no answer to this question
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
            purpose: `take ${link} of ${node} down`,
            argv: ['sh', '-c', `${deadMan('ip link set dev "$3" up')}\nip link set dev "$3" down`, 'fault', ...words],
          },
        ],
      ],
      verify: [flags('down'), answered(false)],
      revert: [
        {
          kind: 'command',
          host: node,
          purpose: `bring ${link} of ${node} up`,
          argv: ['sh', '-c', `${disarm}\nip link set dev "$3" up`, 'fault', ...words],
        },
      ],
      gone: [flags('up'), answered(true)],
      timers: [{ host: node, words }],
      undoText: `private link ${link} of ${node} (interface ${port.interface}) is down`,
    }
  },
}
