import { ticks, tickWords } from '../../labs/timeline/axis.ts'
import type { Stretch } from '../../labs/replay/lane.ts'
import type { Palette } from './palette.ts'
import type { Viewport } from './viewport.ts'

export interface AxisPicture {
  readonly view: Viewport
  readonly phases: readonly Stretch[]
  readonly width: number
  readonly height: number
  readonly palette: Palette
  readonly cursor: number | undefined
  /** lab time that is called 0: two runs side by side count from their faults */
  readonly zero: number
}

const phaseHeight = 17

/** The phases of the run, the times below them, and where the cursor is. */
export function drawAxis(
  context: CanvasRenderingContext2D,
  { view, phases, width, height, palette, cursor, zero }: AxisPicture,
): void {
  const x = (at: number) => ((at - view.from) * width) / (view.to - view.from)
  context.clearRect(0, 0, width, height)
  context.font = '11px system-ui, "Liberation Sans", sans-serif'
  context.textBaseline = 'middle'
  for (const phase of phases) {
    const left = Math.max(x(phase.from), 0)
    const right = Math.min(x(phase.to), width)
    if (right <= left) continue
    context.fillStyle = palette.stripe
    context.fillRect(left, 0, right - left - 1, phaseHeight)
    if (right - left < context.measureText(phase.text).width + 10) continue
    context.fillStyle = palette.dim
    context.fillText(phase.text, left + 5, phaseHeight / 2 + 1)
  }
  const moments = ticks(view.from - zero, view.to - zero, Math.max(2, Math.floor(width / 90)))
  const step = moments.length > 1 ? (moments[1] as number) - (moments[0] as number) : 1000
  context.textAlign = 'center'
  for (const at of moments) {
    const place = x(at + zero)
    context.fillStyle = palette.rule
    context.fillRect(Math.round(place), phaseHeight + 2, 1, height - phaseHeight - 2)
    if (place < 18 || place > width - 18) continue
    context.fillStyle = palette.dim
    context.fillText(`${tickWords(at, step)} s`, place, phaseHeight + (height - phaseHeight) / 2 + 1)
  }
  if (cursor !== undefined)
    drawCursor(context, x(cursor), `${((cursor - zero) / 1000).toFixed(2)} s`, width, height, palette)
  context.textAlign = 'left'
}

function drawCursor(
  context: CanvasRenderingContext2D,
  place: number,
  text: string,
  width: number,
  height: number,
  palette: Palette,
): void {
  if (place < -1 || place > width + 1) return
  context.font = '600 11px system-ui, "Liberation Sans", sans-serif'
  const wide = context.measureText(text).width + 12
  const left = Math.min(Math.max(place - wide / 2, 0), width - wide)
  context.fillStyle = palette.cursor
  context.beginPath()
  context.roundRect(left, phaseHeight + 1, wide, height - phaseHeight - 3, 4)
  context.fill()
  context.fillRect(place - 0.75, height - 3, 1.5, 3)
  context.fillStyle = palette.panel
  context.fillText(text, left + wide / 2, phaseHeight + (height - phaseHeight) / 2)
}
