import { isIp } from '../testbed/address.ts'
import type { CommandCheck, Fault } from './fault.ts'
import { deadMan, disarm } from './fault.ts'
import { closePort, openPort, portFamily, portTable, readPort, showPort } from './port-rules.ts'

const shell = { table: '$3', family: '$4', address: '$5' }

/**
 * The arrays close their ports to a node: nothing that it sends is taken, and nothing is sent to it. On an IP SAN this is
 * what disabling a node's port on an FC switch is, and what GNBD fencing does. Done on arrays that can be logged into (a
 * Linux target), by rules that drop what comes from the node's address and what goes there, and count both.
 */
export const storagePortClosed: Fault = {
  name: 'storage-port-closed',
  title: "closes the arrays' ports to a node",
  target: ['node'],
  plan(testbed, { node = '' }, { id, deadManSeconds }) {
    const host = testbed.hosts[node]
    if (!host?.node) throw new Error(`the testbed has no node ${node}`)
    if (host.address === undefined)
      throw new Error(`the testbed does not say the address of ${node} on the storage network`)
    const { address } = host
    if (!isIp(address))
      throw new Error(`a port is closed to an address, and the testbed has a name for ${node}: ${address}`)
    const used = new Set(Object.values(testbed.luns).flatMap(({ array }) => array ?? []))
    const arrays = Object.entries(testbed.hosts).filter(([name, { role }]) => role.includes('array') && used.has(name))
    const deaf = arrays
      .filter(([, array]) => array.transport === 'none' || array.array?.view !== 'lio')
      .map(([name]) => name)
    if (arrays.length === 0) throw new Error('the testbed does not say which arrays its LUNs are on')
    if (deaf.length > 0)
      throw new Error(
        `the ports of ${deaf.join(', ')} cannot be closed from here: it is no Linux target that the lab logs into`,
      )
    const table = portTable(address)
    const words = [String(deadManSeconds), id, table, portFamily(address), address]
    const closed = (wanted: boolean): CommandCheck[] =>
      arrays.map(([name]) => ({
        kind: 'command',
        host: name,
        purpose: `is the port of ${name} closed to ${node}`,
        argv: ['sh', '-c', showPort, 'port', table],
        expected: [0],
        timeout: 5000,
        read({ exit, stdout }) {
          const port = exit === 0 ? readPort(stdout, table) : undefined
          if (port === undefined)
            return { ok: false, evidence: `${name} does not tell what it takes from ${address}: ${stdout.trim()}` }
          if (port === 'open') return { ok: !wanted, evidence: `${name} takes everything from ${address}` }
          const dropped = `dropped so far: ${port.taken} packets from there, ${port.sent} to there`
          return { ok: wanted, evidence: `${name} takes nothing from ${address}, and sends nothing there (${dropped})` }
        },
      }))
    const answered = (wanted: boolean): CommandCheck[] =>
      arrays.flatMap(([name, array]) =>
        array.address === undefined
          ? []
          : {
              kind: 'command',
              host: node,
              purpose: `does ${name} answer ${node}`,
              argv: ['ping', '-n', '-c', '1', '-W', '1', array.address],
              expected: [0, 1],
              timeout: 8000,
              secondWitness: true,
              read: ({ exit }) => ({
                ok: (exit === 0) === wanted,
                evidence: `${node} ${exit === 0 ? 'gets an answer' : 'gets no answer'} from ${name}`,
              }),
            },
      )
    return {
      apply: [
        arrays.map(([name]) => ({
          kind: 'command',
          host: name,
          purpose: `close the port of ${name} to ${node}`,
          argv: ['sh', '-c', `${deadMan(openPort(shell))}\n${closePort(shell)}`, 'fault', ...words],
        })),
      ],
      verify: [...closed(true), ...answered(false)],
      revert: arrays.map(([name]) => ({
        kind: 'command',
        host: name,
        purpose: `open the port of ${name} to ${node}`,
        argv: ['sh', '-c', `${disarm}\n${openPort(shell)}\nexit 0`, 'fault', ...words],
      })),
      gone: [...closed(false), ...answered(true)],
      timers: arrays.map(([name]) => ({ host: name, words })),
      undoText: `the arrays' ports are closed to ${node} (${address})`,
    }
  },
}
