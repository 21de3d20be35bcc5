/** The part of a time line that is shown. Lab time, milliseconds. */
export interface Viewport {
  readonly from: number
  readonly to: number
}

/** closer than this nothing more can be told apart: the hosts' clocks count in hundredths of a second */
export const closest = 20

/** Moved by so many milliseconds, but not out of what there is. */
export function panned({ from, to }: Viewport, by: number, all: Viewport): Viewport {
  const span = to - from
  const margin = span * 0.05
  const start = Math.min(Math.max(from + by, all.from - margin), Math.max(all.from - margin, all.to + margin - span))
  return { from: start, to: start + span }
}

/** Closer (factor below 1) or further away, with `at` staying where it is. */
export function zoomed({ from, to }: Viewport, factor: number, at: number, all: Viewport): Viewport {
  const most = (all.to - all.from) * 1.1
  const span = Math.min(Math.max((to - from) * factor, closest), Math.max(most, closest))
  const share = to > from ? (at - from) / (to - from) : 0.5
  return panned({ from: at - share * span, to: at - share * span + span }, 0, all)
}

/** Moved just so far that `at` is in view, with some room around it. */
export function showing(view: Viewport, at: number, all: Viewport): Viewport {
  const span = view.to - view.from
  if (at >= view.from + span * 0.04 && at <= view.to - span * 0.04) return view
  return panned(view, at - (view.from + span / 2), all)
}

/** All of it, with a little air. */
export function fitted({ from, to }: Viewport): Viewport {
  const air = Math.max(to - from, 1) * 0.015
  return { from: from - air, to: to + air }
}
