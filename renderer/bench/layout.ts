/** Where everything of a testbed stands in its picture: pure, in CSS pixels, for two nodes as for sixteen. */
import type { Bed } from '../../labs/testbed-file/bed.ts'

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface NodeBox extends Box {
  readonly name: string
  readonly index: number
  /** `full`: with words; `narrow`: sign, name and a mark of the state */
  readonly size: 'full' | 'narrow'
}
export interface LinkLine {
  readonly name: string
  readonly y: number
  readonly from: number
  readonly to: number
  /** each node's way up to it */
  readonly drops: readonly {
    readonly node: string
    readonly x: number
    readonly top: number
    readonly bottom: number
  }[]
}
export interface LunBox extends Box {
  readonly name: string
  /** `full`: names and words; `middle`: signs; `small`: squares alone */
  readonly size: 'full' | 'middle' | 'small'
}
export interface ArrayBox extends Box {
  /** undefined: LUNs that are on no host of the file */
  readonly name: string | undefined
  readonly luns: readonly LunBox[]
}
export interface Layout {
  readonly width: number
  readonly height: number
  readonly links: readonly LinkLine[]
  readonly nodes: readonly NodeBox[]
  readonly storage: { readonly y: number; readonly from: number; readonly to: number }
  readonly arrays: readonly ArrayBox[]
  /** hosts that are neither node nor array nor a frame around nodes */
  readonly others: readonly (Box & { readonly name: string })[]
  readonly hypervisors: readonly (Box & { readonly name: string })[]
  readonly units: readonly (Box & {
    readonly unit: string
    readonly outlets: readonly (Box & { readonly outlet: string; readonly feeds: string })[]
  })[]
}

const margin = 18
const left = 74
const linkGap = 26
const gap = 12

/** how much larger than usual a small testbed is drawn */
const largest = 1.45

/**
 * The picture and how much it is enlarged: what is small fills the room that there is.
 * @param width what there is to draw in; a picture that needs more height says so
 * @param height what would be filled, where there is room
 */
export function layOutToFit(
  bed: Bed,
  width: number,
  height: number,
): { readonly layout: Layout; readonly scale: number } {
  const scales = [largest, 1.3, 1.15, 1, 0.86, 0.74, 0.64]
  for (const scale of scales) {
    const layout = layOutBench(bed, width / scale, height / scale)
    const narrow = layout.nodes.some(({ size }) => size === 'narrow')
    // what is narrow anyway is not enlarged at the cost of its names
    if (scale > 1 && (narrow || layout.arrays.some(({ luns }) => luns.some(({ size }) => size !== 'full')))) continue
    if (layout.height <= height / scale) return { layout, scale }
  }
  const scale = scales.at(-1) ?? 1
  const least = height < 420 ? scale : 1
  return { layout: layOutBench(bed, width / least, height / least), scale: least }
}

export function layOutBench(bed: Bed, width: number, height: number): Layout {
  const right = width - margin
  const nodes = bed.record.nodes
  const watchers = bed.hosts
    .filter(({ role }) => role.includes('observer') && !role.includes('node'))
    .map(({ name }) => name)
  // who only looks hangs at the end of the storage network, where there is room beside the nodes
  const beside = nodes.length <= 6 ? watchers : []
  const besideWidth = beside.reduce((sum, name) => sum + chipWidth(name) + gap, 0)
  const linkTop = margin + 14
  const nodeTop = linkTop + Math.max(1, bed.links.length) * linkGap + 14
  const room = right - left - besideWidth
  const each = Math.max(46, Math.min(236, (room - gap * (nodes.length - 1)) / Math.max(1, nodes.length)))
  const space =
    nodes.length > 8
      ? Math.min(gap, Math.max(4, (room - each * nodes.length) / Math.max(1, nodes.length - 1)))
      : gap * 2
  const size = each >= 132 ? 'full' : 'narrow'
  const nodeHeight = size === 'full' ? 98 : 86
  const total = each * nodes.length + space * (nodes.length - 1)
  const start = left + Math.max(0, (room - total) / 2)
  const nodeBoxes = nodes.map(({ name }, index): NodeBox => ({
    name,
    index,
    x: start + index * (each + space),
    y: nodeTop,
    width: each,
    height: nodeHeight,
    size,
  }))

  const links = bed.links.map((link, place): LinkLine => {
    const y = linkTop + place * linkGap
    const drops = nodeBoxes.map((box) => {
      const step = Math.min(22, (box.width - 14) / Math.max(1, bed.links.length))
      const first = box.x + box.width / 2 - (step * (bed.links.length - 1)) / 2
      return { node: box.name, x: Math.round(first + place * step), top: y, bottom: nodeTop }
    })
    return { name: link.name, y, from: left, to: right, drops }
  })

  const hypervisors = framesOf(bed, nodeBoxes)
  const storageY = nodeTop + nodeHeight + (hypervisors.length > 0 ? 46 : 32)
  const frames = new Set(hypervisors.map(({ name }) => name))
  const rest = bed.hosts.filter(
    ({ name, role }) =>
      !role.includes('node') && !role.includes('array') && !frames.has(name) && !beside.includes(name),
  )
  const arrayTop = storageY + 30
  const unitsHeight = bed.power.length === 0 ? 0 : 62
  const arrays = layOutArrays(
    bed,
    arrayTop,
    Math.max(150, height - arrayTop - margin - unitsHeight - (rest.length > 0 ? 46 : 0)),
    left,
    right,
  )
  const arraysEnd = arrays.reduce((end, box) => Math.max(end, box.y + box.height), arrayTop)
  let end = right
  const hanging = beside.map((name) => {
    const box = { name, x: end - chipWidth(name), y: storageY - 14, width: chipWidth(name), height: 28 }
    end -= box.width + gap
    return box
  })
  const others = [
    ...hanging,
    ...layOutOthers(
      rest.map(({ name }) => name),
      arraysEnd + 18,
      left,
      right,
    ),
  ]
  const othersEnd = others.reduce((end, box) => Math.max(end, box.y + box.height), arraysEnd)
  const units = layOutUnits(bed, othersEnd + 18, left, right)
  const bottom = units.reduce((lowest, box) => Math.max(lowest, box.y + box.height), othersEnd)
  return {
    width,
    height: bottom + margin,
    links,
    nodes: nodeBoxes,
    storage: { y: storageY, from: left, to: right },
    arrays,
    others,
    hypervisors,
    units,
  }
}

/** A frame around the nodes that are machines on one host, where they stand side by side. */
function framesOf(bed: Bed, boxes: readonly NodeBox[]): Layout['hypervisors'] {
  const hostOf = new Map(bed.hosts.map(({ name, hypervisor }) => [name, hypervisor]))
  const names = [...new Set([...hostOf.values()].filter((name) => name !== undefined))]
  return names.flatMap((name) => {
    const own = boxes.filter((box) => hostOf.get(box.name) === name)
    const [first, last] = [own[0], own.at(-1)]
    if (!first || !last || last.index - first.index !== own.length - 1) return []
    return [
      { name, x: first.x - 9, y: first.y - 9, width: last.x + last.width - first.x + 18, height: first.height + 34 },
    ]
  })
}

function layOutArrays(bed: Bed, top: number, height: number, from: number, to: number): readonly ArrayBox[] {
  const arrays = bed.hosts.filter(({ role }) => role.includes('array')).map(({ name }): string | undefined => name)
  const { luns } = bed.record
  const homeless = luns.some(({ array }) => array === undefined || !arrays.includes(array))
  const all = homeless ? [...arrays, undefined] : arrays
  const groups = all.map((name) => ({
    name,
    luns: luns.filter(({ array }) =>
      name === undefined ? array === undefined || !arrays.includes(array) : array === name,
    ),
  }))
  const room = to - from - gap * (groups.length - 1)
  // an array is as wide as what it holds, though not too narrow for its name
  const weights = groups.map(({ luns: own }) => Math.max(1, own.length))
  const weight = weights.reduce((sum, one) => sum + one, 0)
  const sizes = bestCell(
    groups.map(({ luns: own }) => own.length),
    weights.map((one) => (room * one) / weight),
    height,
  )
  let x = from
  return groups.map(({ name, luns: own }, index): ArrayBox => {
    const share = (room * (weights[index] ?? 1)) / weight
    const columns = Math.max(1, Math.min(own.length, Math.floor((share - 12) / (sizes.width + 6))))
    const rows = Math.max(1, Math.ceil(own.length / columns))
    const wide = own.length === 0 ? Math.min(share, 150) : Math.min(share, columns * (sizes.width + 6) + 10)
    const cells = own.map(({ name: lun }, place): LunBox => ({
      name: lun,
      size: sizes.size,
      x: x + 8 + (place % columns) * (sizes.width + 6),
      y: top + 28 + Math.floor(place / columns) * (sizes.height + 6),
      width: sizes.width,
      height: sizes.height,
    }))
    const box = { name, x, y: top, width: Math.max(wide, 104), height: 28 + rows * (sizes.height + 6) + 4, luns: cells }
    x += share + gap
    return box
  })
}

const cells = [
  { size: 'full', width: 214, height: 92 },
  { size: 'full', width: 176, height: 92 },
  { size: 'middle', width: 112, height: 66 },
  { size: 'middle', width: 92, height: 58 },
  { size: 'small', width: 76, height: 48 },
  { size: 'small', width: 64, height: 40 },
  { size: 'small', width: 54, height: 36 },
] as const

/** The largest cells with which all LUNs find room; the smallest where none do. */
function bestCell(counts: readonly number[], widths: readonly number[], height: number): (typeof cells)[number] {
  const fits = ({ width, height: tall }: (typeof cells)[number]) =>
    counts.every((count, index) => {
      const columns = Math.floor(((widths[index] ?? 0) - 12) / (width + 6))
      return columns >= 1 && 32 + Math.ceil(count / Math.max(1, columns)) * (tall + 6) <= height
    })
  return cells.find(fits) ?? cells[cells.length - 1] ?? cells[0]
}

const chipWidth = (name: string) => Math.min(200, 42 + name.length * 7)

function layOutOthers(names: readonly string[], top: number, from: number, to: number): Layout['others'] {
  let x = from
  let y = top
  return names.map((name) => {
    const width = chipWidth(name)
    if (x > from && x + width > to) {
      x = from
      y += 34
    }
    const box = { name, x, y, width, height: 28 }
    x += width + gap
    return box
  })
}

function layOutUnits(bed: Bed, top: number, from: number, to: number): Layout['units'] {
  let x = from
  let y = top
  return bed.power.map(({ unit }) => {
    const feeds = new Map<string, string[]>()
    const add = (outlets: readonly string[], name: string) => {
      for (const outlet of outlets)
        if (outlet.startsWith(`${unit}/`))
          feeds.set(outlet.slice(unit.length + 1), [...(feeds.get(outlet.slice(unit.length + 1)) ?? []), name])
    }
    for (const { outlets, name } of bed.hosts) add(outlets, name)
    for (const { outlets, name } of bed.links) add(outlets, name)
    const each = feeds.size > 6 ? 68 : 84
    const width = Math.max(96, 16 + feeds.size * (each + 4))
    if (x > from && x + width > to) {
      x = from
      y += 66
    }
    const box = {
      unit,
      x,
      y,
      width,
      height: 54,
      outlets: [...feeds].map(([outlet, names], place) => ({
        outlet,
        feeds: names.join(', '),
        x: x + 8 + place * (each + 4),
        y: y + 21,
        width: each,
        height: 26,
      })),
    }
    x += width + gap
    return box
  })
}
