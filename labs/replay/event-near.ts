import type { Line } from '../journal/event.ts'

/**
 * Of the lines from `first` to `last` that tell the same thing of the same place as one of the two, the last that was
 * written down by `at`; the first where that is later. Undefined where there is no line `first`.
 * @param lines in the order of their numbers
 */
export function eventNear(
  lines: readonly Line[],
  first: number,
  last: number,
  at: number,
): Pick<Line, 'seq' | 'at'> | undefined {
  const begin = indexOf(lines, first)
  const one = lines[begin]
  if (one?.seq !== first) return undefined
  const end = indexOf(lines, last)
  const kinds = new Set([kindOf(one), ...(lines[end] ? [kindOf(lines[end])] : [])])
  let found = one
  for (let index = begin; index <= end; index += 1) {
    const line = lines[index]
    if (!line || line.at > at) break
    if (kinds.has(kindOf(line))) found = line
  }
  return { seq: found.seq, at: found.at }
}

/** Index of the line of this number, or of the first after it. */
function indexOf(lines: readonly Line[], seq: number): number {
  let [low, high] = [0, lines.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((lines[middle] as Line).seq < seq) low = middle + 1
    else high = middle
  }
  return low
}

/** What a line is about, without what it says of it. */
function kindOf(line: Line): string {
  const place = line.host ?? ''
  switch (line.type) {
    case 'keys':
      return `keys ${place} ${line.lun} ${line.action}`
    case 'array-keys':
      return `array-keys ${line.lun}`
    case 'outlet':
      return `outlet ${line.outlet}`
    case 'fault':
      return `fault ${line.id}`
    case 'process':
      return `process ${line.node}`
    default:
      return `${line.type} ${place}`
  }
}
