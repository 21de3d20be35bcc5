import type { Recorder } from '../../recorder/recorder.ts'
import { log } from '../../log/log.ts'
import { RecordingFailed } from '../../recorder/recording-failed.ts'
import type { Lab } from '../../lab/lab.ts'

/** From here on every command is an event, and the log has nothing more until the recording ends. */
export function recordCommands(lab: Lab, recorder: Recorder): void {
  log.info('a run begins', { lab: lab.testbed.name, recording: recorder.directory })
  lab.setRecord((event) => {
    const { host, hostAt, ...rest } = event
    if (recorder.broken || recorder.closed) return undefined
    try {
      return recorder.append(rest, { host, ...(hostAt !== undefined && { hostAt }) }).seq
    } catch (error) {
      // the engine has been told; the command itself may be the one that takes a fault back, and it succeeded
      if (error instanceof RecordingFailed) return undefined
      throw error
    }
  })
}
