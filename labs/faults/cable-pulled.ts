import type { CommandCheck, Fault } from './fault.ts'
import { deadMan, disarm } from './fault.ts'

/**
 * The cable of a node's private link is pulled: its interface stays up and loses the carrier, unlike `ip link set down`.
 * Only a hypervisor can do it: libvirt by `virsh domif-setlink`, QEMU by its monitor (`set_link`). The node's own kernel
 * must see that the carrier is gone.
 */
export const cablePulled: Fault = {
  name: 'cable-pulled',
  title: "pulls the cable of a node's private link",
  target: ['node', 'link'],
  plan(testbed, { node = '', link = '' }, { id, deadManSeconds, monitorCommand }) {
    const part = testbed.hosts[node]?.node
    const port = part?.links[link]
    if (!part || !port) throw new Error(`node ${node} has no private link ${link} in the testbed`)
    const vm = part.vm
    if (!vm) throw new Error(`node ${node} is no virtual machine in the testbed: its cables can only be pulled by hand`)
    const way = wayToPull(node, vm, port, monitorCommand)
    const words = [String(deadManSeconds), id, ...way]
    // the words after seconds and id are the command, and the last of all is the state
    const set = (state: 'on' | 'off') => `shift 2; "$@" ${state === 'on' ? way.words.on : way.words.off}`
    const carrier = (wanted: boolean): CommandCheck => ({
      kind: 'command',
      host: node,
      purpose: `has ${node} a carrier on ${link}`,
      argv: ['cat', `/sys/class/net/${port.interface}/carrier`],
      expected: [0, 1],
      timeout: 5000,
      read({ exit, stdout }) {
        const ok = exit === 0 && stdout.trim() === (wanted ? '1' : '0')
        return {
          ok,
          evidence: `the kernel of ${node} says ${exit === 0 ? `carrier ${stdout.trim()}` : 'nothing of the carrier'} on ${port.interface}`,
        }
      },
    })
    return {
      apply: [
        [
          {
            kind: 'command',
            host: vm.hypervisor,
            purpose: `pull the cable of ${link} at ${node}`,
            argv: ['sh', '-c', `${deadMan(set('on'))}\n${set('off')}`, 'fault', ...words],
          },
        ],
      ],
      verify: [carrier(false)],
      revert: [
        {
          kind: 'command',
          host: vm.hypervisor,
          purpose: `plug the cable of ${link} at ${node}`,
          argv: ['sh', '-c', `${disarm}\n${set('on')}`, 'fault', ...words],
        },
      ],
      gone: [carrier(true)],
      timers: [{ host: vm.hypervisor, words }],
      undoText: `the cable of private link ${link} at ${node} is pulled`,
    }
  },
}

type Way = readonly string[] & { readonly words: { readonly on: string; readonly off: string } }

function wayToPull(
  node: string,
  vm: { readonly guest?: string; readonly monitor?: string },
  port: { readonly interface: string; readonly mac?: string | undefined },
  monitorCommand: readonly string[] | undefined,
): Way {
  const way = (argv: readonly string[], on: string, off: string): Way =>
    Object.assign([...argv], { words: { on, off } })
  if (vm.monitor !== undefined) {
    if (!monitorCommand) throw new Error(`the QEMU monitor of ${node} can only be spoken to where fencelab itself runs`)
    return way([...monitorCommand, vm.monitor, 'set_link', port.interface], 'on', 'off')
  }
  if (vm.guest === undefined) throw new Error(`node ${node} needs vm.guest (libvirt) or vm.monitor in the testbed`)
  if (port.mac === undefined)
    throw new Error(`node ${node} needs the "mac" of that link in the testbed: libvirt knows cables by it`)
  return way(['virsh', 'domif-setlink', vm.guest, port.mac], 'up', 'down')
}
