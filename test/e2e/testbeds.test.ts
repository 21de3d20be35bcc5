/** Testbed files: written in the window, with errors at their lines. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Loaded } from './loader.ts'
import { makeHome } from './loader.ts'
import { inEvery } from './loaders.ts'
import { eventually, goTo } from './look.ts'
import { complaintsOf } from './watch-page.ts'

inEvery('a testbed file', (loader) => {
  const home = makeHome({ view: 'testbeds' })
  let loaded: Loaded
  beforeAll(async () => {
    loaded = await loader.load({ stateHome: home.path })
  })
  afterAll(async () => {
    await loaded?.close()
    home.remove()
  })
  const editor = () => loaded.page.getByRole('textbox', { name: /^Testbed file/ })

  test('that comes along is copied before it is changed', async () => {
    const { page } = loaded
    await page.getByRole('navigation', { name: 'Testbed files' }).getByText('virtual', { exact: true }).click()
    await page.getByText(/No errors: 2 nodes/).waitFor()
    expect(await editor().isEditable()).toBe(false)
    await page.getByRole('button', { name: 'Copy to change it' }).click()
    await page.getByRole('dialog', { name: 'Name of the new testbed' }).getByRole('textbox').fill('own')
    await page.getByRole('button', { name: 'Make it' }).click()
    await eventually(
      async () => existsSync(join(home.testbeds, 'own.yaml')),
      (made) => made,
    )
    await eventually(
      () => editor().isEditable(),
      (is) => is,
    )
  })

  test('with an error shows it at its line, and a click leads there', async () => {
    const { page } = loaded
    const text = await editor().inputValue()
    const wrong = text.replace('role: observer', 'role: watcher')
    const line = wrong.slice(0, wrong.indexOf('role: watcher')).split('\n').length
    await editor().fill(wrong)
    const problem = page.getByRole('button', { name: new RegExp(`line ${line}, column`) })
    await problem.waitFor()
    expect(await problem.innerText()).toContain('hosts.observer.role')
    expect(await page.locator('.gutter .number.error').allInnerTexts()).toEqual([String(line)])
    expect(await page.getByRole('button', { name: 'Open', exact: true }).isDisabled()).toBe(true)
    await problem.click()
    const at = await editor().evaluate(
      (area) =>
        (area as HTMLTextAreaElement).value.slice(0, (area as HTMLTextAreaElement).selectionStart).split('\n').length,
    )
    expect(at).toBe(line)
    await editor().fill(text)
    await page.getByText(/No errors: 2 nodes/).waitFor()
  })

  test('is saved with its key, and is then what is open', async () => {
    const { page } = loaded
    const text = (await editor().inputValue()).replace(/^description:.*$/m, 'description: changed in the window')
    await editor().fill(text)
    await page.getByText(/· changed/).waitFor()
    await page.keyboard.press('Control+s')
    await page.getByText(/^Saved /).waitFor()
    expect(readFileSync(join(home.testbeds, 'own.yaml'), 'utf8')).toContain('changed in the window')
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await page.getByText(/changed in the window\. Starting it/).waitFor()
  })

  test('that was changed elsewhere meanwhile is not written over', async () => {
    const { page } = loaded
    await goTo(page, 'Testbeds')
    await page.getByText(/No errors: 2 nodes/).waitFor()
    const file = join(home.testbeds, 'own.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('changed in the window', 'changed elsewhere'))
    await editor().fill((await editor().inputValue()).replace('changed in the window', 'changed in the window again'))
    await page.keyboard.press('Control+s')
    await page.getByText(/was changed by another program since it was opened here/).waitFor()
    expect(readFileSync(file, 'utf8')).toContain('changed elsewhere')
    expect(complaintsOf(page)).toEqual([])
  })
})
