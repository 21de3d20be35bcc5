import type { Line } from '../../../labs/journal/event.ts'
import { judge } from '../../../labs/verdicts/judge.ts'
import type { Verdict } from '../../../labs/verdicts/verdict.ts'
import type { Recorder } from '../../recorder/recorder.ts'
import { RecordingFailed } from '../../recorder/recording-failed.ts'
import { writeVerdict } from '../../recorder/verdict-file.ts'

/** How a recording came to its end. */
export interface Ending {
  readonly reason: 'complete' | 'stopped' | 'error'
  readonly error?: string
}

/** @param asked the signal of whoever runs the lab: fired, it was stopped */
export function endOf(error: unknown, asked: AbortSignal): Ending {
  if (asked.aborted) return { reason: 'stopped', error: 'stopped by the person who runs the lab' }
  return { reason: 'error', error: error instanceof Error ? error.message : String(error) }
}

/** Closes the recording and judges it. A recording that breaks here is judged as far as it goes. */
export async function conclude(recorder: Recorder, lines: readonly Line[], ended: Ending): Promise<Verdict> {
  try {
    for (const [node, text] of consolesOf(lines)) recorder.attach(`console-${node}.txt`, text)
    recorder.close(ended.reason, ended.error)
    const verdict = judge(lines)
    await writeVerdict(recorder.directory, verdict)
    return verdict
  } catch (error) {
    if (error instanceof RecordingFailed) return judge(lines)
    throw error
  }
}

/** The console of each node as it was seen during the run, as a file for people. */
function consolesOf(lines: readonly Line[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const line of lines) {
    if (line.type === 'console' && line.host !== undefined)
      texts.set(line.host, `${texts.get(line.host) ?? ''}${line.text}\n`)
  }
  return texts
}
