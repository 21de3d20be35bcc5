import { faultNamed } from '../../labs/faults/faults.ts'
import type { Scenario } from '../../labs/scenarios/scenario.ts'
import type { Bed } from '../../labs/testbed-file/bed.ts'
import { count, duration } from '../state/words.ts'

export interface RunQuestion {
  readonly title: string
  readonly text: string
  /** what is hit, a line for each */
  readonly points: readonly string[]
  readonly action: string
}

export interface RunRequest {
  readonly bed: Pick<Bed, 'name' | 'record' | 'power'> | null
  readonly rows: readonly { readonly scenario: Pick<Scenario, 'title' | 'steps'>; readonly seconds: number | null }[]
  readonly repeat: number
}

/** so long a row is taken to last that was never run here */
const unknownSeconds = 60

/** What running rows does to a rack, to be read before it is begun: its LUNs, its nodes, its outlets, and how long it takes. */
export function runConsequences({ bed, rows, repeat }: RunRequest): RunQuestion {
  const nodes = bed?.record.nodes ?? []
  const luns = bed?.record.luns ?? []
  const namesOf = (use: string) => luns.filter((lun) => lun.use === use).map(({ name }) => name)
  const runs = rows.length * repeat
  const total = rows.reduce((sum, { seconds }) => sum + (seconds ?? unknownSeconds), 0) * repeat
  const isGuess = rows.some(({ seconds }) => seconds === null)
  const injected = new Set(
    rows.flatMap(({ scenario }) =>
      scenario.steps.flatMap((step) => (step.do === 'fault' ? [faultNamed(step.fault)?.title ?? step.fault] : [])),
    ),
  )
  const outlets = [...new Set(nodes.flatMap((node) => node.outlets ?? []))]
  const what = rows.length === 1 ? `“${rows[0]?.scenario.title ?? ''}”` : count(rows.length, 'row')
  return {
    title: `Run ${what}${repeat > 1 ? `, ${repeat} times,` : ''} on ${bed?.name ?? 'this testbed'}?`,
    text: `${count(runs, 'run')}, about ${duration(total * 1000)}${isGuess ? ' (some were never run here: a rough estimate)' : ''}. This is real hardware.`,
    points: [
      `Data LUNs ${listed(namesOf('data'))} are written to: everything on them is lost.`,
      `Registrations and reservations on ${listed(luns.map(({ name }) => name))} are changed.`,
      `Nodes ${listed(nodes.map(({ name }) => name))} may panic and reboot.`,
      ...(outlets.length > 0 ? [`Outlets ${listed(outlets)} may be switched off.`] : []),
      ...(injected.size > 0 ? [`Injected: ${[...injected].join('; ')}.`] : []),
      'What is injected is taken back at the end of each run, and when you stop.',
    ],
    action: runs === 1 ? 'Run it' : `Run ${runs} times`,
  }
}

/** so many names are read one by one */
const mostNames = 12
function listed(names: readonly string[]): string {
  if (names.length === 0) return '(none)'
  if (names.length <= mostNames) return names.join(', ')
  return `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more`
}
