import { leading } from './leading.ts'
import { ofType } from './run.ts'
import type { Line } from './event.ts'

/** When something happened, in lab time (milliseconds since the run started): surely not before, surely not after. */
export interface Span {
  readonly earliest: number
  readonly latest: number
}

export interface Clocks {
  /** the boot that `host` was in at line `seq`, as last seen at or before that line; undefined when never seen */
  bootOf(host: string, seq: number): string | undefined
  /**
   * The lab time of `hostAt` (seconds since the boot of `host`), told by line `written`, which bounds it from above:
   * what a line tells happened before the line was written. `boot` where the line names it, else the one that the host
   * was in. Undefined when that boot's clock was never measured, or when its measurements contradict the line.
   */
  span(host: string, hostAt: number, written: Pick<Line, 'seq' | 'at'>, boot?: string): Span | undefined
}

/**
 * How far two clocks may run apart, as a ratio. Linux slews its clock by at most 500 ppm (adjtimex(2), struct timex
 * `freq`), and quartz is good for 100; both clocks of a pair may be wrong, in opposite directions.
 */
const drift = 0.0012

interface Measurement {
  readonly at: number
  readonly hostAt: number
  readonly low: number
  readonly high: number
}
/** What was measured in one boot of a host, by the host's clock. */
interface Measured {
  readonly list: Measurement[]
  /** where the last question was answered: the next is mostly about a moment shortly after */
  near: number
}
interface Stop {
  readonly from: number
}

/**
 * Ties the hosts' clocks to the lab's by the `clock` events, separately for each boot of a host. Between two
 * measurements the offset lies between theirs; outside of them it drifts, and where the host was stopped in between
 * (its processor or its virtual machine, process state T) its clock may have stood still: then only one side holds.
 */
export function foldClocks(lines: readonly Line[]): Clocks {
  const boots = new Map<string, { readonly seq: number; readonly boot: string }[]>()
  const measured = new Map<string, Map<string, Measured>>()
  const stops = new Map<string, Stop[]>()
  for (const line of lines) {
    const seen = bootSighting(line)
    // a boot that is seen again is the boot that the host is in still
    if (seen && boots.get(seen.host)?.at(-1)?.boot !== seen.boot)
      append(boots, seen.host, { seq: line.seq, boot: seen.boot })
    if (line.type !== 'clock' || line.host === undefined) continue
    measurementsOf(measured, line.host, line.boot).list.push({
      at: line.at,
      hostAt: line.hostAt ?? (line.at - line.offset) / 1000,
      low: line.offset - line.uncertainty,
      high: line.offset + line.uncertainty,
    })
  }
  for (const ofHost of measured.values())
    for (const { list } of ofHost.values()) list.sort((a, b) => a.hostAt - b.hostAt)
  for (const line of ofType(lines, 'process')) {
    if (line.state === 'T') append(stops, line.node, { from: stoppedSince(lines, line.node, line.seq) })
  }
  const bootOf = (host: string, seq: number) => {
    const sightings = boots.get(host) ?? []
    return sightings[leading(sightings, (sighting) => sighting.seq <= seq) - 1]?.boot
  }
  return {
    bootOf,
    span(host, hostAt, written, boot = bootOf(host, written.seq)) {
      const those = boot === undefined ? undefined : measured.get(host)?.get(boot)
      if (!those) return undefined
      const { earliest, latest } = place(those, stops.get(host) ?? [], hostAt)
      // told before it can have happened: the measurements are wrong, so they say nothing
      return earliest > written.at ? undefined : { earliest, latest: Math.min(latest, written.at) }
    },
  }
}

/** Which boot of which host a line shows, if any. */
export function bootSighting(line: Line): { readonly host: string; readonly boot: string } | undefined {
  if (line.type === 'probe') return line.reachable && line.boot ? { host: line.node, boot: line.boot } : undefined
  if (line.type !== 'boot' && line.type !== 'clock') return undefined
  return line.host === undefined ? undefined : { host: line.host, boot: line.boot }
}

function measurementsOf(measured: Map<string, Map<string, Measured>>, host: string, boot: string): Measured {
  const ofHost = measured.get(host) ?? new Map<string, Measured>()
  measured.set(host, ofHost)
  const those = ofHost.get(boot) ?? { list: [], near: 0 }
  ofHost.set(boot, those)
  return those
}

function place(those: Measured, stops: readonly Stop[], hostAt: number): Span {
  const time = hostAt * 1000
  const { list } = those
  const next = leading(list, (measurement) => measurement.hostAt <= hostAt, those.near)
  those.near = next
  const before = list[next - 1]
  // one that was measured at this very moment is on either side of it
  const after =
    before?.hostAt === hostAt ? list[leading(list, (measurement) => measurement.hostAt < hostAt)] : list[next]
  if (before && after) {
    return { earliest: time + Math.min(before.low, after.low), latest: time + Math.max(before.high, after.high) }
  }
  const near = before ?? after
  if (!near) return { earliest: -Infinity, latest: Infinity }
  const slack = Math.abs(time - near.hostAt * 1000) * drift
  const earliest = time + near.low - slack
  const latest = time + near.high + slack
  if (before)
    return { earliest, latest: stops.some(({ from }) => near.at <= from && latest > from) ? Infinity : latest }
  return { earliest: stops.some(({ from }) => from <= near.at) ? -Infinity : earliest, latest }
}

/** A stop is seen some time after it began: not before the last look that saw no stop, or the fault that brought it. */
function stoppedSince(lines: readonly Line[], node: string, seq: number): number {
  const running = ofType(lines, 'process').findLast(
    (line) => line.node === node && line.seq < seq && line.state !== 'T',
  )
  const fault = ofType(lines, 'fault').findLast(
    (line) => line.step === 'applying' && line.target['node'] === node && line.seq < seq,
  )
  return Math.max(running?.at ?? 0, fault?.at ?? 0)
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
