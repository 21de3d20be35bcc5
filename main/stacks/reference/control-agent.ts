import * as v from 'valibot'
import { agentPlace } from '../../../labs/stacks/reference/agent-config.ts'
import { statusSchema } from '../../../labs/stacks/reference/read-entry.ts'
import type { RunResult } from '../../hosts/runner.ts'
import type { StackHosts, StackOrder, StatusAnswer } from '../stack-driver.ts'
import { parseJson } from './parse-json.ts'
import { patience, patienceAtStart, request, startMilliseconds } from './request.ts'

/**
 * Starts the agent, detached from this connection; it joins the cluster by itself. An old one is ended first.
 * @param log in the middle of a run its log is being read, and goes on where it was
 */
export async function startAgent(
  hosts: StackHosts,
  host: string,
  signal: AbortSignal,
  log: 'begins anew' | 'goes on with its log' = 'begins anew',
): Promise<void> {
  const script = `
pkill -f "$1 run" && while pgrep -f "$1 run" >/dev/null; do sleep 0.2; done
[ "$8" = 'begins anew' ] && rm -f "$4"
rm -rf "$5" "$6" "$7"
setsid nice -n -10 node --jitless "$1" run "$2" --join </dev/null >"$3" 2>&1 &
exit 0`
  await hosts.run(host, {
    purpose: 'start the reference cluster',
    argv: [
      'sh',
      '-c',
      script,
      'start',
      agentPlace.program,
      agentPlace.configuration,
      agentPlace.output,
      agentPlace.log,
      agentPlace.socket,
      agentPlace.status,
      agentPlace.requests,
      log,
    ],
    timeoutMs: startMilliseconds,
    signal,
  })
}

/** the agent rewrites its status twice a second; older than this, it does not live (or is very busy) */
const freshSeconds = 3

/** The status the agent keeps, and the clock of the host at which it was read. */
const statusScript = 'read -r up rest </proc/uptime; printf "%s\\n" "$up"; cat "$1"'

/**
 * What the agent thinks of the cluster, read from the status it keeps fresh. A node that cannot be asked, or whose agent
 * fell silent, is an answer too: `answered: false`.
 */
export async function askStatus(
  hosts: StackHosts,
  host: string,
  signal: AbortSignal,
  timeoutMs = 10_000,
): Promise<StatusAnswer> {
  const none = (text: string): StatusAnswer => ({ status: { type: 'stack', answered: false, text } })
  let result: RunResult
  try {
    result = await hosts.run(host, {
      purpose: 'ask the reference cluster for its state',
      argv: ['sh', '-c', statusScript, 'status', agentPlace.status],
      expected: [0, 1],
      timeoutMs,
      signal,
    })
  } catch (error) {
    return none(error instanceof Error ? error.message : String(error))
  }
  if (result.exit !== 0) return none(`no agent runs: ${result.stderr.trim()}`)
  const [up = '', text = ''] = result.stdout.split('\n')
  const read = v.safeParse(v.looseObject({ t: v.number(), ...statusSchema.entries }), parseJson(text))
  if (!read.success) return none(`the agent's status was not understood: ${text}`)
  const { state, members, links, active, text: words, t } = read.output
  if (Number(up) - t > freshSeconds) return none(`the agent fell silent ${(Number(up) - t).toFixed(1)} s ago`)
  return { status: { type: 'stack', answered: true, state, members, links, active, text: words }, hostAt: t }
}

/** Tells the agent to join (anew), to leave the cluster cleanly, or to stop although it is in use. */
export async function tellAgent(hosts: StackHosts, host: string, what: StackOrder, signal: AbortSignal): Promise<void> {
  await request(hosts, host, told[what], { do: what }, signal)
}
const told = {
  join: 'let the node join the cluster',
  leave: 'let the node leave the cluster',
  'force-stop': 'stop the cluster on the node by force',
} as const

/** @param agent does it run already, or was it only just started */
export async function startLedger(
  hosts: StackHosts,
  host: string,
  run: string,
  agent: 'runs' | 'is starting',
  signal: AbortSignal,
): Promise<void> {
  const purpose = 'let the failover group write the ledger'
  const wait = agent === 'runs' ? patience : patienceAtStart
  await request(hosts, host, purpose, { ledger: 'start', run }, signal, wait)
}

export async function stopLedger(hosts: StackHosts, host: string, signal: AbortSignal): Promise<void> {
  await request(hosts, host, 'stop the ledger', { ledger: 'stop' }, signal)
}
