import { ref, shallowRef } from 'vue'
import type { JournalLine } from '../../preload/contract/runs.ts'

/** What a page of the journal is answered with. */
export interface JournalPage {
  readonly total: number
  readonly types: readonly { readonly type: string; readonly count: number }[]
  readonly lines: readonly JournalLine[]
}

/** lines of a page */
const size = 200

/**
 * The lines of a journal that are in view, asked for a page at a time. A journal only grows: what was read stays until there
 * is more, and of two answers the shorter one is the older one.
 *
 * @param ask the lines from `skip` on, `count` of them, by the filter that holds now
 * @param report an answer that did not come
 */
export function journalPages(
  ask: (question: { readonly skip: number; readonly count: number }) => Promise<JournalPage>,
  report: (error: unknown) => void,
) {
  const total = ref(0)
  const types = shallowRef<JournalPage['types']>([])
  const pages = shallowRef<ReadonlyMap<number, readonly JournalLine[]>>(new Map())
  const pending = new Set<number>()
  let generation = 0

  /** @param again also where that page is on its way, for what has been added to it meanwhile */
  async function load(number: number, again = false): Promise<void> {
    if (pending.has(number) && !again) return
    pending.add(number)
    const own = generation
    try {
      const found = await ask({ skip: number * size, count: size })
      if (own !== generation || found.total < total.value) return
      total.value = found.total
      types.value = found.types
      pages.value = new Map([...pages.value, [number, found.lines]])
    } catch (error) {
      report(error)
    } finally {
      if (own === generation) pending.delete(number)
    }
  }

  const pageOf = (index: number) => Math.floor(index / size)
  const lineAt = (index: number): JournalLine | undefined => pages.value.get(pageOf(index))?.[index % size]

  return {
    total,
    types,
    /** The line at an index of the list; undefined while it is on its way. */
    lineAt,
    /** Asks for what is missing among these indexes. */
    want(indexes: readonly number[]): void {
      const missing = indexes.filter((index) => lineAt(index) === undefined)
      for (const number of new Set(missing.map(pageOf))) void load(number)
    },
    /** Another journal, or another filter: from the start. */
    restart(): void {
      generation += 1
      pending.clear()
      total.value = 0
      pages.value = new Map()
      void load(0)
    },
    /** The journal has grown: the page that may not be full is read once more. */
    grow(): void {
      void load(Math.max(0, Math.ceil(total.value / size) - 1), true)
    },
  }
}
