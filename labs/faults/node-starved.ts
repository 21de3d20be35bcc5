import { peerTimeoutOf } from '../stacks/peer-timeout.ts'
import type { CommandCheck, Fault } from './fault.ts'

/** longer than a silent peer is waited for, with the race and the ejection after it */
const peerTimeouts = 3
const marginSeconds = 12
/** how long a process that only wants to run once in a while must have been kept from it, as a share of the time */
const share = 0.8

/**
 * A witness that wants to run five times a second, and writes down when it last did; and as many busy loops as there are
 * processors, of a real-time class that ordinary processes never interrupt. After $1 seconds whoever started them (of a
 * higher class yet) tells on the console how long the witness had waited, and ends them: nobody could reach the node to do
 * so. $2 is the file of the witness.
 */
const starve = `mkdir -p /run/fencelab || exit 1
cat >"$2.witness" <<'END'
while :; do read -r now rest </proc/uptime; echo "$now" >"$1"; sleep 0.2; done
END
cat >"$2.hog" <<'END'
chrt -o 0 sh "$2.witness" "$2" & witness=$!
sleep 1
read -r limit </proc/sys/kernel/sched_rt_runtime_us
echo -1 >/proc/sys/kernel/sched_rt_runtime_us
loops=
for processor in $(seq "$(nproc)"); do chrt -f 50 sh -c 'while :; do :; done' & loops="$loops $!"; done
sleep "$1"
read -r last <"$2"
read -r now rest </proc/uptime
waited=$((\${now%.*}\${now#*.} - \${last%.*}\${last#*.}))
echo "<3>fencelab: an ordinary process waited $waited hundredths of a second" >/dev/kmsg
kill -9 $loops $witness
echo "$limit" >/proc/sys/kernel/sched_rt_runtime_us
END
setsid chrt -f 60 sh "$2.hog" "$1" "$2" </dev/null >/dev/null 2>&1 &
exit 0`
const told = /fencelab: an ordinary process waited (\d+) hundredths of a second/

/**
 * A node that is alive and gets nothing done: its processors are taken by something that no ordinary process can
 * interrupt. It still answers a ping, which its kernel does by itself; its cluster and its SSH daemon do not get to run.
 * Nothing can be taken back before its time is over; how long an ordinary process really waited is told on the console at
 * its end, and is the proof.
 */
export const nodeStarved: Fault = {
  name: 'node-starved',
  title: 'keeps all ordinary processes of a node from running; its kernel lives',
  target: ['node'],
  lasts: 'by-itself',
  plan(testbed, { node = '' }, { id }) {
    const part = testbed.hosts[node]?.node
    if (!part) throw new Error(`the testbed has no node ${node}`)
    if (part.console === undefined)
      throw new Error(`node ${node} has no console in the testbed, which would tell how long it starved`)
    const [peer, peerHost] = Object.entries(testbed.hosts).find(([name, host]) => host.node && name !== node) ?? []
    const [link, port] = Object.entries(part.links)[0] ?? []
    if (peer === undefined || link === undefined || !port)
      throw new Error(`no other node would notice that ${node} starves`)
    const peerPort = peerHost?.node?.links[link]
    const seconds = Math.ceil((peerTimeoutOf(testbed) * peerTimeouts) / 1000) + marginSeconds
    const file = `/run/fencelab/starved-${id}`
    const alive: CommandCheck = {
      kind: 'command',
      host: peer,
      purpose: `does the kernel of ${node} answer`,
      argv: ['ping', '-n', '-c', '1', '-W', '3', ...(peerPort ? ['-I', peerPort.interface] : []), port.address],
      expected: [0, 1],
      timeout: 10_000,
      read: ({ exit }) => ({
        ok: exit === 0,
        evidence: `the kernel of ${node} ${exit === 0 ? 'answers' : 'does not answer'} a ping of ${peer}`,
      }),
    }
    return {
      apply: [
        [
          {
            kind: 'command',
            host: node,
            purpose: `starve ${node} for ${seconds} s`,
            argv: ['sh', '-c', starve, 'starve', String(seconds), file],
          },
        ],
      ],
      verify: [
        alive,
        {
          kind: 'reach',
          purpose: `does an ordinary process of ${node} answer`,
          host: node,
          wanted: 'does not answer',
          timeout: 3000,
        },
      ],
      revert: [],
      gone: [
        {
          kind: 'seen',
          purpose: `how long did ordinary processes of ${node} wait`,
          read(lines) {
            const line = lines.findLast((one) => one.type === 'console' && one.host === node && told.test(one.text))
            const waited = line?.type === 'console' ? Number(told.exec(line.text)?.[1]) / 100 : undefined
            if (waited === undefined)
              return { ok: false, evidence: `the console of ${node} does not tell that it is over` }
            return {
              ok: waited >= seconds * share,
              evidence: `an ordinary process of ${node} waited ${waited} s at a stretch, of ${seconds} s`,
            }
          },
        },
      ],
      timers: [],
      undoText: `${node} is kept from working for ${seconds} s; it ends by itself`,
      settle: { verify: 15_000, gone: (seconds + 60) * 1000 },
    }
  },
}
