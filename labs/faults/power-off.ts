import { outletsOf } from '../testbed/power-of.ts'
import type { Testbed } from '../testbed/testbed.ts'
import type { Fault, FaultCheck, FaultPlan } from './fault.ts'

/** a machine that gets its power back has to boot, under emulation too */
const bootMilliseconds = 300_000
const silentMilliseconds = 4000

/**
 * The power of something is taken away: all of its outlets, or it would be none. The units themselves must say that they
 * are off; that a host does not answer any more bears it out, and proves nothing by itself.
 */
function off(
  testbed: Testbed,
  name: string,
  what: string,
): Pick<FaultPlan, 'apply' | 'revert' | 'timers'> & { readonly outlets: readonly string[] } {
  const outlets = outletsOf(testbed, name)
  if (outlets.length === 0) throw new Error(`${what} ${name} has no power outlet in the testbed`)
  return {
    outlets,
    apply: [[{ kind: 'outlets', purpose: `take the power of ${name} away`, outlets, on: false }]],
    revert: [{ kind: 'outlets', purpose: `give ${name} its power back`, outlets, on: true }],
    timers: [],
  }
}

const units = (outlets: readonly string[], on: boolean): FaultCheck => ({
  kind: 'outlets',
  purpose: `are the outlets ${outlets.join(', ')} ${on ? 'on' : 'off'}`,
  outlets,
  on,
})

export const nodePowerOff: Fault = {
  name: 'node-power-off',
  title: "takes a node's power away at its outlets",
  target: ['node'],
  plan(testbed, { node = '' }) {
    if (!testbed.hosts[node]?.node) throw new Error(`the testbed has no node ${node}`)
    const { outlets, ...common } = off(testbed, node, 'node')
    return {
      ...common,
      verify: [
        units(outlets, false),
        {
          kind: 'reach',
          purpose: `does ${node} answer`,
          host: node,
          wanted: 'does not answer',
          timeout: silentMilliseconds,
        },
      ],
      gone: [
        units(outlets, true),
        { kind: 'reach', purpose: `has ${node} booted`, host: node, wanted: 'answers', timeout: bootMilliseconds },
      ],
      undoText: `node ${node} has no power (${outlets.join(', ')})`,
      startsAnew: [node],
      settle: { gone: bootMilliseconds },
    }
  },
}

export const arrayPowerOff: Fault = {
  name: 'array-power-off',
  title: "takes an array's power away at its outlets",
  target: ['array'],
  plan(testbed, { array = '' }) {
    if (!testbed.hosts[array]?.role.includes('array')) throw new Error(`the testbed has no array ${array}`)
    const { outlets, ...common } = off(testbed, array, 'array')
    return {
      ...common,
      verify: [units(outlets, false)],
      gone: [units(outlets, true)],
      undoText: `array ${array} has no power (${outlets.join(', ')})`,
    }
  },
}

/** A private network as a whole: its switch loses power, and every node loses that link. */
export const privateNetworkOff: Fault = {
  name: 'private-network-off',
  title: "takes the power of a private network's switch away",
  target: ['link'],
  plan(testbed, { link = '' }) {
    if (!testbed.links[link]) throw new Error(`the testbed has no private link ${link}`)
    const { outlets, ...common } = off(testbed, link, 'the switch of private link')
    // a node sees it, too: its interface has lost the carrier
    const carriers = Object.entries(testbed.hosts).flatMap(([name, { node }]) => {
      const port = node?.links[link]
      return port ? [{ name, port: port.interface }] : []
    })
    const carrier = (wanted: boolean): FaultCheck[] =>
      carriers.map(({ name, port }) => ({
        kind: 'command',
        purpose: `has ${name} a carrier on ${link}`,
        host: name,
        argv: ['cat', `/sys/class/net/${port}/carrier`],
        expected: [0, 1],
        timeout: 5000,
        secondWitness: true,
        read: ({ exit, stdout }) => ({
          // an interface that is down answers with an error (EINVAL), which says nothing of the carrier
          ok: exit === 0 && stdout.trim() === (wanted ? '1' : '0'),
          evidence: `the kernel of ${name} says ${exit === 0 ? `carrier ${stdout.trim()}` : 'nothing of the carrier'} on ${port}`,
        }),
      }))
    return {
      ...common,
      verify: [units(outlets, false), ...carrier(false)],
      gone: [units(outlets, true), ...carrier(true)],
      undoText: `the switch of private link ${link} has no power (${outlets.join(', ')})`,
    }
  },
}
