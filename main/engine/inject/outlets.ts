import type { OutletState } from '../../../labs/journal/event.ts'
import { feedsOf } from '../../../labs/testbed/power-of.ts'
import { PowerError } from '../../power/power-error.ts'
import type { Recorder } from '../../recorder/recorder.ts'
import { RecordingFailed } from '../../recorder/recording-failed.ts'
import type { Lab } from '../../lab/lab.ts'

/** how long a unit may take to say what an outlet is */
const askMilliseconds = 10_000

/** Asks the units about outlets, and writes down what they say. A unit that cannot be asked leaves it unknown. */
export async function readOutlets(
  { lab, recorder }: { readonly lab: Lab; readonly recorder: Pick<Recorder, 'append' | 'broken' | 'closed'> },
  outlets: readonly string[],
  signal: AbortSignal,
): Promise<readonly OutletState[]> {
  return Promise.all(
    outlets.map(async (outlet) => {
      const event: OutletState = {
        type: 'outlet',
        outlet,
        state: await stateOf(lab, outlet, signal),
        feeds: feedsOf(lab.testbed, outlet),
      }
      if (recorder.broken || recorder.closed) return event
      try {
        recorder.append(event)
      } catch (error) {
        // the engine has been told
        if (!(error instanceof RecordingFailed)) throw error
      }
      return event
    }),
  )
}

async function stateOf(lab: Lab, outlet: string, signal: AbortSignal): Promise<OutletState['state']> {
  try {
    return await lab.power.state(outlet, AbortSignal.any([signal, AbortSignal.timeout(askMilliseconds)]))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof PowerError || (error as Error).name === 'TimeoutError') return 'unknown'
    throw error
  }
}
