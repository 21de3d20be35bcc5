import { ofType } from '../journal/run.ts'
import type { Case } from './case.ts'

/** Hosts that read the disks of a run and are no nodes of it. */
export function onlookers({ started, lines }: Pick<Case, 'started' | 'lines'>): readonly string[] {
  const nodes = started.testbed.nodes.map(({ name }) => name)
  const viewers = ofType(lines, 'keys').flatMap(({ host }) => host ?? [])
  return [...new Set(viewers)].filter((host) => !nodes.includes(host))
}
