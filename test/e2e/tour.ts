/** A walk through every view, dialog and state that a person may see, for pictures and for checks of what is shown. */
import { join } from 'node:path'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { samples, type ServedEngine } from '../fakes/served-engine.ts'
import { eventually, goTo } from './look.ts'

export interface Stop {
  readonly name: string
  /** brings the window there from the stop before */
  readonly go: (page: Page, served: ServedEngine) => Promise<void>
  /** it does not stay so while the window is looked at in other sizes: one picture is enough */
  readonly passing?: boolean
}

const row = 'Both private networks fail'
const green = (page: Page) =>
  eventually(
    () => page.getByRole('banner').innerText(),
    (text) => text.includes('all green'),
    60_000,
  )
const byPalette = async (page: Page, words: string) => {
  await page.keyboard.press('Control+k')
  await page.keyboard.type(words)
  await page.keyboard.press('Enter')
}
const closeMenu = async (page: Page) => {
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({ state: 'detached' })
}
const rowOf = (page: Page) => page.getByRole('row').filter({ hasText: row }).first()
const openSample = async (page: Page) => {
  await goTo(page, 'Runs')
  if ((await page.getByRole('button', { name: 'Back to the runs' }).count()) > 0)
    await page.getByRole('button', { name: 'Back to the runs' }).click()
  await page.locator('.line.one', { hasText: 'sample' }).first().click()
  await page.getByRole('application').waitFor()
  await eventually(
    () => page.getByRole('rowheader').count(),
    (count) => count > 3,
  )
}

/** With the virtual lab's testbed, and a lab that plays the recording that comes along. */
export const smallTour: readonly Stop[] = [
  { name: 'welcome', go: async (page) => page.getByRole('dialog', { name: /Does I\/O fencing hold/ }).waitFor() },
  {
    name: 'bench-not-running',
    async go(page) {
      await page.getByRole('button', { name: 'Not now' }).click()
      await page.getByRole('heading', { name: 'The virtual lab is not running' }).waitFor()
    },
  },
  { name: 'terminals-nothing', go: (page) => goTo(page, 'Terminals') },
  { name: 'keys-nothing', go: (page) => goTo(page, 'Keys') },
  { name: 'table-not-green', go: (page) => goTo(page, 'Table') },
  {
    name: 'bench-starting',
    passing: true,
    async go(page) {
      await goTo(page, 'Bench')
      await page.getByRole('button', { name: 'Start the lab' }).last().click()
      await page.getByText('waiting for the cluster to form').first().waitFor()
    },
  },
  {
    name: 'bench-green',
    async go(page) {
      await green(page)
      await page.getByRole('button', { name: /^LUN data1, data: keys of nodea, nodeb/ }).waitFor()
    },
  },
  {
    name: 'bench-node',
    async go(page) {
      await page.getByRole('button', { name: /^node nodeb: / }).click()
      await page.getByRole('heading', { name: 'Faults' }).waitFor()
    },
  },
  {
    name: 'bench-inject',
    async go(page) {
      await page.getByRole('complementary').locator('.fault').first().click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'bench-injected',
    async go(page) {
      await page.getByRole('dialog').locator('.button.danger, .button.main').last().click()
      await page.getByRole('heading', { name: 'Injected by hand' }).waitFor()
    },
  },
  {
    name: 'bench-power',
    async go(page) {
      await page.getByRole('button', { name: 'Take it back' }).click()
      await page.getByRole('heading', { name: 'Injected by hand' }).waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Off', exact: true }).first().click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'bench-lun',
    async go(page, { engine }) {
      await page.getByRole('button', { name: 'Switch it off' }).click()
      await page.getByText(/pdu1\/2.* off; feeds nodeb/).waitFor()
      await page.getByRole('button', { name: 'On', exact: true }).click()
      await page.getByRole('button', { name: 'Switch it on' }).click()
      await page.getByText(/pdu1\/2.* on; feeds nodeb/).waitFor()
      const { outlets } = await engine.services.lab.outlets(
        {},
        { signal: new AbortController().signal, progress: () => undefined },
      )
      if (outlets.some(({ state }) => state !== 'on')) throw new Error('an outlet was left off')
      await page.getByRole('button', { name: /^LUN data1/ }).click()
      await page
        .getByText(/as \w+ sees it/)
        .first()
        .waitFor()
    },
  },
  {
    name: 'table-running',
    passing: true,
    async go(page) {
      await goTo(page, 'Table')
      await page.getByRole('spinbutton').fill('2')
      await rowOf(page).getByRole('button', { name: 'Run', exact: true }).click()
      await eventually(
        () => page.getByRole('banner').innerText(),
        (text) => text.includes('1 more'),
      )
    },
  },
  {
    name: 'bench-running',
    passing: true,
    async go(page) {
      await goTo(page, 'Bench')
      await page.getByRole('button', { name: /^node node[ab]: panicked/ }).waitFor({ timeout: 40_000 })
    },
  },
  {
    name: 'run-live',
    passing: true,
    async go(page) {
      await page.getByRole('button', { name: 'Open this run' }).click()
      await page.getByRole('button', { name: 'Live', exact: true }).waitFor()
    },
  },
  {
    name: 'table-distribution',
    async go(page) {
      await eventually(
        () => page.getByRole('banner').innerText(),
        (text) => text.includes('all green') && !text.includes('Stop'),
        60_000,
      )
      await goTo(page, 'Table')
      await rowOf(page)
        .getByRole('button', { name: /2 runs/ })
        .click()
      await page.getByText('From the fault to the panic').waitFor()
    },
  },
  { name: 'run', go: openSample },
  {
    name: 'run-decisive',
    async go(page) {
      await page.keyboard.press('d')
      await page.locator('.reason').first().getByRole('button').first().click()
    },
  },
  {
    name: 'run-raw',
    async go(page) {
      await page.getByRole('row', { name: /data1/ }).getByRole('button', { name: 'raw' }).click()
      await page
        .getByText(/PR generation/)
        .first()
        .waitFor()
    },
  },
  {
    name: 'run-picture',
    async go(page) {
      await page.getByRole('tab', { name: 'Picture' }).click()
      await page.getByRole('button', { name: /^node nodea/ }).waitFor()
    },
  },
  {
    name: 'run-journal',
    async go(page) {
      await page.getByRole('tab', { name: /^Journal/ }).click()
      await page.getByRole('listbox', { name: 'Lines of the journal' }).getByRole('option').nth(3).waitFor()
    },
  },
  {
    name: 'runs',
    async go(page) {
      await page.getByRole('button', { name: 'Back to the runs' }).click()
      await page.locator('.line.one').nth(2).waitFor()
    },
  },
  {
    name: 'runs-none-suits',
    async go(page) {
      await page.getByRole('searchbox', { name: 'Search in runs' }).fill('nothing like it')
      await page.getByText('No run suits the filter').waitFor()
    },
  },
  {
    name: 'compare',
    async go(page) {
      await page.getByRole('button', { name: 'Show all' }).click()
      await page
        .getByRole('checkbox', { name: /^Choose/ })
        .nth(0)
        .check()
      await page
        .getByRole('checkbox', { name: /^Choose/ })
        .nth(2)
        .check()
      await page.getByRole('button', { name: 'Compare' }).click()
      await eventually(
        () => page.getByRole('application').count(),
        (count) => count === 2,
      )
    },
  },
  {
    name: 'keys',
    async go(page) {
      await goTo(page, 'Keys')
      await page.getByRole('rowheader', { name: /data1/ }).waitFor()
    },
  },
  {
    name: 'keys-raw',
    async go(page) {
      await page.getByRole('rowheader', { name: /data1/ }).getByRole('button').click()
      await page.getByRole('button', { name: /raw/i }).first().click()
      await page
        .getByText(/PR generation/)
        .first()
        .waitFor()
    },
  },
  {
    name: 'terminals-menu',
    async go(page) {
      await goTo(page, 'Terminals')
      await page.getByRole('button', { name: 'Open a terminal' }).click()
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'terminals',
    async go(page) {
      await closeMenu(page)
      await byPalette(page, 'terminal on nodea')
      await page.getByRole('region', { name: /Terminal nodea/ }).waitFor()
      await eventually(
        () => page.locator('.xterm-rows').first().innerText(),
        (text) => /[#$]/.test(text),
      )
      await page.keyboard.type('PS1="nodea# "; clear; seq -f "line %g of what a program prints" 12; ls /\n')
      await page.keyboard.press('Control+Shift+E')
      await eventually(
        () => page.locator('.xterm-rows').count(),
        (count) => count === 2,
      )
      await eventually(
        () => page.locator('.xterm-rows').nth(1).innerText(),
        (text) => /[#$]/.test(text),
      )
      await page.keyboard.type('PS1="nodea# "; clear; uname -sr\n')
      await eventually(
        () => page.locator('.xterm-rows').nth(1).innerText(),
        (text) => /Linux/.test(text),
      )
    },
  },
  {
    name: 'terminals-search',
    async go(page) {
      await page.keyboard.press('Control+Shift+F')
      await page.getByRole('searchbox', { name: 'Search in the terminal' }).fill('Linux')
    },
  },
  {
    name: 'testbeds',
    async go(page) {
      await page.keyboard.press('Escape')
      await goTo(page, 'Testbeds')
      await page.getByText(/No errors: 2 nodes/).waitFor()
    },
  },
  {
    name: 'testbeds-check',
    async go(page) {
      await page.getByRole('button', { name: 'Check', exact: true }).click()
      await page.getByText('is not seen: no disk of observer has its WWID').waitFor()
    },
  },
  {
    name: 'testbeds-copy',
    async go(page) {
      await page.getByRole('button', { name: 'Copy to change it' }).click()
      await page.getByRole('dialog', { name: 'Name of the new testbed' }).waitFor()
    },
  },
  {
    name: 'testbeds-error',
    async go(page) {
      await page.getByRole('button', { name: 'Make it' }).click()
      const editor = page.getByRole('textbox', { name: /^Testbed file/ })
      await eventually(
        () => editor.isEditable(),
        (is) => is,
      )
      await editor.fill(
        (await editor.inputValue()).replace('role: observer', 'role: watcher').replace('wwid: naa.6', 'wwid: 6'),
      )
      await page.getByRole('button', { name: /hosts\.observer\.role/ }).click()
    },
  },
  {
    name: 'testbeds-leave',
    async go(page) {
      await page.getByRole('navigation', { name: 'Testbed files' }).getByText('virtual', { exact: true }).click()
      await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor()
    },
  },
  {
    name: 'testbeds-import',
    async go(page) {
      await page.getByRole('button', { name: 'Leave it' }).click()
      await page.getByText(/No errors: 2 nodes/).waitFor()
      await page.getByRole('button', { name: 'From ssh config' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'palette',
    async go(page) {
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.keyboard.press('Control+k')
      await page.getByRole('listbox', { name: 'Commands' }).waitFor()
    },
  },
  {
    name: 'shortcuts',
    async go(page) {
      await page.keyboard.press('Escape')
      await page.getByRole('listbox', { name: 'Commands' }).waitFor({ state: 'detached' })
      await page.keyboard.press('F1')
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    },
  },
  {
    name: 'run-damaged',
    async go(page, served) {
      await page.keyboard.press('Escape')
      const folder = join(served.runs, '20261125T090000Z-both-private-networks-fail-bad0')
      cpSync(join(samples, 'both-private-networks-fail'), folder, { recursive: true })
      const journal = readFileSync(join(folder, 'journal.jsonl'), 'utf8')
      writeFileSync(join(folder, 'journal.jsonl'), journal.replace('"acknowledged"', '"refused"'))
      await page.reload()
      await goTo(page, 'Runs')
      await page.locator('.line.one').nth(3).waitFor()
      await page.locator('.line.one', { hasNotText: 'sample' }).last().click()
      await page.getByRole('button', { name: 'Verify' }).click()
      await page.getByText(/The recording is NOT whole/).waitFor()
    },
  },
  {
    name: 'connection-lost',
    async go(page, served) {
      await page.getByRole('button', { name: 'Dismiss' }).click()
      await goTo(page, 'Bench')
      await page.getByRole('button', { name: /^node nodea: / }).waitFor()
      await served.web.close()
      await page.getByText('There is no connection to the engine').waitFor()
    },
  },
]

/** With sixteen nodes and sixty-four LUNs, made up. */
export const largeTour: readonly Stop[] = [
  {
    name: 'large-bench',
    async go(page) {
      await page.getByRole('button', { name: 'Bring to all green' }).click()
      await green(page)
      await page.getByRole('button', { name: /^LUN data01, data: keys of node00, node01/ }).waitFor({ timeout: 60_000 })
    },
  },
  {
    name: 'large-node',
    async go(page) {
      await page.getByRole('button', { name: /^node node09: / }).click()
      await page.getByRole('heading', { name: 'Faults' }).waitFor()
    },
  },
  {
    name: 'large-keys',
    async go(page) {
      await goTo(page, 'Keys')
      await page.getByRole('rowheader', { name: /data01/ }).waitFor()
    },
  },
  { name: 'large-table', go: (page) => goTo(page, 'Table') },
  {
    name: 'large-run',
    async go(page) {
      await goTo(page, 'Runs')
      await page.locator('.line.one', { hasText: 'made-up' }).first().click()
      await page.getByRole('application').waitFor()
      await eventually(
        () => page.getByRole('rowheader').count(),
        (count) => count > 30,
      )
      await page.keyboard.press('End')
    },
  },
  {
    name: 'large-run-picture',
    async go(page) {
      await page.getByRole('tab', { name: 'Picture' }).click()
      await page.getByRole('button', { name: /^node node00/ }).waitFor()
    },
  },
]
