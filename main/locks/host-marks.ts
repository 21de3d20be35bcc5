import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { hostsWithRole } from '../../labs/testbed/parts.ts'
import type { Lab } from '../lab/lab.ts'
import { HostError } from '../transport/host-error.ts'
import { LabInUse } from './lab-in-use.ts'
import { thisProgram } from './lab-lock.ts'

/** That this program works with the lab, as it is known on the lab's own nodes. */
export interface HostMarks {
  /** Takes the marks away. What cannot be reached is left to its lease. */
  release(): Promise<void>
}

/** A mark that was not renewed for so long, by the node's own clock, counts for nothing: its program cannot be asked. */
export const leaseSeconds = 60
const renewMilliseconds = 15_000
const commandMilliseconds = 15_000

const userSchema = v.object({
  program: v.string(),
  pid: v.number(),
  user: v.string(),
  host: v.string(),
  since: v.string(),
})

/** exit statuses of the script: somebody else has marked the node */
const taken = 10

/**
 * Lines of a mark: its id, the boot and the second of uptime of its last renewal (no calendar: those are set), and who.
 * Arguments: $1 directory (empty: where the dead-man timers are), $2 take|renew|leave, $3 id, $4 lease, $5 who, as JSON.
 * All of it under a lock of the node's kernel, so that of two that come at once one is refused.
 */
export const markScript = `place=$1
if [ -z "$place" ]; then
  if [ -w /run ]; then place=/run/fencelab; else place="\${XDG_RUNTIME_DIR:-$HOME}/fencelab"; fi
fi
mkdir -p "$place" && exec 9>>"$place/lab-user.lock" && flock -w 5 9 || exit 4
file="$place/lab-user"
read -r boot </proc/sys/kernel/random/boot_id
read -r now _ </proc/uptime
now=\${now%.*}
id=; at=; by=; who=
if [ -f "$file" ]; then { read -r id; read -r at by; read -r who; } <"$file"; fi
foreign=
if [ -n "$id" ] && [ "$id" != "$3" ] && [ "$at" = "$boot" ] && [ "$((now - by))" -ge 0 ] && [ "$((now - by))" -lt "$4" ]
then foreign=1; fi
case $2 in
leave) if [ "$id" = "$3" ]; then rm -f "$file"; fi ;;
*)
  if [ -n "$foreign" ]; then printf '%s\\n' "$who"; exit ${taken}; fi
  printf '%s\\n%s %s\\n%s\\n' "$3" "$boot" "$now" "$5" >"$file.new" && mv "$file.new" "$file" || exit 4 ;;
esac`

/**
 * Marks the nodes of a rack as used by this program, so that a fencelab on another computer, or of another user, sees it
 * and is refused. The machines of a virtual lab are nobody else's: they carry no mark.
 *
 * Each renewal is a recorded command: where another program has taken a node over meanwhile (it can only after the lease,
 * when this one was suspended, or cut off from the node), the recording of the run shows who.
 *
 * @param directory on the nodes; absent: where the dead-man timers are
 * @throws LabInUse where another program works with one of the nodes; CommandFailed where a node cannot be marked
 */
export async function markHosts(
  lab: Pick<Lab, 'testbed' | 'run'>,
  signal: AbortSignal,
  directory = '',
): Promise<HostMarks> {
  if (lab.testbed.virtual) return { release: () => Promise.resolve() }
  const id = randomUUID()
  const { program, pid, user, host, since } = thisProgram()
  const who = JSON.stringify({ program, pid, user, host, since })
  const nodes = hostsWithRole(lab.testbed, 'node').map(({ name }) => name)
  const tell = (node: string, what: 'take' | 'renew' | 'leave', limit?: AbortSignal) =>
    lab.run(node, {
      purpose: `${what} the mark that this program works with ${node}`,
      argv: ['sh', '-c', markScript, 'mark', directory, what, id, String(leaseSeconds), who],
      expected: [0, taken],
      timeoutMs: commandMilliseconds,
      ...(limit && { signal: limit }),
    })
  const leave = async () => {
    await Promise.allSettled(nodes.map((node) => tell(node, 'leave')))
  }
  const answers = await Promise.allSettled(nodes.map((node) => tell(node, 'take', signal)))
  for (const answer of answers) {
    if (answer.status === 'fulfilled' && answer.value.exit !== taken) continue
    // a node that is off can be marked by nobody: whoever works with the lab has marked the others
    if (answer.status === 'rejected' && answer.reason instanceof HostError && !signal.aborted) continue
    await leave()
    if (answer.status === 'rejected') throw answer.reason
    throw refusal(lab.testbed.name, answer.value.stdout)
  }
  const renewing = setInterval(() => {
    for (const node of nodes)
      tell(node, 'renew').catch(
        () => undefined /* recorded as a command that failed; the others still carry the mark */,
      )
  }, renewMilliseconds)
  return {
    release() {
      clearInterval(renewing)
      return leave()
    },
  }
}

function refusal(lab: string, text: string): Error {
  const read = v.safeParse(userSchema, parseJson(text))
  if (!read.success) {
    return new Error(
      `the nodes of the lab "${lab}" are marked as used by another program, which is not readable: ${text.slice(0, 200)}`,
    )
  }
  return new LabInUse(
    lab,
    read.output,
    `Wait until it has ended, or end it there: it takes back what it injected. If it was killed, its mark on the nodes ` +
      `lapses ${leaseSeconds} s after its last sign of life. Looking is free meanwhile: status, check, keys, judge, report`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
