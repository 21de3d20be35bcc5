import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reportRun } from '../../labs/report/run-report.ts'
import { waitingIn } from '../../labs/timeline/waiting.ts'
import { infoScaleTable } from '../../labs/scenarios/sources.ts'
import { scenarios } from '../../labs/scenarios/scenarios.ts'
import { choiceOf } from '../../labs/steps/stack-choice.ts'
import { textTable } from '../cli/text-table.ts'
import { runRow } from '../engine/run/run-row.ts'
import { readRun } from '../report/read-runs.ts'
import type { GreenLab } from '../engine/ready/green.ts'

/** what the table of seed 004 may take on two cores under software emulation, from a warm lab */
const aimSeconds = 360

/**
 * The scenario table of the InfoScale guide once, row by row: how long each took from the first look to the verdict, how
 * long the lab took to go back to all green, and how much of the row was the cluster's own time-outs.
 */
export async function documentedTable(
  green: GreenLab,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const rows = scenarios.filter(({ source }) => source.document === infoScaleTable.document)
  const times = green.lab.stack.pure.times(green.lab.testbed.stack)
  const out = await mkdtemp(join(tmpdir(), 'fencelab-bench-'))
  const lines: (readonly string[])[] = []
  const began = performance.now()
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1)
  try {
    for (const [index, scenario] of rows.entries()) {
      const rowBegan = performance.now()
      let back = rowBegan
      const result = await runRow({
        lab: green.lab,
        scenario,
        out,
        onProgress: ({ text }) => process.stderr.write(`${text}\n`),
        restore: async (healing) => {
          back = performance.now()
          await green.restore(healing, choiceOf(rows[index + 1] ?? scenario))
        },
        signal,
      })
      const whole = performance.now() - rowBegan
      const { run } = reportRun(await readRun(result.directory))
      const waiting = run && waitingIn(run, times)
      lines.push([
        scenario.name,
        result.verdict.verdict,
        result.seconds.toFixed(1),
        seconds(performance.now() - back),
        waiting ? seconds(waiting.row) : '-',
        waiting ? seconds(waiting.timeouts) : '-',
        seconds(whole),
      ])
    }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
  const total = (performance.now() - began) / 1000
  say(`\nthe table of the InfoScale guide, once, on a warm lab; seconds:`)
  say(
    textTable([
      [
        'row',
        'verdict',
        'to the verdict',
        'back to green',
        'from fault to end',
        "of it the cluster's time-outs",
        'whole',
      ],
      ...lines,
    ]),
  )
  say(`  whole table: ${total.toFixed(0)} s   (aim: ${aimSeconds})`)
}
