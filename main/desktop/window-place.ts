import * as v from 'valibot'

const pixels = v.pipe(v.number(), v.safeInteger())
const size = v.pipe(pixels, v.minValue(200), v.maxValue(20_000))

/** Where the window was. Every field may be absent: then it is where the system puts it. */
export const windowPlaceSchema = v.object({
  x: v.exactOptional(pixels),
  y: v.exactOptional(pixels),
  width: v.optional(size, 1360),
  height: v.optional(size, 860),
  maximized: v.optional(v.boolean(), false),
})
export type Place = Readonly<v.InferOutput<typeof windowPlaceSchema>>

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** how much of the window must be on a screen to be caught with a mouse */
const graspable = 80

/**
 * Where the window goes now: where it was, as long as there still is a screen (screens are unplugged), and never larger
 * than the screen that it is on.
 * @param screens what programs may use of each screen, in pixels; the first one is the main one
 */
export function placeWindow(last: Place, screens: readonly Area[]): Place {
  const { x, y, width, height, maximized } = last
  const on =
    x === undefined || y === undefined
      ? undefined
      : screens.find(
          (screen) =>
            x + width >= screen.x + graspable &&
            x <= screen.x + screen.width - graspable &&
            y >= screen.y &&
            y <= screen.y + screen.height - graspable,
        )
  const screen = on ?? screens[0]
  const fitted = {
    width: Math.min(width, screen?.width ?? width),
    height: Math.min(height, screen?.height ?? height),
    maximized,
  }
  return on && x !== undefined && y !== undefined ? { x, y, ...fitted } : fitted
}
