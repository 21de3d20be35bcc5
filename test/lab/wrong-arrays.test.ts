/** Storage that does wrong under a cluster that does right: the lab must notice, and name what was broken. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Line } from '../../labs/journal/event.ts'
import type { GreenLab } from '../../main/engine/green.ts'
import type { RowResult } from '../../main/engine/run-row.ts'
import { openTestLab, told } from './lab.ts'
import { lookingOn, runPlanted } from './wrong-array.ts'

let green: GreenLab
beforeAll(async () => {
  green = await openTestLab()
})
afterAll(() => green.close())

/** Who won goes on, who lost has panicked and is fenced. */
const isSettled = (line: Line) => line.type === 'await' && line.met

/** PERSISTENT RESERVE OUT on a disk, asked again where a unit attention is told first. */
const persist = `disk=$1; shift
out() {
  for attempt in 1 2 3 4 5; do
    sg_persist -n -o "$@" "$disk"; code=$?
    [ $code = 6 ] || return $code
  done
}
`

/** The run came to its end, its lab is all green again, and it is a failure by these rules. */
function expectFailure(result: RowResult, ...rules: readonly string[]): void {
  const { verdict, against } = told(result)
  expect({ verdict, against }).toMatchObject({ verdict: 'fail' })
  const violated = against.filter((text) => text.startsWith('fail ')).map((text) => text.split(/[ :]/)[1])
  expect(violated, against.join('\n')).toEqual(expect.arrayContaining([...rules]))
  expect(result.lines.at(-1)).toMatchObject({ type: 'run.ended', reason: 'complete' })
  expect(result.restored).toBe(true)
}

test('a data disk that forgot all keys after the takeover', async () => {
  const result = await runPlanted(green, lookingOn('both-private-networks-fail'), isSettled, async ({ on, disk }) =>
    on('observer', `${persist}out -I -S 0xbad && out -C -K 0xbad`, [await disk('observer')]),
  )
  expectFailure(result, 'data-disks-hold-members-keys', 'writes-are-refused')
})
