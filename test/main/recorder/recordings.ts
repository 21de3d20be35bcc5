import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import { Recorder } from '../../../main/recorder/recorder.ts'
import { readJournal } from '../../../main/recorder/read-journal.ts'
import { writeVerdict } from '../../../main/recorder/verdict-file.ts'
import type { Entry } from '../../labs/verdicts/history.ts'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-recording-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Records entries as an engine would, with their own times, two more files, and the verdict. */
export async function writeRecording(directory: string, entries: readonly Entry[]): Promise<void> {
  let now = 0
  const recorder = new Recorder({ directory, now: () => now })
  recorder.attach('console/nodea.log', 'Kernel panic - not syncing\n')
  recorder.attach('pr.bin', Uint8Array.of(0, 255, 10, 13))
  for (const { at, event, host, hostAt } of entries) {
    now = at
    if (event.type === 'run.ended') recorder.close(event.reason, event.error)
    else
      recorder.append(event, { ...(host === undefined ? {} : { host }), ...(hostAt === undefined ? {} : { hostAt }) })
  }
  await writeVerdict(directory, judge((await readJournal(directory)).lines))
}
