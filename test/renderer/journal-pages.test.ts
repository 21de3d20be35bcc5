import { expect, test } from 'vitest'
import { journalPages, type JournalPage } from '../../renderer/runs/journal-pages.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A journal that grows, and whose answers wait until they are let go, in any order. */
function journal() {
  let length = 0
  const waiting: (() => void)[] = []
  const asked: number[] = []
  const problems: unknown[] = []
  const list = journalPages(
    ({ skip, count }) => {
      asked.push(skip)
      const total = length
      const lines = Array.from({ length: Math.max(0, Math.min(count, total - skip)) }, (_, index) => ({
        seq: skip + index + 1,
      }))
      return new Promise((resolve, reject) => {
        waiting.push(() => {
          if (total < 0) reject(new Error('the engine is gone'))
          else resolve({ total, types: [], lines } as unknown as JournalPage)
        })
      })
    },
    (error) => problems.push(error),
  )
  return {
    list,
    asked,
    problems,
    grow: (lines: number) => (length += lines),
    async answer(order: readonly number[] = [0]) {
      const all = order.map((index) => waiting[index])
      for (const go of all) {
        if (!go) throw new Error('no such question')
        waiting.splice(waiting.indexOf(go), 1)
        go()
        await settled()
      }
    },
  }
}
const seen = ({ total, lineAt }: ReturnType<typeof journal>['list']) =>
  Array.from({ length: total.value }, (_, index) => lineAt(index)?.seq)

test('lines stay in view while there are more to come', async () => {
  const { list, grow, answer } = journal()
  list.restart()
  grow(5)
  list.grow()
  await answer([0, 1])
  expect(seen(list)).toEqual([1, 2, 3, 4, 5])
  grow(2)
  list.grow()
  expect(seen(list)).toEqual([1, 2, 3, 4, 5])
  await answer()
  expect(seen(list)).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('an answer that is older than what is shown takes nothing away', async () => {
  const { list, grow, answer, asked } = journal()
  grow(3)
  list.restart()
  grow(2)
  list.grow()
  expect(asked).toEqual([0, 0])
  await answer([1])
  expect(seen(list)).toEqual([1, 2, 3, 4, 5])
  await answer()
  expect(seen(list)).toEqual([1, 2, 3, 4, 5])
})

test('a page is asked for when it comes into view, once, and is on its way until then', async () => {
  const { list, grow, answer, asked } = journal()
  grow(450)
  list.restart()
  await answer()
  expect([list.total.value, list.lineAt(199)?.seq, list.lineAt(200)]).toEqual([450, 200, undefined])
  list.want([199, 200, 201, 449])
  list.want([200, 449])
  expect(asked).toEqual([0, 200, 400])
  await answer([0, 1])
  expect([list.lineAt(200)?.seq, list.lineAt(449)?.seq]).toEqual([201, 450])
  grow(10)
  list.grow()
  expect(asked.at(-1)).toBe(400)
})

test('another filter starts over, and no answer to the one before is shown', async () => {
  const { list, grow, answer } = journal()
  grow(5)
  list.restart()
  grow(-3)
  list.restart()
  await answer([0])
  expect(seen(list)).toEqual([])
  await answer()
  expect(seen(list)).toEqual([1, 2])
})

test('an answer that does not come is told, and asked for again', async () => {
  const { list, grow, answer, problems } = journal()
  grow(-1)
  list.restart()
  await answer()
  expect(problems).toEqual([new Error('the engine is gone')])
  grow(3)
  list.want([0])
  await answer()
  expect(seen(list)).toEqual([1, 2])
})
