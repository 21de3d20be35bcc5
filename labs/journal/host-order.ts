import type { Clocks } from './clock.ts'
import type { Line } from './event.ts'

/**
 * The lines that one host said, in the order in which it said them. Within one boot the host's own clock decides, whatever
 * arrived first: a status is as old as the file that it was read from, and a log that is followed comes late. A line without
 * a host time was written down when everything written before it had been said already, so it keeps its place behind that.
 * Boots follow one another as they were seen.
 * @param lines of one host, in the order of the journal
 */
export function inHostOrder<L extends Pick<Line, 'seq' | 'at' | 'host' | 'hostAt'>>(
  lines: readonly L[],
  clocks: Pick<Clocks, 'bootOf'>,
): readonly L[] {
  const boots: (string | undefined)[] = []
  const newest = new Map<number, number>()
  return lines
    .map((line) => {
      const boot = line.host === undefined ? undefined : clocks.bootOf(line.host, line.seq)
      if (!boots.includes(boot)) boots.push(boot)
      const life = boots.indexOf(boot)
      const said = line.hostAt ?? newest.get(life) ?? -Infinity
      newest.set(life, Math.max(said, newest.get(life) ?? -Infinity))
      return { line, life, said }
    })
    .sort((one, other) => one.life - other.life || one.said - other.said || one.line.seq - other.line.seq)
    .map(({ line }) => line)
}

/** What a host said last, by its own clock; undefined where it said nothing. Same parameters as `inHostOrder`. */
export function lastSaid<L extends Pick<Line, 'seq' | 'at' | 'host' | 'hostAt'>>(
  lines: readonly L[],
  clocks: Pick<Clocks, 'bootOf'>,
): L | undefined {
  return inHostOrder(lines, clocks).at(-1)
}

/**
 * When a line's content was true, in lab time: not later than it was written down, and where the host's clock was
 * measured, as that clock says. `earliest` is -Infinity where nothing bounds it.
 */
export function saidWithin(
  line: Pick<Line, 'seq' | 'at' | 'host' | 'hostAt'>,
  clocks: Pick<Clocks, 'span'>,
): { readonly earliest: number; readonly latest: number } {
  const span =
    line.host === undefined || line.hostAt === undefined ? undefined : clocks.span(line.host, line.hostAt, line)
  return span ?? { earliest: -Infinity, latest: line.at }
}
