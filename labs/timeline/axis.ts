/** Round moments for a time axis: steps of 1, 2 or 5 times a power of ten, at most `most` of them, in milliseconds. */
export function ticks(from: number, to: number, most: number): readonly number[] {
  const span = to - from
  if (!(span > 0) || !Number.isFinite(span)) return [from]
  const rough = span / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const first = Math.ceil(from / step)
  const found: number[] = []
  // counted, not compared: beyond 2^53 adding a step may change nothing
  for (let index = 0; index <= most; index += 1) {
    const at = (first + index) * step
    if (at <= to) found.push(at)
  }
  return found
}

/** A tick in seconds, with as many decimals as its neighbours need. */
export function tickWords(milliseconds: number, step: number): string {
  const decimals = Math.min(3, Math.max(0, -Math.floor(Math.log10(step / 1000) + 1e-9)))
  return (milliseconds / 1000).toFixed(decimals)
}
