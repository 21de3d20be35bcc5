/**
 * A recorded or running run as lanes over lab time: what a time line shows, without pixels and colours. One shape for
 * everything that lasts (`Stretch`) and everything that happens (`Tick`), so that whoever draws it needs to know no
 * event type, and a new one appears by itself.
 */

/** What a lane is about; a group of lanes has one heading. */
export const laneGroups = [
  'verdict',
  'faults',
  'operator',
  'outlets',
  'links',
  'nodes',
  'keys',
  'ledger',
  'console',
  'hosts',
  'other',
] as const
export type LaneGroup = (typeof laneGroups)[number]

/** Something that was so from `from` to `to`. Lab time, milliseconds. */
export interface Stretch {
  readonly from: number
  readonly to: number
  /** what is drawn: `in-force`, `heard`, `present`, ... */
  readonly state: string
  /** the node whose colour it has */
  readonly node?: string
  readonly text: string
  /** the first and the last event that it rests on */
  readonly events: readonly [number, number]
}

/** Something that happened at a moment, or several such things of one kind too near one another to be told apart. */
export interface Tick {
  /** where to draw it: it had surely happened by then */
  readonly at: number
  readonly kind: string
  readonly text: string
  /** of the first of them */
  readonly event: number
  /** how many it stands for */
  readonly count: number
  readonly first: number
  readonly last: number
}

/** One line of a lane: a LUN has one for each key, and one for its reservation. */
export interface LaneRow {
  /** what stands before it: the node of a key, `reserved by`; empty for a lane of one row */
  readonly name: string
  readonly node?: string
  readonly stretches: readonly Stretch[]
}

export interface Lane {
  /** the same for the same lane of every window on a run */
  readonly id: string
  readonly group: LaneGroup
  readonly name: string
  /** what distinguishes it from others of the name: the node at which a link is looked at */
  readonly part: string
  readonly node?: string
  readonly rows: readonly LaneRow[]
  /** over all rows: where looking failed */
  readonly blind: readonly Stretch[]
  /** in the order of time */
  readonly ticks: readonly Tick[]
}

/** Lanes with the time that they are about. */
export interface Lanes {
  readonly from: number
  readonly to: number
  /** in the order of the testbed: a node's place gives it its colour */
  readonly nodes: readonly string[]
  readonly phases: readonly Stretch[]
  readonly lanes: readonly Lane[]
}
