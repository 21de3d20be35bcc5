import type { Fault, CommandCheck } from './fault.ts'
import { deadMan, disarm } from './fault.ts'

/**
 * A node's virtual machine is stopped in the middle of whatever it does (SIGSTOP to its process on the hypervisor): all
 * of it, watchdogs included. Proved by the state letter T in /proc/PID/stat. The hypervisor's own tools go on calling
 * such a machine running.
 */
export const vmFreeze: Fault = {
  name: 'vm-freeze',
  title: "stops a node's virtual machine (SIGSTOP)",
  target: ['node'],
  plan(testbed, { node = '' }, { id, deadManSeconds, process }) {
    const vm = testbed.hosts[node]?.node?.vm
    if (!vm) throw new Error(`node ${node} is not a virtual machine in the testbed: it has no "vm" part`)
    if (process === undefined) throw new Error(`the process of ${node}'s virtual machine was not found`)
    const pid = String(process)
    const words = [String(deadManSeconds), id, pid]
    const state = (wanted: (letter: string) => boolean): CommandCheck => ({
      kind: 'command',
      host: vm.hypervisor,
      purpose: `state of the process of ${node}`,
      argv: ['cat', `/proc/${pid}/stat`],
      expected: [0],
      timeout: 5000,
      processOf: node,
      read({ stdout }) {
        const letter = stateLetter(stdout)
        return { ok: wanted(letter), evidence: `process ${pid} of ${node} is in state ${letter || 'unknown'}` }
      },
    })
    return {
      apply: [
        [
          {
            kind: 'command',
            host: vm.hypervisor,
            purpose: `stop the virtual machine of ${node}`,
            argv: ['sh', '-c', `${deadMan('kill -CONT "$3"')}\nkill -STOP "$3"`, 'fault', ...words],
          },
        ],
      ],
      verify: [state((letter) => letter === 'T')],
      revert: [
        {
          kind: 'command',
          host: vm.hypervisor,
          purpose: `let the virtual machine of ${node} go on`,
          // a machine that has ended is not stopped any more
          argv: ['sh', '-c', `${disarm}\nkill -CONT "$3" || [ ! -d "/proc/$3" ]`, 'fault', ...words],
        },
      ],
      gone: [state((letter) => letter !== 'T' && letter !== '')],
      timers: [{ host: vm.hypervisor, words }],
      undoText: `the virtual machine of ${node} (process ${pid}) is stopped`,
    }
  },
}

/** Third field of /proc/PID/stat (proc(5)); the second is the name in parentheses, which may hold anything. */
export function stateLetter(stat: string): string {
  return /^\d+ \(.*\) (\S)/s.exec(stat)?.[1] ?? ''
}
