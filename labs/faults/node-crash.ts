import { isPanicLine } from '../journal/panic-line.ts'
import { panicWitnesses } from '../testbed/parts.ts'
import type { Fault } from './fault.ts'

/**
 * A node's kernel crashes (sysrq `c`). Every witness that the testbed has for its panics must have seen it. There is
 * nothing to take back: a crashed node has to be started anew, which the way back to all green does.
 */
export const nodeCrash: Fault = {
  name: 'node-crash',
  title: "crashes a node's kernel (sysrq c)",
  target: ['node'],
  lasts: 'once',
  plan(testbed, { node = '' }) {
    const part = testbed.hosts[node]?.node
    if (!part) throw new Error(`the testbed has no node ${node}`)
    const witnesses = panicWitnesses(part)
    if (witnesses.length === 0)
      throw new Error(`node ${node} has neither a console nor a hypervisor that would tell of its crash`)
    return {
      apply: [
        [
          {
            kind: 'command',
            host: node,
            purpose: `crash ${node}`,
            // the answer must be on its way before the kernel stops
            argv: [
              'sh',
              '-c',
              'echo 1 >/proc/sys/kernel/sysrq; setsid sh -c "sleep 0.3; echo c >/proc/sysrq-trigger" </dev/null >/dev/null 2>&1 &',
            ],
          },
        ],
      ],
      verify: [
        {
          kind: 'seen',
          purpose: `did ${node} crash`,
          read(lines) {
            const saw = {
              'panic-event': lines.some((line) => line.type === 'panic-event' && line.host === node),
              console: lines.some((line) => line.type === 'console' && line.host === node && isPanicLine(line.text)),
            }
            const silent = witnesses.filter((witness) => !saw[witness])
            return {
              ok: silent.length === 0,
              evidence:
                silent.length === 0
                  ? `${witnesses.join(' and ')} of ${node} saw its panic`
                  : `${silent.join(' and ')} of ${node} saw no panic`,
            }
          },
        },
      ],
      revert: [],
      gone: [],
      timers: [],
      undoText: `node ${node} was crashed and has to be started anew`,
    }
  },
}
