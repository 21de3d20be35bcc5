/** Somebody opens the program for the first time and looks at the recording that comes along. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Loaded } from './loader.ts'
import { makeHome } from './loader.ts'
import { inEvery } from './loaders.ts'
import { cursorOf, eventually } from './look.ts'
import { complaintsOf } from './watch-page.ts'

inEvery('a recorded run', (loader) => {
  const home = makeHome()
  let loaded: Loaded
  beforeAll(async () => {
    loaded = await loader.load({ stateHome: home.path })
  })
  afterAll(async () => {
    await loaded?.close()
    home.remove()
  })

  test('is offered at the first start, and opens with its verdict and its reasons', async () => {
    const { page } = loaded
    await page.getByRole('dialog', { name: /Does I\/O fencing hold/ }).waitFor()
    await page.getByRole('button', { name: /Look at a recorded run/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Both private networks fail' }).waitFor()
    expect(await page.locator('header .verdict').first().innerText()).toMatch(/pass/i)
    expect(await page.getByRole('button', { name: /^pass: / }).count()).toBeGreaterThan(3)
    expect(await page.getByRole('application', { name: /lanes from/ }).count()).toBe(1)
  })

  test('is stepped through from event to event, and back', async () => {
    const { page } = loaded
    await page.getByRole('button', { name: 'Next event' }).click()
    const first = await cursorOf(page)
    await page.keyboard.press('n')
    const second = await eventually(
      () => cursorOf(page),
      (at) => at > first,
    )
    await page.keyboard.press('b')
    expect(
      await eventually(
        () => cursorOf(page),
        (at) => at < second,
      ),
    ).toBe(first)
  })

  test('plays in its own time, and ten times as fast', async () => {
    const { page } = loaded
    /** seconds of the recording that pass in one second of watching */
    const pace = async () => {
      const [from, began] = [await cursorOf(page), Date.now()]
      await page.getByRole('button', { name: 'Play', exact: true }).click()
      await eventually(
        () => cursorOf(page),
        (at) => at > from + 1,
      )
      await page.getByRole('button', { name: 'Pause', exact: true }).click()
      return ((await cursorOf(page)) - from) / ((Date.now() - began) / 1000)
    }
    const own = await pace()
    await page.getByRole('button', { name: '10×' }).click()
    const fast = await pace()
    expect(own).toBeGreaterThan(0.5)
    expect(own).toBeLessThan(1.5)
    expect(fast).toBeGreaterThan(own * 2)
  })

  test('leads from a reason of the verdict to the moment that decided it', async () => {
    const { page } = loaded
    await page.getByRole('application').press('Home')
    const begin = await eventually(
      () => cursorOf(page),
      (at) => at < 1,
    )
    const reason = page.locator('.reason', { hasText: 'exactly one continues' })
    const moment = await reason.locator('.chip').last().innerText()
    await reason.getByRole('button', { name: /exactly one continues/ }).click()
    expect(
      await eventually(
        () => cursorOf(page),
        (at) => at > begin,
      ),
    ).toBeCloseTo(Number.parseFloat(moment), 1)
    expect(await reason.getByRole('button', { name: /exactly one continues/ }).getAttribute('aria-pressed')).toBe(
      'true',
    )
  })

  test('shows the key tables at the cursor, and what sg_persist printed', async () => {
    const { page } = loaded
    const keys = page.getByRole('row', { name: /data1/ })
    await page.getByRole('application').press('Home')
    await eventually(
      () => keys.innerText(),
      (text) => text.includes('not read yet') || text.includes('nobody has looked yet'),
    )
    await page.getByRole('application').press('End')
    await eventually(
      () => keys.innerText(),
      (text) => text.includes('gone'),
    )
    await keys.getByRole('button', { name: 'raw' }).click()
    await eventually(
      () => page.locator('.pane-in').last().innerText(),
      (text) => /PR generation/.test(text),
    )
  })

  test('is whole, and judged again to the same verdict', async () => {
    const { page } = loaded
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByText('The recording is whole and unaltered').waitFor()
    await page.getByRole('button', { name: 'Judge again' }).click()
    await page.getByText('Judged again: pass, the same verdict').waitFor()
  })

  test('is where one left it after the window was loaded again', async () => {
    const { page } = loaded
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Both private networks fail' }).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(complaintsOf(page)).toEqual([])
  })
})
