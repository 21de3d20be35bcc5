import { foldWriteTries } from '../../../labs/journal/write-tries.ts'
import { choiceOf } from '../../../labs/steps/stack-choice.ts'
import { hostsWithRole } from '../../../labs/testbed/parts.ts'
import { setTimeout as delay } from 'node:timers/promises'
import type { Going } from '../going.ts'
import type { Answered } from './look-at-everyone.ts'
import type { Readers } from './read-ledger.ts'
import { tryAtTheEnd, tryControl } from './write-try.ts'

/**
 * The published Linux defender gives its reservation away for a moment in each of its cycles: what arrives then is let in. Two
 * more tries, so far apart that no such moment holds all of them, tell that from a disk that nothing protects. The pauses
 * grow, so that they do not keep step with its cycle. Where each try takes long, on hosts that are starved, there are fewer.
 */
const tries = { most: 9, apartMilliseconds: 1000, longerEachMilliseconds: 370, withinMilliseconds: 20_000 } as const

/** Does the cluster of this row protect its data disk with a reservation? */
const isReserved = (going: Going) => fencingOf(going).reservation !== 'none'
const fencingOf = ({ lab, scenario }: Going) => lab.stack.pure.fencing(lab.testbed.stack, choiceOf(scenario))

/** Before the row does anything: that the same try succeeds, and is seen to, where nothing protects. */
export async function showControl(going: Going, signal: AbortSignal): Promise<void> {
  const [observer] = hostsWithRole(going.lab.testbed, 'observer')
  if (observer && isReserved(going)) await tryControl(going, observer.name, signal)
}

/**
 * Everybody tries to write who must not: a host that was never registered, and each node that is alive and was shut out. A
 * node shows on a coordination point first that its own tries can succeed.
 */
export async function tryWhereRefused(
  going: Going,
  states: readonly Answered[],
  { survivor, observer, observerMayRead }: Readers,
  signal: AbortSignal,
): Promise<void> {
  if (!isReserved(going)) return
  const { keysWhenGreen, reservationFlickers } = fencingOf(going)
  const mayWrite = ({ isMember, isActive }: Answered) => (keysWhenGreen.data === 'members' ? isMember : isActive)
  const shutOut = states.filter((state) => state.answered && !mayWrite(state)).map(({ node }) => node)
  const reader = observerMayRead ? (observer ?? survivor) : survivor
  await Promise.all([
    ...(observer === undefined ? [] : [tryAgainWhereItFlickers(observer)]),
    ...shutOut.map(async (node) => {
      await tryControl(going, node, signal)
      await tryAgainWhereItFlickers(node)
    }),
  ])

  async function tryAgainWhereItFlickers(host: string): Promise<void> {
    const most = reservationFlickers ? tries.most : 1
    const until = performance.now() + tries.withinMilliseconds
    for (let done = 1; ; done += 1) {
      await tryAtTheEnd(going, host, reader ?? host, signal)
      const answers = foldWriteTries(going.lines).flatMap((one) =>
        one.host === host && one.why === 'end' ? [one.answer] : [],
      )
      const count = (wanted: (typeof answers)[number]) => answers.filter((answer) => answer === wanted).length
      // a try that fell into the moment without a reservation needs more refusals than it was accepted
      if (answers.at(-1) !== 'accepted' && (count('accepted') === 0 || count('refused') > count('accepted'))) return
      if (done === most || performance.now() > until) return
      await delay(tries.apartMilliseconds + done * tries.longerEachMilliseconds, undefined, { signal })
    }
  }
}
