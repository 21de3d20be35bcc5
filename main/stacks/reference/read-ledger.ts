import * as v from 'valibot'
import { ledgerContents } from '../../../labs/journal/schema.ts'
import { agentPlace } from '../../../labs/stacks/reference/agent-config.ts'
import { lunsFor } from '../../../labs/testbed/parts.ts'
import type { LedgerAnswer, LedgerQuestion, StackHosts } from '../stack-driver.ts'
import { parseJson } from './parse-json.ts'
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

/** Reads the ledger of a run back from the data disk, through `host`. A read that fails is kept as what it is. */
export async function scanLedger(
  hosts: StackHosts,
  host: string,
  { run, when, notBefore = 0 }: LedgerQuestion,
  signal: AbortSignal,
): Promise<LedgerAnswer> {
  const lun = lunsFor(hosts.testbed, 'data')[0]?.name ?? ''
  const failed = (error: string): LedgerAnswer => ({ scan: { type: 'ledger.scan', when, lun, error, records: [] } })
  let stdout: string
  try {
    ;({ stdout } = await hosts.run(host, {
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
