import { resolve } from 'node:path'
import { faultNamed, faults } from '../../../labs/faults/faults.ts'
import { didYouMean } from '../../../labs/testbed/did-you-mean.ts'
import { durationMilliseconds } from '../../../labs/testbed/duration.ts'
import { runsDirectory } from '../../directories.ts'
import { openLab } from '../../lab/lab.ts'
import { runFault } from '../../engine/run/run-fault.ts'
import { loadTestbed, UserError, type LoadedTestbed } from '../../load-testbed.ts'
import { markHosts, type HostMarks } from '../../locks/host-marks.ts'
import { withLab } from '../../locks/lab-lock.ts'
import { ask } from '../ask.ts'
import { exitStatus, type Context, type ExitStatus } from '../context.ts'
import { commandFor, requireUp } from '../require-up.ts'
import { textTable } from '../text-table.ts'
import { tellUnfinished } from '../../engine/inject/undo.ts'

export interface FaultWords {
  readonly testbed: string
  readonly name?: string
  readonly target: readonly string[]
  /** as it was written: 30s */
  readonly for?: string
}

/** Injects one fault, holds it for a while, takes it back. Without a name: which faults there are. */
export async function fault(words: FaultWords, context: Context): Promise<ExitStatus> {
  if (words.name === undefined) {
    const rows = Object.values(faults).map(({ name, target, title }) => [
      name,
      target.map((part) => part.toUpperCase()).join('/'),
      title,
    ])
    context.print(textTable([['fault', 'target', 'what it does'], ...rows]))
    context.print(
      '\nA target is names of the testbed: "fencelab fault virtual private-link-down nodea/priv1 --for 30s". SIDE is the nodes\nof one side, in quotes: "nodec noded".',
    )
    return exitStatus.passed
  }
  if (Object.hasOwn(faults, words.testbed)) {
    throw new UserError(
      `on which testbed? Its name comes first: fencelab fault virtual ${[words.testbed, words.name, ...words.target].join(' ')}`,
    )
  }
  const loaded = loadTestbed(words.testbed)
  const target = targetOf(words.name, words.target)
  const milliseconds = words.for === undefined ? undefined : lasting(words.for)
  if (!loaded.testbed.destructive) {
    throw new UserError(`${loaded.file} does not say "destructive: true": nothing is done to its hosts`)
  }
  await requireUp(loaded, words.testbed)
  return withLab(loaded, () => injectOne(words, words.name ?? '', target, milliseconds, loaded, context))
}

async function injectOne(
  words: FaultWords,
  name: string,
  target: Readonly<Record<string, string>>,
  milliseconds: number | undefined,
  loaded: LoadedTestbed,
  context: Context,
): Promise<ExitStatus> {
  await tellUnfinished(context)
  const lab = openLab(loaded, { ask: ask(context) })
  let marks: HostMarks | undefined
  try {
    marks = await markHosts(lab, context.signal)
    const result = await runFault({
      lab,
      fault: name,
      target,
      ...(milliseconds !== undefined && { milliseconds }),
      out: resolve(runsDirectory()),
      onProgress: context.onProgress,
      onTaken(taken, evidence) {
        context.say(taken ? `it took: ${evidence}` : `it did NOT take: ${evidence}`)
        if (taken)
          context.say(
            milliseconds === undefined ? 'Ctrl-C takes it back' : `for ${words.for}; Ctrl-C takes it back at once`,
          )
      },
      signal: context.signal,
    })
    const end = {
      true: 'it is gone',
      false: 'it is NOT seen to be gone',
      undefined: `it cannot be taken back: ${commandFor('reset', words.testbed)} brings the lab to all green`,
    }
    context.print(`${result.taken ? 'The fault took' : 'The fault did NOT take'}, and ${end[`${result.gone}`]}.`)
    for (const evidence of result.evidence) context.print(`  ${evidence}`)
    context.print(`Recording: ${result.directory}`)
    return result.taken && result.gone !== false ? exitStatus.passed : exitStatus.failed
  } finally {
    await marks?.release()
    await lab.close()
  }
}

/** `nodea/priv1`, or `nodea priv1`, or `node=nodea link=priv1`. */
function targetOf(name: string, words: readonly string[]): Record<string, string> {
  const fault = faultNamed(name)
  if (!fault) {
    const near = didYouMean(name, Object.keys(faults))
    throw new UserError(
      `there is no fault "${name}"; ${near === undefined ? '' : `did you mean "${near}"? `}there are: ${Object.keys(faults).join(', ')}`,
    )
  }
  const parts = words.flatMap((word) => word.split('/'))
  const named = parts.filter((part) => part.includes('='))
  const target =
    named.length === parts.length
      ? Object.fromEntries(named.map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]))
      : Object.fromEntries(fault.target.map((what, index) => [what, parts[index] ?? '']))
  const fits = fault.target.every((what) => target[what]) && parts.length === fault.target.length
  if (fits) return target
  const form = fault.target.map((part) => part.toUpperCase()).join('/')
  throw new UserError(
    `the fault ${name} takes the target ${form}, and was given ${words.length === 0 ? 'none' : `"${words.join(' ')}"`}`,
  )
}

function lasting(text: string): number {
  const milliseconds = durationMilliseconds(text)
  if (milliseconds === undefined) throw new UserError(`--for takes a time like 30s or 2m, not "${text}"`)
  return milliseconds
}
