/** The program without a mouse. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import type { Loaded } from './loader.ts'
import { makeHome } from './loader.ts'
import { inEvery } from './loaders.ts'
import { eventually } from './look.ts'
import { complaintsOf } from './watch-page.ts'

const heading = (page: Page) => page.getByRole('heading', { level: 1 }).first().innerText()
/** what has the focus, as a screen reader names it, and whether it can be seen */
const focus = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement
    if (at === document.body || (!(at instanceof HTMLElement) && !(at instanceof SVGElement)))
      return { name: '', seen: false }
    const style = getComputedStyle(at)
    return {
      name: (at.getAttribute('aria-label') ?? at.textContent ?? '').trim(),
      seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
    }
  })

inEvery('by keyboard alone', (loader) => {
  const home = makeHome({ view: 'bench' })
  let loaded: Loaded
  beforeAll(async () => {
    loaded = await loader.load({ stateHome: home.path })
    await loaded.page.getByRole('heading', { name: 'The virtual lab is not running' }).waitFor()
  })
  afterAll(async () => {
    await loaded?.close()
    home.remove()
  })

  test('every view has a key', async () => {
    const { page } = loaded
    for (const [key, title] of [
      ['Alt+2', 'Documented behaviour'],
      ['Alt+3', 'Runs'],
      ['Alt+4', 'Keys'],
      ['Alt+6', 'Testbeds'],
    ] as const) {
      await page.keyboard.press(key)
      await eventually(
        () => heading(page),
        (now) => now === title,
      )
    }
  })

  test('the palette finds a command by words, and gives the focus back', async () => {
    const { page } = loaded
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox', { expanded: true })
    await field.waitFor()
    await page.keyboard.type('go runs')
    expect(await page.getByRole('option').allInnerTexts()).toHaveLength(1)
    await page.keyboard.press('Enter')
    await eventually(
      () => heading(page),
      (now) => now === 'Runs',
    )
    await page.keyboard.press('Control+k')
    await field.waitFor()
    await page.keyboard.type('no such command')
    await page.getByText('There is no such command').waitFor()
    await page.keyboard.press('Escape')
    await field.waitFor({ state: 'detached' })
  })

  test('the dark theme is a command, and stays', async () => {
    const { page } = loaded
    await page.keyboard.press('Control+k')
    await page.keyboard.type('dark theme')
    await page.keyboard.press('Enter')
    await eventually(
      () => page.evaluate(() => document.documentElement.classList.contains('dark')),
      (dark) => dark,
    )
    await eventually(
      async () => readFileSync(`${home.path}/state/fencelab/interface.json`, 'utf8'),
      (kept) => kept.includes('"theme":"dark"') || kept.includes('"theme": "dark"'),
    )
    await page.reload()
    await eventually(
      () => page.evaluate(() => document.documentElement.classList.contains('dark')),
      (dark) => dark,
    )
  })

  test('the list of keys opens with F1 and closes with Escape', async () => {
    const { page } = loaded
    await page.keyboard.press('F1')
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await dialog.waitFor()
    expect(await dialog.locator('dt').allInnerTexts()).toEqual(
      expect.arrayContaining(['Show all commands', 'Go to Table', 'Play or pause']),
    )
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  test('Tab goes through everything, and one sees where it is', async () => {
    const { page } = loaded
    await page.keyboard.press('Alt+3')
    await eventually(
      () => heading(page),
      (now) => now === 'Runs',
    )
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    const passed: { readonly name: string; readonly seen: boolean }[] = []
    for (let index = 0; index < 40; index += 1) {
      await page.keyboard.press('Tab')
      const now = await focus(page)
      passed.push(now)
      if (now.name.includes('Both private networks fail')) break
    }
    expect(passed.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Bench', 'Testbed', 'Search in runs', 'Row']),
    )
    expect(passed.filter(({ name, seen }) => name !== '' && !seen)).toEqual([])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await eventually(
      () => heading(page),
      (now) => now === 'Both private networks fail',
    )
  })

  test('a thing of the bench is chosen with Enter, and its details say what can be done', async () => {
    const { page } = loaded
    await page.keyboard.press('Alt+1')
    const node = page.getByRole('button', { name: /^node nodea: / })
    await node.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('complementary').getByText('node', { exact: true }).first().waitFor()
    expect(complaintsOf(page)).toEqual([])
  })
})
