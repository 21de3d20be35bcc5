/**
 * The virtual lab of the tests: its own addresses and its own state, so that a lab somebody works with is left alone.
 * Started once for all files (global-setup.ts), ended with the last of them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Scenario } from '../../labs/scenarios/scenario.ts'
import { scenarioNamed } from '../../labs/scenarios/scenarios.ts'
import { devicesByLun, findDevices } from '../../main/engine/ready/devices.ts'
import { openGreenLab, type GreenLab } from '../../main/engine/ready/green.ts'
import { runRow, type RowResult } from '../../main/engine/run/run-row.ts'
import { loadTestbed } from '../../main/load-testbed.ts'

export const place = join(tmpdir(), `fencelab-lab-${userInfo().uid}`)
mkdirSync(place, { recursive: true, mode: 0o700 })
process.env['XDG_STATE_HOME'] = join(place, 'state')
process.env['XDG_DATA_HOME'] = join(place, 'data')
export const runs = join(place, 'runs')

const example = fileURLToPath(new URL('../../labs/testbeds/virtual.yaml', import.meta.url))
/** The example testbed at other loopback addresses. */
export const testbedFile = join(place, 'tests.yaml')
writeFileSync(testbedFile, readFileSync(example, 'utf8').replaceAll('127.0.77.', '127.0.78.'))

export const signal = () => new AbortController().signal

/** Opens the lab of the tests, all green. */
export const openTestLab = (lifetime: 'bound' | 'free' = 'free'): Promise<GreenLab> =>
  openGreenLab(loadTestbed(testbedFile), { lifetime, onProgress: () => undefined, signal: signal() })

export function row(name: string): Scenario {
  const found = scenarioNamed(name)
  if (!found) throw new Error(`no row ${name}`)
  return found
}

/** Runs one row; the lab is all green again when it resolves. */
export const run = (green: GreenLab, scenario: Scenario): Promise<RowResult> =>
  runRow({
    lab: green.lab,
    scenario,
    out: runs,
    onProgress: () => undefined,
    restore: (s) => green.restore(s),
    signal: signal(),
  })

/** What a script says on a host; the words are its arguments. */
export async function shell(
  green: GreenLab,
  host: string,
  purpose: string,
  script: string,
  ...words: string[]
): Promise<string> {
  const { stdout } = await green.lab.run(host, {
    purpose,
    argv: ['sh', '-c', script, 'test', ...words],
    timeoutMs: 60_000,
    signal: signal(),
  })
  return stdout.trim()
}

/** The data disk, as the host calls it. */
export const disk = async ({ lab }: GreenLab, host: string) =>
  devicesByLun(lab, await findDevices(lab, host, signal())).get('data1') ?? ''

/** What a failed expectation should show of a run. */
export const told = (result: RowResult) => ({
  verdict: result.verdict.verdict,
  outcomes: Object.fromEntries(Object.entries(result.verdict.nodes).map(([name, node]) => [name, node.observed])),
  against: result.verdict.reasons
    .filter(({ bearing }) => bearing !== 'pass')
    .map(({ rule, bearing, text }) => `${bearing} ${rule}: ${text}`),
})
