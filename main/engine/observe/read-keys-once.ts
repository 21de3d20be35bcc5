import type { KeysRead, Line } from '../../../labs/journal/event.ts'
import { createSampleReader, keySamplerScript } from '../../../labs/sampling/key-sampler.ts'
import { CommandFailed } from '../../hosts/command-failed.ts'
import { HostError } from '../../transport/host-error.ts'
import { devicesByLun, findDevices } from '../ready/devices.ts'
import { viewerNames, type Lab } from '../../lab/lab.ts'

const reachMilliseconds = 15_000

/**
 * One round of the sampler on every host that reads key tables: all three reads of every LUN, in the order in which they
 * were answered. A host that cannot be reached, or where the sampler cannot be run, gives a failed read for each LUN, not silence.
 */
export async function readKeysOnce(lab: Lab, signal: AbortSignal): Promise<readonly Line[]> {
  const lines: Line[] = []
  const add = (host: string, event: KeysRead, hostAt?: number) =>
    lines.push({
      seq: lines.length + 1,
      at: performance.now(),
      prev: '',
      host,
      ...(hostAt !== undefined && { hostAt }),
      ...event,
    })
  await Promise.all(
    viewerNames(lab.testbed).map(async (host) => {
      try {
        await lab.host(host).connected(AbortSignal.any([signal, AbortSignal.timeout(reachMilliseconds)]))
        const devices = devicesByLun(lab, await findDevices(lab, host, signal))
        const reader = createSampleReader()
        const pairs = Object.keys(lab.testbed.luns).map((lun) => `${lun}=${devices.get(lun) ?? '/nonexistent'}`)
        const stream = await lab.runner.stream(lab.host(host), {
          purpose: 'read the key tables',
          argv: ['sh', '-c', keySamplerScript, 'sampler', '0', '1', 'always', ...pairs],
          sudo: true,
          signal,
          onLine(line) {
            const sample = reader.line(line)
            if (sample && 'event' in sample) add(host, sample.event, sample.hostAt)
          },
        })
        await stream.done
      } catch (error) {
        if (signal.aborted || !(error instanceof HostError || error instanceof CommandFailed)) throw error
        for (const lun of Object.keys(lab.testbed.luns)) {
          const stderr = error.message
          add(host, {
            type: 'keys',
            lun,
            device: '',
            action: 'keys',
            exit: null,
            stdout: '',
            stderr,
            began: 0,
            ended: 0,
            attempt: 1,
          })
        }
      }
    }),
  )
  return lines
}
