import type { ReaderClient } from '../replay/reader-client.ts'
import type { RunPlace } from '../replay/summarise.ts'
import type { Collections } from './collections.ts'
import type { EventHub } from './event-hub.ts'

export interface FollowOptions {
  readonly reader: ReaderClient
  readonly collections: Collections
  readonly hub: EventHub
  /** between two looks at a journal that another program writes */
  readonly everyMilliseconds?: number
}

/** a run of another program is looked after so long after its journal grew last */
const patienceMilliseconds = 15 * 60_000

/**
 * Reads on in journals that grow and tells the views. A live run and one that another program writes (`fencelab run` in a
 * shell) are followed in the same way: by their journal.
 */
export function followRuns({ reader, collections, hub, everyMilliseconds = 400 }: FollowOptions) {
  const followed = new Map<string, { readonly place: RunPlace; quietSince: number; told: string }>()
  let timer: NodeJS.Timeout | undefined
  let looking = false

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    try {
      for (const [directory, one] of [...followed]) {
        const { seq, at, ended } = await reader.refresh(directory)
        // whoever else asked meanwhile may have read it on: what counts is what was told
        const news = `${seq} ${ended}`
        if (news !== one.told) {
          one.told = news
          one.quietSince = Date.now()
          hub.publish('grown', { run: one.place.run, seq, at, ended })
        }
        if (ended || Date.now() - one.quietSince > patienceMilliseconds) {
          followed.delete(directory)
          hub.publish('runs', { run: one.place.run })
        }
      }
    } catch {
      // a folder that went away under our eyes: whoever opens it again is told why it cannot be read
      followed.clear()
    } finally {
      looking = false
    }
    if (followed.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }

  function follow(place: RunPlace): void {
    if (!followed.has(place.directory)) followed.set(place.directory, { place, quietSince: Date.now(), told: '' })
    timer ??= setInterval(() => void look(), everyMilliseconds)
    timer.unref()
  }
  return {
    follow,
    grew(directory: string) {
      const run = collections.idOf(directory)
      if (run === undefined || followed.has(directory)) return
      hub.publish('runs', { run })
      follow({ run, directory, sample: false })
    },
    dispose() {
      clearInterval(timer)
      followed.clear()
    },
  }
}
