import { readFile } from 'node:fs/promises'
import { createHash, randomUUID } from 'node:crypto'
import * as v from 'valibot'
import type { LedgerScan, StackStatus } from '../../labs/journal/event.ts'
import { agentConfig, agentPlace } from '../../labs/stacks/reference/agent-config.ts'
import { ledgerContents } from '../../labs/journal/schema.ts'
import { statusSchema } from '../../labs/stacks/reference/read-entry.ts'
import { lunsFor } from '../../labs/testbed/parts.ts'
import type { StackChoice } from '../../labs/scenarios/stack-choice.ts'
import { bundleAgent } from '../agent/bundle.ts'
import type { Lab } from '../engine/lab.ts'
import type { RunResult } from '../hosts/runner.ts'

/** Under emulation a Node process takes seconds to start on a busy machine. */
const startMilliseconds = 60_000

/** Puts a request down as a file and waits for its answer (main/agent/file-control.ts): no process but the shell's. */
const requestScript = `
mkdir -p "$1"
printf '%s' "$3" >"$1/$2.new" && mv "$1/$2.new" "$1/$2.request" || exit 1
tries=0
while [ ! -e "$1/$2.answer" ]; do
  [ $tries -ge "$4" ] && { echo "the agent does not answer" >&2; rm -f "$1/$2.request"; exit 1; }
  sleep "$5"; tries=$((tries + 1))
done
cat "$1/$2.answer"; rm -f "$1/$2.answer"`

/** how often the answer is looked for, and the seconds between two looks */
const patience = { tries: 300, pause: '0.1' } as const
/** an agent that was only just started has not read its requests yet; looking often would slow its start down */
const patienceAtStart = { tries: 110, pause: '0.5' } as const

async function request(
  lab: Lab,
  host: string,
  purpose: string,
  what: object,
  signal: AbortSignal,
  { tries, pause }: { readonly tries: number; readonly pause: string } = patience,
): Promise<object> {
  const { stdout } = await lab.run(host, {
    purpose,
    argv: [
      'sh',
      '-c',
      requestScript,
      'request',
      agentPlace.requests,
      randomUUID(),
      JSON.stringify(what),
      String(tries),
      pause,
    ],
    timeoutMs: startMilliseconds,
    signal,
  })
  const answer = v.safeParse(v.looseObject({ ok: v.boolean(), error: v.optional(v.string()) }), parseJson(stdout))
  if (!answer.success) throw new Error(`${host}: ${purpose}: the agent's answer was not understood: ${stdout.trim()}`)
  if (!answer.output.ok)
    throw new Error(`${host}: ${purpose}: the agent refused: ${answer.output.error ?? 'without a reason'}`)
  return answer.output
}

/**
 * Puts the agent and its configuration onto a host. What is there already is left alone.
 * @param devices LUN name to block device on that host
 */
export async function installAgent(
  lab: Lab,
  host: string,
  devices: ReadonlyMap<string, string>,
  signal: AbortSignal,
  choice?: StackChoice,
): Promise<void> {
  const configuration = Buffer.from(JSON.stringify(agentConfig(lab.testbed, host, devices, choice), null, 2))
  const hash = createHash('sha256').update(configuration).digest('hex')
  await Promise.all([
    installProgram(lab, host, signal),
    put(
      lab,
      host,
      { purpose: "install the agent's configuration", path: agentPlace.configuration, content: configuration, hash },
      signal,
    ),
  ])
}

/** The part of it that needs no disks: a node that boots can be given it while it still looks for them. */
export async function installProgram(lab: Lab, host: string, signal: AbortSignal): Promise<void> {
  const { file, sha256 } = await bundleAgent()
  const purpose = "install the reference cluster's agent"
  await put(lab, host, { purpose, path: agentPlace.program, content: await readFile(file), hash: sha256 }, signal)
}

interface Put {
  readonly purpose: string
  readonly path: string
  readonly content: Uint8Array
  readonly hash: string
}

/** Writes a file on a host, unless it is there already. */
async function put(lab: Lab, host: string, { purpose, path, content, hash }: Put, signal: AbortSignal): Promise<void> {
  const script =
    'mkdir -p "$(dirname "$1")" && if [ "$(sha256sum "$1" 2>/dev/null | cut -c1-64)" = "$2" ]; then echo present; fi'
  const { stdout } = await lab.run(host, {
    purpose: `is ${path} there`,
    argv: ['sh', '-c', script, 'look', path, hash],
    timeoutMs: startMilliseconds,
    signal,
  })
  if (stdout.trim() === 'present') return
  await lab.run(host, {
    purpose,
    argv: ['sh', '-c', 'cat >"$1.new" && mv "$1.new" "$1"', 'put', path],
    stdin: content,
    timeoutMs: startMilliseconds,
    signal,
  })
}

/**
 * Starts the agent, detached from this connection; it joins the cluster by itself. An old one is ended first.
 * @param log in the middle of a run its log is being read, and goes on where it was
 */
export async function startAgent(
  lab: Lab,
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
  await lab.run(host, {
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
  lab: Lab,
  host: string,
  signal: AbortSignal,
  timeoutMs = 10_000,
): Promise<{ readonly status: StackStatus; readonly hostAt?: number }> {
  const none = (text: string): { status: StackStatus } => ({ status: { type: 'stack', answered: false, text } })
  let result: RunResult
  try {
    result = await lab.run(host, {
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
export const tellAgent = (lab: Lab, host: string, what: 'join' | 'leave' | 'force-stop', signal: AbortSignal) =>
  request(lab, host, told[what], { do: what }, signal)
const told = {
  join: 'let the node join the cluster',
  leave: 'let the node leave the cluster',
  'force-stop': 'stop the cluster on the node by force',
} as const

/** @param agent does it run already, or was it only just started */
export const startLedger = (lab: Lab, host: string, run: string, agent: 'runs' | 'is starting', signal: AbortSignal) =>
  request(
    lab,
    host,
    'let the failover group write the ledger',
    { ledger: 'start', run },
    signal,
    agent === 'runs' ? patience : patienceAtStart,
  )

export const stopLedger = (lab: Lab, host: string, signal: AbortSignal) =>
  request(lab, host, 'stop the ledger', { ledger: 'stop' }, signal)

const contents = v.object({ ...ledgerContents, began: v.number(), ended: v.number() })

export interface LedgerQuestion {
  readonly run: string
  readonly when: 'final' | 'late'
  /** the host reads not before it has been up for so many seconds */
  readonly notBefore?: number
}
export interface LedgerAnswer {
  readonly scan: LedgerScan
  /** seconds since the boot of the host, when it had been read */
  readonly hostAt?: number
}

/** The same as `scanLedger`, by the agent that runs on a node: no process has to be started for it. */
export async function scanLedgerByAgent(
  lab: Lab,
  host: string,
  { run, when }: LedgerQuestion,
  signal: AbortSignal,
): Promise<LedgerAnswer> {
  const lun = lunsFor(lab.testbed, 'data')[0]?.name ?? ''
  try {
    const answer = await request(lab, host, 'read the ledger back from the data disk', { scan: run }, signal)
    return ledgerAnswer(lun, when, v.parse(contents, answer))
  } catch (error) {
    signal.throwIfAborted()
    const text = error instanceof Error ? error.message : String(error)
    return { scan: { type: 'ledger.scan', when, lun, error: text, records: [] } }
  }
}

/** Reads the ledger of a run back from the data disk, through `host`. A read that fails is kept as what it is. */
export async function scanLedger(
  lab: Lab,
  host: string,
  { run, when, notBefore = 0 }: LedgerQuestion,
  signal: AbortSignal,
): Promise<LedgerAnswer> {
  const lun = lunsFor(lab.testbed, 'data')[0]?.name ?? ''
  const failed = (error: string): LedgerAnswer => ({ scan: { type: 'ledger.scan', when, lun, error, records: [] } })
  let stdout: string
  try {
    ;({ stdout } = await lab.run(host, {
      purpose: 'read the ledger back from the data disk',
      argv: ['node', agentPlace.program, 'scan', agentPlace.configuration, run, notBefore.toFixed(3)],
      timeoutMs: scanMilliseconds,
      signal,
    }))
  } catch (error) {
    signal.throwIfAborted()
    return failed(error instanceof Error ? error.message : String(error))
  }
  const read = v.safeParse(contents, parseJson(stdout))
  return read.success
    ? ledgerAnswer(lun, when, read.output)
    : failed(`the answer was not understood: ${stdout.slice(0, 200)}`)
}
/** starting, waiting for the moment (a SCSI time-out), and reading */
const scanMilliseconds = 240_000

function ledgerAnswer(
  lun: string,
  when: LedgerQuestion['when'],
  { began, ended, records, shared, odd, otherRuns }: v.InferOutput<typeof contents>,
): LedgerAnswer {
  const found = { records, ...(shared && { shared }), ...(odd && { odd }), ...(otherRuns && { otherRuns }) }
  return { scan: { type: 'ledger.scan', when, lun, began, ...found }, hostAt: ended }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return { unreadable: String(error) }
  }
}
