import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { ledgerContents } from '../../../labs/journal/schema.ts'
import { agentPlace } from '../../../labs/stacks/reference/agent-config.ts'
import { lunsFor } from '../../../labs/testbed/parts.ts'
import type { LedgerAnswer, LedgerQuestion, StackHosts } from '../stack-driver.ts'
import { parseJson } from './parse-json.ts'
import { readerRuns } from './reader-runs.ts'
import { request } from './request.ts'

const contents = v.object({ ...ledgerContents, began: v.number(), ended: v.number() })

/** The same as `scanLedger`, by the agent that runs on a node: no process has to be started for it. */
export async function scanLedgerByAgent(
  hosts: StackHosts,
  host: string,
  { run, when }: LedgerQuestion,
  signal: AbortSignal,
): Promise<LedgerAnswer> {
  const lun = lunsFor(hosts.testbed, 'data')[0]?.name ?? ''
  try {
    const answer = await request(hosts, host, 'read the ledger back from the data disk', { scan: run }, signal)
    return ledgerAnswer(lun, when, v.parse(contents, answer))
  } catch (error) {
    signal.throwIfAborted()
    const text = error instanceof Error ? error.message : String(error)
    return { scan: { type: 'ledger.scan', when, lun, error: text, records: [] } }
  }
}

/**
 * By the reader that runs there (main/agent/reader.ts); where there is none, or it ends meanwhile, by a program that is started
 * for it. $1 program, $2 configuration, $3 folder of requests, $4 file of the reader's process id, $5 name of the request,
 * $6 the request, $7 run, $8 not before
 */
const scanScript = `
program=$1
${readerRuns}
if pid=$(cat "$4" 2>/dev/null) && reader_runs; then
  mkdir -p "$3" && printf '%s' "$6" >"$3/$5.new" && mv "$3/$5.new" "$3/$5.request"
  while [ ! -e "$3/$5.answer" ] && reader_runs; do sleep 0.3; done
  if [ -e "$3/$5.answer" ]; then cat "$3/$5.answer"; rm -f "$3/$5.answer"; exit 0; fi
  rm -f "$3/$5.request"
fi
exec node "$program" scan "$2" "$7" "$8"`

/** Reads the ledger of a run back from the data disk, through a host that is no node. A read that fails is kept as what it is. */
export async function scanLedger(
  hosts: StackHosts,
  host: string,
  { run, when, notBefore = 0 }: LedgerQuestion,
  signal: AbortSignal,
): Promise<LedgerAnswer> {
  const lun = lunsFor(hosts.testbed, 'data')[0]?.name ?? ''
  const failed = (error: string): LedgerAnswer => ({ scan: { type: 'ledger.scan', when, lun, error, records: [] } })
  const { program, configuration, requests, reader } = agentPlace
  const request = JSON.stringify({ scan: run, notBefore: Number(notBefore.toFixed(3)) })
  let stdout: string
  try {
    ;({ stdout } = await hosts.run(host, {
      purpose: 'read the ledger back from the data disk',
      argv: [
        ...['sh', '-c', scanScript, 'scan', program, configuration, requests, reader],
        ...[randomUUID(), request, run, notBefore.toFixed(3)],
      ],
      timeoutMs: scanMilliseconds,
      signal,
    }))
  } catch (error) {
    signal.throwIfAborted()
    return failed(error instanceof Error ? error.message : String(error))
  }
  const answer = parseJson(stdout)
  const read = v.safeParse(contents, answer)
  if (read.success) return ledgerAnswer(lun, when, read.output)
  const refused = v.safeParse(v.object({ ok: v.literal(false), error: v.string() }), answer)
  return failed(refused.success ? refused.output.error : `the answer was not understood: ${stdout.slice(0, 200)}`)
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
