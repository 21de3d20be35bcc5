import { createSampleReader, keySamplerScript } from '../../../labs/sampling/key-sampler.ts'
import { CommandFailed } from '../../hosts/command-failed.ts'
import { HostError } from '../../transport/host-error.ts'
import { awaitDevices } from '../ready/devices.ts'
import type { Going } from '../going.ts'

/** how long one round over all LUNs may take */
const roundMilliseconds = 20_000

/**
 * One round of the sampler on a host, written down: keys, reservation and full status of every LUN, begun after this call. A
 * host that does not answer is noted; the rules then see that its look is missing.
 */
export async function lookOnce(
  { lab, recorder }: Pick<Going, 'lab' | 'recorder'>,
  host: string,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(roundMilliseconds)
  const within = AbortSignal.any([signal, limit])
  try {
    const devices = await awaitDevices(lab, host, 0, within)
    const pairs = Object.keys(lab.testbed.luns).map((lun) => `${lun}=${devices.get(lun) ?? '/nonexistent'}`)
    const reader = createSampleReader()
    const stream = await lab.runner.stream(lab.host(host), {
      purpose: 'read the key tables once more',
      argv: ['sh', '-c', keySamplerScript, 'sampler', '0', '1', 'always', ...pairs],
      sudo: true,
      signal: within,
      onLine(line) {
        const sample = reader.line(line)
        if (sample && 'event' in sample) recorder.append(sample.event, { host, hostAt: sample.hostAt })
      },
    })
    await stream.done
  } catch (error) {
    signal.throwIfAborted()
    if (!limit.aborted && !(error instanceof HostError || error instanceof CommandFailed)) throw error
    const why = error instanceof Error ? error.message : String(error)
    recorder.append({ type: 'note', text: `the key tables were not read once more on ${host}: ${why}` })
  }
}
