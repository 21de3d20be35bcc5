import { ofType } from './grouped.ts'
import type { Line } from './event.ts'
import type { Reading } from './key-tables.ts'

/**
 * Good answers whose PR generation is lower than that of an answer from surely before are no answers: the generation of a
 * logical unit only ever counts up (SPC-4 5.13.1, PRGENERATION), so this one is old, or the device lost what it knew. Before
 * means: earlier in the journal by the same viewer, or ended before this one began by the clocks. Where the array was
 * without power in between it begins at 0 again, and the answer stands.
 */
export function refuteByGeneration(readings: readonly Reading[], lines: readonly Line[]): readonly Reading[] {
  const losses = powerLosses(lines)
  const refuted = new Map<number, Reading>()
  for (const [lun, those] of byLun(readings)) {
    for (const [one, earlier] of wentBack(those, losses.get(lun) ?? [])) {
      const [generation, before] = [hex(one), hex(earlier)]
      const why = `its PR generation ${generation} is lower than ${before}, which ${earlier.viewer} had read before: the answer is old, or the array forgot`
      refuted.set(one.seq, { ...one, answer: { kind: 'failed', why, contradicts: earlier.seq } })
    }
  }
  return refuted.size === 0 ? readings : readings.map((one) => refuted.get(one.seq) ?? one)
}

const generationOf = ({ answer }: Reading): number => (answer.kind === 'failed' ? -1 : answer.generation)
const hex = (reading: Reading) => `0x${generationOf(reading).toString(16)}`

function byLun(readings: readonly Reading[]): ReadonlyMap<string, readonly Reading[]> {
  const found = new Map<string, Reading[]>()
  for (const one of readings) {
    if (one.answer.kind === 'failed') continue
    const list = found.get(one.lun)
    if (list) list.push(one)
    else found.set(one.lun, [one])
  }
  return found
}

function wentBack(
  those: readonly Reading[],
  losses: readonly number[],
): readonly (readonly [one: Reading, earlier: Reading])[] {
  /** how often the array had lost its power by then, at the latest: answers are compared within one life of it */
  const lifeOf = ({ ended }: Reading) => losses.filter((at) => at <= ended.latest).length
  const higher = (best: Reading | undefined, one: Reading) =>
    best === undefined || generationOf(one) > generationOf(best) ? one : best
  const found: [Reading, Reading][] = []
  const ended = those.toSorted((a, b) => a.ended.latest - b.ended.latest)
  const began = new Map<Reading, Reading | undefined>()
  const highest = new Map<number, Reading>()
  let next = 0
  for (const one of those.toSorted((a, b) => a.began.earliest - b.began.earliest)) {
    for (; next < ended.length; next++) {
      const done = ended[next]
      if (!done || done.ended.latest >= one.began.earliest) break
      highest.set(lifeOf(done), higher(highest.get(lifeOf(done)), done))
    }
    began.set(one, highest.get(lifeOf(one)))
  }
  const own = new Map<string, Reading>()
  for (const one of those) {
    const place = `${one.viewer} ${lifeOf(one)}`
    const before = [began.get(one), own.get(place)].filter((reading) => reading !== undefined)
    const best = before.reduce<Reading | undefined>(higher, undefined)
    if (best && generationOf(best) > generationOf(one)) found.push([one, best])
    own.set(place, higher(own.get(place), one))
  }
  return found
}

/** When the array of each LUN was without power, in lab time: the lab switched it off, or its power unit says so. */
function powerLosses(lines: readonly Line[]): ReadonlyMap<string, readonly number[]> {
  const started = lines.find((line) => line.type === 'run.started')
  const losses = new Map<string, number[]>()
  if (!started) return losses
  const off = [
    ...ofType(lines, 'fault').flatMap(({ fault, step, target, at }) =>
      fault === 'array-power-off' && step === 'applying' ? [{ hosts: [target['array'] ?? ''], at }] : [],
    ),
    ...ofType(lines, 'outlet').flatMap(({ state, feeds, at }) => (state === 'off' ? [{ hosts: feeds, at }] : [])),
  ]
  for (const { name, array } of started.testbed.luns) {
    const own = off.flatMap(({ hosts, at }) => (array !== undefined && hosts.includes(array) ? [at] : []))
    losses.set(name, own)
  }
  return losses
}
