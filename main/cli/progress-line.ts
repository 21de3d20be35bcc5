import type { OnProgress, Progress } from '../progress.ts'

export interface ProgressLine {
  readonly onProgress: OnProgress
  /** Clears the line, so that something else can be printed. */
  clear(): void
}

const barWidth = 20

/**
 * Shows progress on standard error: one line that changes on a terminal, a line for each new step elsewhere. Standard
 * output is for results alone.
 */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let last = ''
  const text = ({ text, fraction, secondsLeft }: Progress) => {
    const bar = fraction === undefined ? '' : `[${'#'.repeat(Math.round(fraction * barWidth)).padEnd(barWidth, '.')}] `
    return `${bar}${text}${secondsLeft === undefined ? '' : `, about ${duration(secondsLeft)} left`}`
  }
  return {
    onProgress(progress) {
      if (stream.isTTY) stream.write(`\r\x1b[K${text(progress).slice(0, (stream.columns || 80) - 1)}`)
      else if (progress.text !== last) stream.write(`${text(progress)}\n`)
      last = progress.text
    },
    clear() {
      if (stream.isTTY) stream.write('\r\x1b[K')
    },
  }
}

export function duration(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}
