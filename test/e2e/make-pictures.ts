/** `npm run pictures`: the pictures of the documents, in labs/docs/pictures, from the recording that comes along. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { servedEngine } from '../fakes/served-engine.ts'
import { openChromium } from './chromium.ts'
import { eventually, goTo } from './look.ts'

const folder = fileURLToPath(new URL('../../labs/docs/pictures', import.meta.url))
const virtual = fileURLToPath(new URL('../../labs/testbeds/virtual.yaml', import.meta.url))
const call = { signal: new AbortController().signal, progress: () => undefined }
mkdirSync(folder, { recursive: true })

// what this computer remembers of unfinished runs does not belong into a picture
const state = mkdtempSync(join(tmpdir(), 'fencelab-pictures-'))
process.env['XDG_STATE_HOME'] = state
const served = await servedEngine({ speed: 2, memory: { testbed: virtual } })
const browser = await openChromium()
try {
  await served.engine.services.lab.open({ file: virtual }, call)
  await served.engine.services.lab.start({}, call)
  const page = await browser.newPage({
    viewport: { width: 1280, height: 720 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
  })
  await page.goto(served.web.address)
  await goTo(page, 'Runs')
  await page.locator('.line.one', { hasText: 'sample' }).click()
  await page.getByRole('application', { name: /: [1-9]\d* lanes from/ }).waitFor()
  await page.locator('.reason').first().getByRole('button').first().click()
  await eventually(
    () => page.getByRole('rowheader').count(),
    (count) => count > 3,
  )
  // two frames: what was asked for is drawn
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  await page.screenshot({ path: join(folder, 'run.png') })
  await goTo(page, 'Bench')
  await served.engine.services.control.start({ rows: ['both-private-networks-fail'], repeat: 1 }, call)
  await page.getByRole('button', { name: /^node nodea: panicked/ }).waitFor({ timeout: 60_000 })
  await page
    .getByRole('button', { name: /^LUN data1, data: keys of nodeb; reserved by nodeb/ })
    .waitFor({ timeout: 60_000 })
  await page.screenshot({ path: join(folder, 'bench.png') })
  process.stdout.write(`written: ${join(folder, 'run.png')} and ${join(folder, 'bench.png')}\n`)
} finally {
  await browser.close()
  await served.close()
  rmSync(state, { recursive: true, force: true })
}
process.exit()
