import { until } from '../../until.ts'
import type { Going } from '../going.ts'
import { nodeNames, viewerNames } from '../../lab/lab.ts'
import { lookOnce } from './look-once.ts'
import type { Answered } from './look-at-everyone.ts'

/** how long the samplers may take to come round once more */
const roundMilliseconds = 20_000

/**
 * Each viewer who can be believed reads each LUN once more: members do one round at once, since their samplers come round
 * seldom; hosts that only look are waited for until their samplers have read all since `from`, or time is up: then the rules
 * see that something is missing.
 * @param from lab's clock, milliseconds
 */
export async function freshLooks(
  { lab, recorder, lines }: Pick<Going, 'lab' | 'recorder' | 'lines'>,
  states: readonly Answered[],
  from: number,
  signal: AbortSignal,
): Promise<void> {
  const nodes = nodeNames(lab.testbed)
  const onlookers = viewerNames(lab.testbed).filter((viewer) => !nodes.includes(viewer))
  const members = states.filter(({ isMember }) => isMember).map(({ node }) => node)
  const luns = Object.keys(lab.testbed.luns)
  const limit = AbortSignal.timeout(roundMilliseconds)
  const all = () => {
    const recent = lines.filter((line) => line.at > from)
    return onlookers.every((viewer) =>
      luns.every((lun) =>
        (['keys', 'reservation'] as const).every(
          (action) =>
            // the first answer after `from` may have been true before it: the second one cannot
            recent.filter(
              (line) => line.type === 'keys' && line.host === viewer && line.lun === lun && line.action === action,
            ).length > 1,
        ),
      ),
    )
  }
  const observersHaveLooked = async () => {
    try {
      await until(all, { signal: AbortSignal.any([signal, limit]), everyMilliseconds: 200 })
    } catch (error) {
      if (!limit.aborted || signal.aborted) throw error
      recorder.append({ type: 'note', text: 'not every key table was read once more before time was up' })
    }
  }
  // a member whose last look is from before the end would still tell of keys that are gone
  await Promise.all([observersHaveLooked(), ...members.map((member) => lookOnce({ lab, recorder }, member, signal))])
}
