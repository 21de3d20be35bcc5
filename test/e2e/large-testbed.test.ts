/** Sixteen nodes and sixty-four LUNs, made up; and two of its runs side by side. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { madeUpLines, madeUpTestbed } from '../fakes/made-up-lab.ts'
import { writeRecording } from '../fakes/write-recording.ts'
import type { Loaded } from './loader.ts'
import { makeHome } from './loader.ts'
import { inEvery } from './loaders.ts'
import { cursorOf, eventually, goTo } from './look.ts'
import { complaintsOf } from './watch-page.ts'

const size = { nodes: 16, luns: 64 }
const runs = ['20261125T100000Z-made-up-0000', '20261125T110000Z-made-up-0001'] as const

inEvery('a testbed of 16 nodes and 64 LUNs', (loader) => {
  const home = makeHome()
  const file = join(home.testbeds, 'large.yaml')
  let loaded: Loaded
  beforeAll(async () => {
    // addresses at which nobody listens: what is not there is part of the picture
    writeFileSync(
      file,
      madeUpTestbed(size, 'large')
        .replaceAll('10.9.0.', '127.0.90.')
        .replace('destructive: true', 'destructive: false'),
    )
    for (const [index, run] of runs.entries()) writeRecording(join(home.runs, run), made(run, 20_000 + index * 4000))
    writeFileSync(
      join(home.path, 'state/fencelab/interface.json'),
      JSON.stringify({ welcomed: true, view: 'bench', testbed: file }),
    )
    loaded = await loader.load({ stateHome: home.path })
  })
  afterAll(async () => {
    await loaded?.close()
    home.remove()
  })

  test('is drawn whole: every node and every LUN, none over another, none outside', async () => {
    const { page } = loaded
    await page.getByRole('button', { name: /^LUN / }).nth(63).waitFor()
    const [nodes, luns] = [
      page.getByRole('button', { name: /^node node\d\d: / }),
      page.getByRole('button', { name: /^LUN / }),
    ]
    expect([await nodes.count(), await luns.count()]).toEqual([16, 64])
    const boxes = (list: typeof nodes) =>
      list.evaluateAll((all) =>
        all
          .map((one) => one.querySelector('rect')?.getBoundingClientRect())
          .map((box) => ({
            left: box?.left ?? 0,
            right: box?.right ?? 0,
            top: box?.top ?? 0,
            bottom: box?.bottom ?? 0,
          })),
      )
    const all = [...(await boxes(nodes)), ...(await boxes(luns))]
    const overlapping = all.flatMap((one, index) =>
      all
        .slice(index + 1)
        .filter(
          (other) =>
            one.left < other.right - 0.5 &&
            other.left < one.right - 0.5 &&
            one.top < other.bottom - 0.5 &&
            other.top < one.bottom - 0.5,
        ),
    )
    expect(overlapping).toEqual([])
    expect(all.filter(({ left, right }) => left < 74 || right > 1280)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  })

  test('has a run whose time line and key tables open, and are stepped through', async () => {
    const { page } = loaded
    await goTo(page, 'Runs')
    await page.getByRole('combobox', { name: 'Testbed', exact: true }).selectOption('made-up')
    await page
      .getByRole('link', { name: /Both private networks fail/ })
      .first()
      .click()
    await page.getByRole('application', { name: /lanes from/ }).waitFor()
    await eventually(
      () => page.getByRole('rowheader').count(),
      (rows) => rows === 64,
    )
    const opened = await cursorOf(page)
    await page.keyboard.press('b')
    const back = await eventually(
      () => cursorOf(page),
      (at) => at < opened,
    )
    await page.keyboard.press('n')
    await eventually(
      () => cursorOf(page),
      (at) => at > back,
    )
  })

  test('lets two runs be compared on one axis, with what is different', async () => {
    const { page } = loaded
    await goTo(page, 'Runs')
    // the view of runs remembers which one was open: back to the list
    if ((await page.getByRole('button', { name: 'Back to the runs' }).count()) > 0)
      await page.getByRole('button', { name: 'Back to the runs' }).click()
    const boxes = page.getByRole('checkbox', { name: /^Choose Both private networks fail/ })
    await eventually(
      () => boxes.count(),
      (count) => count === 2,
    )
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    await page.getByRole('button', { name: 'Compare' }).click()
    await eventually(
      () => page.getByRole('application').count(),
      (lines) => lines === 2,
    )
    await page.getByText('length of the recording').waitFor()
    await page.getByRole('button', { name: 'Swap' }).click()
    await eventually(
      () => page.getByRole('application').count(),
      (lines) => lines === 2,
    )
    expect(complaintsOf(page)).toEqual([])
  })
})

function* made(run: string, events: number): Generator<object> {
  for (const line of madeUpLines(size, { events, seconds: 60 }))
    yield line.type === 'run.started' ? { ...line, run } : line
}
