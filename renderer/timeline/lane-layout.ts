import type { Lane, LaneGroup } from '../../labs/replay/lane.ts'

/** One line of the picture: a heading of a group, or a lane with the tops of its rows. */
export type LayoutItem =
  | {
      readonly kind: 'heading'
      readonly group: LaneGroup
      readonly y: number
      readonly height: number
      readonly lanes: number
    }
  | {
      readonly kind: 'lane'
      readonly lane: Lane
      readonly y: number
      readonly height: number
      /** top and height of each row, from the lane's own top */
      readonly rows: readonly { readonly top: number; readonly height: number }[]
      /** its name stands at the first of those that share it */
      readonly named: boolean
      /** too low for words on every lane */
      readonly dense: boolean
    }

export interface LaneLayout {
  readonly items: readonly LayoutItem[]
  readonly height: number
}

export const headings: Readonly<Record<LaneGroup, string>> = {
  verdict: 'Verdict',
  faults: 'Faults',
  operator: 'Operator',
  outlets: 'Power outlets, by their units',
  links: 'Private links, as heard',
  nodes: 'Nodes',
  keys: 'Keys of each LUN',
  ledger: 'Ledger writes',
  console: 'Consoles',
  hosts: 'Connections',
  other: 'Other events',
}

const headingHeight = 19

/** Where everything stands, from top to bottom. Groups that are folded have their heading alone. */
export function layOutLanes(lanes: readonly Lane[], folded: ReadonlySet<LaneGroup>): LaneLayout {
  const items: LayoutItem[] = []
  let y = 0
  let group: LaneGroup | undefined
  let before: Lane | undefined
  for (const lane of lanes) {
    if (lane.group !== group) {
      if (group !== undefined && !folded.has(group)) y += 3
      group = lane.group
      if (group !== 'verdict') {
        items.push({
          kind: 'heading',
          group,
          y,
          height: headingHeight,
          lanes: lanes.filter((one) => one.group === group).length,
        })
        y += headingHeight
      }
      before = undefined
    }
    if (folded.has(lane.group)) continue
    const dense =
      lanes.filter((one) => one.group === lane.group).length > (lane.group === 'links' ? 12 : 8) &&
      lane.group !== 'keys'
    const { height, rows } = measure(lane, dense)
    items.push({ kind: 'lane', lane, y, height, rows, named: before?.name !== lane.name, dense })
    y += height
    before = lane
  }
  return { items, height: y }
}

/** Many rows are thinner, so that a LUN of sixteen nodes is still one thing to look at. */
function measure(
  lane: Lane,
  dense: boolean,
): { readonly height: number; readonly rows: readonly { readonly top: number; readonly height: number }[] } {
  const even = (height: number, top: number, bar: number) => ({
    height,
    rows: lane.rows.map(() => ({ top, height: bar })),
  })
  switch (lane.group) {
    case 'verdict':
      return even(18, 2, 12)
    case 'faults':
      return even(17, 3, 11)
    case 'operator': {
      const rows = lane.rows.map((_, index) => ({ top: 3 + index * 11, height: 8 }))
      return { height: Math.max(17, 6 + lane.rows.length * 11), rows }
    }
    case 'outlets':
      return dense ? even(9, 2, 5) : even(14, 3, 8)
    case 'links':
      return dense ? even(6, 1, 4) : even(11, 2, 7)
    case 'nodes':
      return dense ? even(16, 3, 9) : even(21, 4, 12)
    case 'ledger':
      return dense ? even(19, 2, 12) : even(24, 2, 14)
    case 'console':
    case 'hosts':
    case 'other':
      return even(15, 3, 9)
    case 'keys': {
      const each = lane.rows.length <= 4 ? 9 : lane.rows.length <= 9 ? 5 : 3
      const rows = lane.rows.map((_, index) => ({
        top: 3 + index * each,
        height: Math.max(2, each - (each > 4 ? 2 : 1)),
      }))
      return { height: Math.max(18, 6 + lane.rows.length * each), rows }
    }
  }
}

/** The item at a height; undefined below the last. */
export function itemAt({ items }: LaneLayout, y: number): LayoutItem | undefined {
  return items.find((item) => y >= item.y && y < item.y + item.height)
}
