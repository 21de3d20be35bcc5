import { readTables, type TableReader } from './read-tables.ts'
import { ofType } from '../journal/run.ts'
import type { Line, LineOf, RunStarted } from '../journal/event.ts'
import type { Segment } from '../timeline/looks.ts'
import type { NodeLane } from '../timeline/node-lane.ts'
import type { TimeLine } from '../timeline/time-line.ts'
import type { KeyHistory } from '../timeline/key-history.ts'
import type { Case } from '../verdicts/case.ts'
import type { Scene, SceneFault, SceneHost, SceneLink, SceneLun, SceneNode, SceneOutlet } from './scene.ts'

export interface SceneOptions {
  /** the tables of every viewer, not only of the one that can be believed most */
  readonly allViewers?: boolean
}

/** Tells what was known of the lab at any moment of a run. Folded once; each question takes no time to speak of. */
export interface SceneReader {
  at(at: number, options?: SceneOptions): Scene
}

export function readScene(run: Case, timeLine: TimeLine, histories: readonly KeyHistory[]): SceneReader {
  const { testbed } = run.started
  const tables = readTables(run)
  const stacks = grouped(ofType(run.lines, 'stack'), hostOf)
  const connections = grouped(ofType(run.lines, 'connection'), hostOf)
  const own = grouped(ofType(run.lines, 'array-keys'), ({ lun }) => lun)
  const phases = ofType(run.lines, 'phase')
  const roles = ofType(run.lines, 'roles')
  const outlets = grouped(ofType(run.lines, 'outlet'), ({ outlet }) => outlet)
  return {
    at(at, { allViewers = false } = {}) {
      const faults = faultsAt(timeLine, at)
      return {
        at,
        phase: lastUpTo(phases, at)?.name,
        nodes: testbed.nodes.map(({ name, id }) => nodeAt(run, timeLine, stacks.get(name) ?? [], name, id, at)),
        links: timeLine.links.map((lane) => linkAt(lane, faults, at)),
        luns: testbed.luns.map((lun) => lunAt(lun, tables, histories, own.get(lun.name) ?? [], at, allViewers)),
        faults,
        hosts: [...connections].flatMap(([name, list]) => hostAt(name, list, at)),
        outlets: [...outlets].flatMap(([outlet, list]) => outletAt(outlet, list, at)),
        roles: lastUpTo(roles, at)?.roles ?? run.started.roles,
      }
    },
  }
}

function nodeAt(
  run: Case,
  timeLine: TimeLine,
  statuses: readonly LineOf<'stack'>[],
  name: string,
  id: number,
  at: number,
): SceneNode {
  const lane = timeLine.states.find(({ node }) => node === name)
  const segment = segmentAt(lane?.segments ?? [], at)
  const stack = lastUpTo(statuses, at)
  const marks = timeLine.ledgers.find(({ node }) => node === name)?.marks ?? []
  const writes = { acknowledged: 0, refused: 0, failed: 0 }
  for (const mark of marks) {
    if (mark.at > at) break
    writes[mark.kind] += 1
  }
  return {
    name,
    id,
    state: segment?.state ?? 'unknown',
    seen: segment && Math.min(segment.to, at),
    events: segment ? [...new Set([...segment.events, ...panicsUpTo(lane, segment, at)])] : [],
    stack: stack && {
      answered: stack.answered,
      ...(stack.state !== undefined && { state: stack.state }),
      ...(stack.members !== undefined && { members: stack.members }),
      ...(stack.active !== undefined && { active: stack.active }),
      text: stack.text,
      at: stack.at,
      event: stack.seq,
    },
    writes,
  }
}

/** All witnesses of a panic, not only the first. */
function panicsUpTo(lane: NodeLane | undefined, segment: Segment, at: number): readonly number[] {
  if (segment.state !== 'panicked' && segment.state !== 'panic-seen') return []
  return (lane?.marks ?? [])
    .filter((mark) => mark.kind === 'panic' && mark.at <= at && mark.at >= segment.from)
    .map(({ event }) => event)
}

function linkAt(
  { link, node, segments }: TimeLine['links'][number],
  faults: readonly SceneFault[],
  at: number,
): SceneLink {
  const segment = segmentAt(segments, at)
  const fault = faults.find(({ target }) => target['node'] === node && target['link'] === link)
  return {
    link,
    node,
    state: segment?.state ?? 'unknown',
    seen: segment && Math.min(segment.to, at),
    fault: fault && { id: fault.id, state: fault.state },
  }
}

function lunAt(
  { name, use, array }: RunStarted['testbed']['luns'][number],
  tables: TableReader,
  histories: readonly KeyHistory[],
  views: readonly LineOf<'array-keys'>[],
  at: number,
  allViewers: boolean,
): SceneLun {
  const best = histories.find((one) => one.lun.name === name)?.viewer
  const own = lastUpTo(views, at)
  return {
    name,
    use,
    array,
    best,
    tables: tables.at(name, at, allViewers ? undefined : best),
    own: own && { text: textOf(own, views), at: own.at, event: own.seq },
  }
}

const textOf = (view: LineOf<'array-keys'>, views: readonly LineOf<'array-keys'>[]) =>
  view.same === undefined ? view.text : (views.find(({ seq }) => seq === view.same)?.text ?? view.text)

/** What lasts until the end of the recording lasts on: a live scene is later than its last line. */
function faultsAt(timeLine: TimeLine, moment: number): readonly SceneFault[] {
  const at = Math.min(moment, timeLine.to)
  return timeLine.faults.flatMap(({ id, fault, target, segments }) => {
    const segment = segmentAt(segments, at)
    return segment && segment.to >= at ? [{ id, fault, target, state: segment.state, since: segment.from }] : []
  })
}

function hostAt(name: string, list: readonly LineOf<'connection'>[], at: number): readonly SceneHost[] {
  const line = lastUpTo(list, at)
  return line ? [{ name, state: line.state, reason: line.reason, since: line.at }] : []
}

/** `since` is the first time that the unit said so, without anything else in between. */
function outletAt(outlet: string, list: readonly LineOf<'outlet'>[], at: number): readonly SceneOutlet[] {
  const last = lastUpTo(list, at)
  if (!last) return []
  const until = list.indexOf(last)
  const other = list.slice(0, until).findLastIndex(({ state }) => state !== last.state)
  return [{ outlet, state: last.state, since: list[other + 1]?.at ?? last.at, event: last.seq }]
}

/** The segment that began last. */
export function segmentAt<S extends Segment>(segments: readonly S[], at: number): S | undefined {
  return segments.findLast(({ from }) => from <= at)
}

/** The last line written down by then. */
function lastUpTo<L extends Line>(lines: readonly L[], at: number): L | undefined {
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((lines[middle] as L).at <= at) low = middle + 1
    else high = middle
  }
  return lines[low - 1]
}

const hostOf = ({ host }: Line) => host

function grouped<L extends Line>(
  lines: readonly L[],
  nameOf: (line: L) => string | undefined,
): ReadonlyMap<string, readonly L[]> {
  const found = new Map<string, L[]>()
  for (const line of lines) {
    const name = nameOf(line)
    if (name === undefined) continue
    const list = found.get(name)
    if (list) list.push(line)
    else found.set(name, [line])
  }
  return found
}
