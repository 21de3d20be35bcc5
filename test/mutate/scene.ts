import type { Line, LineOf } from '../../labs/journal/event.ts'
import { ofType } from '../../labs/journal/run.ts'
import type { Outcome } from '../../labs/scenarios/outcome.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import { judge } from '../../labs/verdicts/judge.ts'
import { chained } from './chain.ts'
import { spelledOut } from './looks.ts'

/** A passing recording, and what is where in it, by meaning. */
export interface Scene {
  readonly row: string
  /** numbered from 1; the text of every look stands in its own line */
  readonly lines: readonly Line[]
  readonly started: LineOf<'run.started'>
  readonly verdict: Verdict
  /** the first step of the first fault or operation */
  readonly injected: Line
  /** where the lab began to collect */
  readonly collect: LineOf<'phase'>
  /** where the lab began to restore; the end of the lines where it did not */
  readonly restore: number
  readonly nodes: readonly string[]
  /** those that go on in the end */
  readonly survivors: readonly string[]
  /** those that were lost: panicked, ejected, off, refused */
  readonly lost: readonly string[]
  readonly dataDisks: readonly string[]
  readonly points: readonly string[]
  /** the cluster registers keys on its disks */
  readonly keyed: boolean
  readonly policy: string
}

/** @throws Error where the recording does not pass: then nothing can be learned from changing it */
export function sceneOf(recording: readonly Line[]): Scene {
  const lines = chained(spelledOut(recording))
  const started = lines.find((line) => line.type === 'run.started')
  if (!started) throw new Error('a recording without its start')
  const row = started.scenario.name
  const verdict = judge(lines)
  if (verdict.verdict !== 'pass')
    throw new Error(
      `${row}: the unchanged recording does not pass: ${JSON.stringify(verdict.reasons.filter(({ bearing }) => bearing !== 'pass'))}`,
    )
  const injected = lines.find((line) => line.type === 'fault' || line.type === 'operation')
  const collect = ofType(lines, 'phase').findLast(({ name }) => name === 'collect')
  if (!injected || !collect) throw new Error(`${row}: nothing was done, or nobody looked in the end`)
  const { testbed, scenario } = started
  const nodes = testbed.nodes.map(({ name }) => name)
  const is = (node: string, ...outcomes: readonly Outcome[]) =>
    outcomes.includes(verdict.nodes[node]?.observed ?? 'unknown')
  return {
    row,
    lines,
    started,
    verdict,
    injected,
    collect,
    restore: ofType(lines, 'phase').find(({ name }) => name === 'restore')?.seq ?? lines.length + 1,
    nodes,
    survivors: nodes.filter((node) => is(node, 'running')),
    lost: nodes.filter((node) => is(node, 'panicked', 'ejected', 'off', 'refused-to-join', 'hung')),
    dataDisks: testbed.luns.filter(({ use }) => use === 'data').map(({ name }) => name),
    points: testbed.luns.filter(({ use }) => use === 'coordination').map(({ name }) => name),
    keyed: testbed.nodes.every(({ keys }) => keys.data !== ''),
    policy: scenario.policy,
  }
}

/** A node's registration key on the LUNs of a use. */
export function keyOf(scene: Scene, node: string, lun: string): string {
  const record = scene.started.testbed.nodes.find(({ name }) => name === node)
  const use = scene.started.testbed.luns.find(({ name }) => name === lun)?.use
  if (!record || !use) throw new Error(`${node} or ${lun} is not in the testbed`)
  return record.keys[use]
}

/** More than half of the coordination points. */
export const majorityOf = ({ points }: Scene): readonly string[] => points.slice(0, Math.floor(points.length / 2) + 1)

/** What a host's clock said at a moment of the lab, by the clock measured nearest to it. */
export function hostTime(scene: Scene, host: string, at: number, boot?: string): number | undefined {
  const measured = ofType(scene.lines, 'clock').filter(
    (line) => line.host === host && (boot === undefined || line.boot === boot),
  )
  const [nearest] = measured.toSorted((one, other) => Math.abs(one.at - at) - Math.abs(other.at - at))
  return nearest && (at - nearest.offset) / 1000
}

/** The boot in which a host was last seen at or before a line. */
export function bootAt(scene: Scene, host: string, seq: number): string | undefined {
  return ofType(scene.lines, 'clock').findLast((line) => line.host === host && line.seq <= seq)?.boot
}

/** The lines with some of them changed, left out (undefined) or replaced by several. */
export function changed(
  lines: readonly Line[],
  change: (line: Line) => Line | undefined | readonly Line[],
): readonly Line[] {
  return lines.flatMap((line) => change(line) ?? [])
}

/** New lines before or after the one with this number. */
export function inserted(
  lines: readonly Line[],
  place: { readonly before: number } | { readonly after: number },
  more: readonly Line[],
): readonly Line[] {
  return lines.flatMap((line) => {
    if ('before' in place) return line.seq === place.before ? [...more, line] : [line]
    return line.seq === place.after ? [line, ...more] : [line]
  })
}

type Fields<L> = L extends Line ? Omit<L, 'seq' | 'prev'> : never
/** A line that was not in the recording. */
export const line = (fields: Fields<Line>): Line => ({ seq: 0, prev: '0'.repeat(64), ...fields }) as Line
