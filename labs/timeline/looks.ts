import type { Span } from '../journal/clock.ts'

/** A stretch of time in which something was so. Lab time in milliseconds; `from` and `to` are equal for a single look. */
export interface Segment<S extends string = string> {
  readonly from: number
  readonly to: number
  readonly state: S
  /** the events that it rests on: the first and the last */
  readonly events: readonly [number, number]
}

/** Somebody looked, between `earliest` and `latest`. `state` undefined: the look failed, it says nothing. */
export interface Look<S extends string> extends Span {
  readonly event: number
  readonly state: S | undefined
}

/**
 * Looks, in their order, as stretches. A stretch lasts from the first to the last of consecutive looks that agree, taken
 * so short that it surely held: from when the first had ended until the last began. Between looks that do not agree
 * there is a gap: the change came somewhere in it. A failed look ends a stretch; nothing is guessed about what it hides.
 */
export function stretches<S extends string>(looks: readonly Look<S>[]): readonly Segment<S>[] {
  const found: Segment<S>[] = []
  let open: { from: number; to: number; readonly state: S; readonly events: [number, number] } | undefined
  for (const { state, earliest, latest, event } of looks) {
    if (open && open.state === state) {
      open.to = Math.max(open.to, earliest)
      open.events[1] = event
    } else if (state === undefined) open = undefined
    else {
      open = { from: latest, to: latest, state, events: [event, event] }
      found.push(open)
    }
  }
  return found
}

/** A time in which something became another: it was `before` at its beginning and `after` at its end, and nobody saw when. */
export interface Change<S extends string = string> {
  readonly from: number
  readonly to: number
  readonly before: S
  readonly after: S
  /** the last look that saw it as before, and the first that saw it as after */
  readonly events: readonly [number, number]
}

/** The gaps between stretches of different states, which come from looks in their order: where each change came. */
export function changesBetween<S extends string>(segments: readonly Segment<S>[]): readonly Change<S>[] {
  return segments.flatMap((after, index) => {
    const before = segments[index - 1]
    if (!before || before.state === after.state) return []
    const from = Math.min(before.to, after.from)
    return [
      { from, to: after.from, before: before.state, after: after.state, events: [before.events[1], after.events[0]] },
    ]
  })
}

/**
 * Where looks failed: from the last moment known before to the first known after, or as far as the failed looks
 * themselves reach where there is none.
 */
export function blindSpots<S extends string>(looks: readonly Look<S>[]): readonly Segment<'failed'>[] {
  const found: Segment<'failed'>[] = []
  let open: Segment<'failed'> | undefined
  let known: number | undefined
  for (const { state, earliest, latest, event } of looks) {
    const began = Number.isFinite(earliest) ? earliest : latest
    if (state === undefined) {
      if (open) open = { ...open, to: Math.max(open.to, latest), events: [open.events[0], event] }
      else open = { from: Math.min(known ?? began, latest), to: latest, state: 'failed', events: [event, event] }
      continue
    }
    if (open) found.push({ ...open, to: Math.max(open.to, latest) })
    open = undefined
    known = Math.max(known ?? -Infinity, began)
  }
  return open ? [...found, open] : found
}
