import type { OnProgress } from '../progress.ts'
import { log, type LogFields } from './log.ts'

/** The same progress, each new step of it written to the log. */
export function loggedProgress(onProgress: OnProgress, fields: LogFields): OnProgress {
  let last = ''
  return (progress) => {
    if (progress.text !== last) log.info(progress.text, fields)
    last = progress.text
    onProgress(progress)
  }
}
