/** Makes the storage of the tests wrong while a row runs: by commands that no recording tells of. */
import type { Line, NodeRecord } from '../../labs/journal/event.ts'
import type { Scenario } from '../../labs/scenarios/scenario.ts'
import { viewersOf } from '../../labs/testbed/parts.ts'
import type { GreenLab } from '../../main/engine/ready/green.ts'
import { devicesByLun, findDevices } from '../../main/engine/ready/devices.ts'
import { openLab, type Lab } from '../../main/lab/lab.ts'
import { runRow, type RowResult } from '../../main/engine/run/run-row.ts'
import { loadTestbed } from '../../main/load-testbed.ts'
import { TooLate } from './decided.ts'
import { row, runs, signal, testbedFile } from './lab.ts'

/** What is known when something is planted, and the way to the hosts. */
export interface Planting {
  /** all that was recorded so far */
  readonly lines: readonly Line[]
  /** the name of the run, which is in every record of its ledger */
  readonly run: string
  readonly survivor: NodeRecord
  readonly loser: NodeRecord
  /** the data disk, as that host calls it */
  dataDisk(host: string): string
  /** what a script says on a host; the words are its arguments */
  on(host: string, script: string, words?: readonly string[], stdin?: Uint8Array): Promise<string>
}

/** The row, and then some seconds in which the cluster goes on with what was planted. */
export function lookingOn(name: string): Scenario {
  const scenario = row(name)
  return { ...scenario, steps: [...scenario.steps, { do: 'watch', peerTimeouts: 1 }] }
}

/**
 * Runs a row, and plants something at the first line of its recording that is the right moment for it. What is planted goes
 * over connections of its own, and must be in place before the lab begins to collect.
 */
export async function runPlanted(
  green: GreenLab,
  scenario: Scenario,
  isMoment: (line: Line) => boolean,
  plant: (planting: Planting) => Promise<unknown>,
): Promise<RowResult> {
  const lab = openLab(loadTestbed(testbedFile))
  const lines: Line[] = []
  let planted: Promise<number> | undefined
  try {
    const hosts = Object.keys(lab.testbed.hosts).filter((host) => lab.testbed.hosts[host]?.transport === 'ssh')
    // all that takes time and can be done before
    await Promise.all(hosts.map((host) => say(lab, host, 'true')))
    const disks = new Map(
      await Promise.all(
        viewersOf(lab.testbed).map(
          async (host) => [host, devicesByLun(lab, await findDevices(lab, host, signal())).get('data1') ?? ''] as const,
        ),
      ),
    )
    const result = await runRow({
      lab: green.lab,
      scenario,
      out: runs,
      onProgress: () => undefined,
      onLine(line) {
        lines.push(line)
        if (planted || !isMoment(line)) return
        planted = plant(plantingOf(lab, disks, [...lines])).then(() => lines.length)
        // told below: until then nobody waits for it
        planted.catch(() => undefined)
      },
      restore: (s) => green.restore(s),
      signal: signal(),
    })
    const at = await planted
    const collected = lines.findIndex((line) => line.type === 'phase' && line.name === 'collect')
    if (at === undefined) throw new TooLate('the moment to plant something did not come')
    if (at > collected) throw new TooLate('the lab collected before it was planted')
    return result
  } finally {
    await lab.close()
  }
}

function plantingOf(lab: Lab, disks: ReadonlyMap<string, string>, lines: readonly Line[]): Planting {
  const [started] = lines
  if (started?.type !== 'run.started') throw new Error('the recording does not begin with its start')
  const { nodes } = started.testbed
  const panicked = lines.filter((line) => line.type === 'panic-event').map(({ host }) => host)
  const loser = nodes.find(({ name }) => panicked.includes(name))
  const survivor = nodes.find(({ name }) => !panicked.includes(name))
  if (!loser || !survivor) throw new Error('nobody is known to have lost')
  return {
    lines,
    run: started.run,
    survivor,
    loser,
    dataDisk: (host) => disks.get(host) ?? '',
    on: (host, script, words = [], stdin) => say(lab, host, script, words, stdin),
  }
}

async function say(
  lab: Lab,
  host: string,
  script: string,
  words: readonly string[] = [],
  stdin?: Uint8Array,
): Promise<string> {
  const { stdout } = await lab.run(host, {
    purpose: 'make the storage wrong',
    argv: ['sh', '-c', script, 'wrong', ...words],
    timeoutMs: 60_000,
    signal: signal(),
    ...(stdin && { stdin }),
  })
  return stdout.trim()
}
