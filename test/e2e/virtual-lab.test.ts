/** The lab itself, from the window: a row, a terminal, a connection that breaks and a window that is killed meanwhile. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { missingPackages } from '../../main/setup/prepare.mjs'
import type { Loaded } from './loader.ts'
import { environmentIn, makeHome } from './loader.ts'
import { inEvery } from './loaders.ts'
import { eventually, goTo } from './look.ts'
import { complaintsOf } from './watch-page.ts'

const fencelab = fileURLToPath(new URL('../../main/cli/bin.mjs', import.meta.url))
const example = fileURLToPath(new URL('../../labs/testbeds/virtual.yaml', import.meta.url))
const missing = missingPackages()
if (missing.length > 0) console.log(`skipped: the virtual lab from the window: not installed: ${missing.join(', ')}`)

const rowOf = (page: Page) => page.getByRole('row').filter({ hasText: 'Both private networks fail' }).first()
const startRow = async (page: Page) => {
  await goTo(page, 'Table')
  await rowOf(page).getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('progressbar', { name: 'Progress of the row', exact: true }).waitFor()
}
/** The lamp itself: beside it, the progress of a row that ends says "going back to all green". */
const isGreen = (page: Page, milliseconds: number) =>
  page
    .getByRole('banner')
    .getByRole('status')
    .filter({ hasText: /^\s*all green\s*$/ })
    .waitFor({ timeout: milliseconds })
const screen = (page: Page) => page.locator('.xterm-rows').first().innerText()

if (missing.length === 0) {
  inEvery('the virtual lab', (loader) => {
    const home = makeHome()
    let loaded: Loaded
    let page: Page
    beforeAll(async () => {
      // its own addresses: a lab that somebody works with is left alone
      const file = join(home.testbeds, 'window.yaml')
      writeFileSync(
        file,
        readFileSync(example, 'utf8')
          .replaceAll('127.0.77.', '127.0.83.')
          .replace(/^name: .*$/m, 'name: window'),
      )
      writeFileSync(
        join(home.path, 'state/fencelab/interface.json'),
        JSON.stringify({ welcomed: true, view: 'bench', testbed: file }),
      )
      loaded = await loader.load({ stateHome: home.path })
      page = loaded.page
    })
    afterAll(async () => {
      await loaded?.close()
      home.remove()
    })

    /** what of earlier runs is left, as another program tells it */
    const status = () =>
      spawnSync(process.execPath, [fencelab, 'status', join(home.testbeds, 'window.yaml')], {
        env: environmentIn({ stateHome: home.path }),
        encoding: 'utf8',
      }).stdout

    // on a fresh computer the image of the machines is built first
    test('is started from the window, which says how far it is', { timeout: 900_000 }, async () => {
      await page.getByRole('button', { name: 'Start the lab' }).last().click()
      await page.getByRole('heading', { name: 'Starting the virtual lab' }).waitFor()
      await isGreen(page, 600_000)
      await page.getByRole('button', { name: /^node nodea: alive/ }).waitFor({ timeout: 30_000 })
      await page
        .getByRole('button', { name: /^LUN data1, data: keys of nodea, nodeb; reserved by/ })
        .waitFor({ timeout: 30_000 })
    })

    test('gives a terminal on a node, in which one types', async () => {
      await page.getByRole('button', { name: /^node nodea: / }).click()
      await page.getByRole('button', { name: 'Open a terminal' }).click()
      await page.getByRole('region', { name: /Terminal nodea/ }).waitFor()
      await eventually(
        () => screen(page),
        (text) => /[#$]/.test(text),
      )
      await page.keyboard.type('echo $((6*7)) on $(hostname)\n')
      await eventually(
        () => screen(page),
        (text) => /42 on nodea/.test(text),
      )
    })

    test('runs a row, and the verdict is seen, though the connection was cut meanwhile', async () => {
      await startRow(page)
      loaded.drop?.()
      if (loaded.drop) await page.getByText('There is no connection to the engine').waitFor({ state: 'detached' })
      // it goes on where the engine is by now, not where the window lost it
      await eventually(
        () => rowOf(page).innerText(),
        (text) => /pass/i.test(text) && /panicked/.test(text) && !/not run yet/.test(text),
        120_000,
      )
      await isGreen(page, 120_000)
      // the node went back to its snapshot, and the shell with it: that is said, and a new one is one click away
      await goTo(page, 'Terminals')
      await page.getByRole('status').filter({ hasText: 'Lost' }).waitFor({ timeout: 60_000 })
      await page.getByRole('button', { name: 'Open again' }).click()
      await page.getByRole('button', { name: 'Open again' }).waitFor({ state: 'detached' })
      await eventually(
        () => screen(page),
        (text) => /[#$]\s*$/.test(text),
        30_000,
      )
      // it has the focus: who opened it again types on
      await eventually(
        () => page.evaluate(() => document.activeElement?.className ?? ''),
        (name) => name.includes('xterm'),
      )
      await page.keyboard.type('echo after $((40+4))\n')
      await eventually(
        () => screen(page),
        (text) => /after 44/.test(text),
        30_000,
      )
    })

    test('goes on when its window is killed in the middle of a row', async () => {
      await isGreen(page, 60_000)
      await startRow(page)
      expect(complaintsOf(page)).toEqual([])
      if (loaded.again) {
        await page.close()
        page = await loaded.again()
      } else await page.reload()
      await goTo(page, 'Table')
      await page.getByRole('progressbar', { name: 'Progress of the row', exact: true }).waitFor()
      await eventually(
        () => rowOf(page).innerText(),
        (text) => /2 runs/.test(text) && !/is being recorded/.test(text),
        120_000,
      )
      expect(await rowOf(page).innerText()).toMatch(/pass/i)
      expect(complaintsOf(page)).toEqual([])
    })

    test('ends with a fault injected: whoever closes the window is asked, and it is taken back first', async () => {
      await isGreen(page, 120_000)
      await goTo(page, 'Bench')
      await page.getByRole('button', { name: /^node nodeb: alive/ }).click()
      await page.locator('.fault', { hasText: 'takes a private link down on one node: nodeb priv1' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Inject it' }).click()
      await page.getByText('verified to be in force').waitFor({ timeout: 60_000 })
      if (loaded.app) {
        const { app } = loaded
        const ended = once(app.process(), 'exit')
        await app.evaluate(({ dialog }) => {
          const asked: string[] = []
          Object.assign(globalThis, { asked })
          // the first time the person stays
          dialog.showMessageBox = ((_window: unknown, { message, detail }: { message: string; detail?: string }) =>
            Promise.resolve({
              response: asked.push(`${message} ${detail}`) === 1 ? 1 : 0,
              checkboxChecked: false,
            })) as never
        })
        const close = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
        await close()
        const [question] = await eventually(
          () => app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked),
          (asked) => asked.length === 1,
        )
        expect(question).toMatch(/^Take back what is injected, and quit\?.*priv1/s)
        await page.getByText('verified to be in force').waitFor()
        await close()
        expect(await ended).toEqual([0, null])
      } else await loaded.close()
      expect(status()).not.toMatch(/still injected/)
    })
  })
}
