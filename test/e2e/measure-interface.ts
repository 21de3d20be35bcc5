/**
 * Benchmarks of the window: `npm run bench -- interface`. Debian's Chromium without a graphics processor, on the interface
 * as it is served, with recordings and labs that are made up. Prints what was measured beside what is aimed at; judges nothing.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { openChromium, chromiumMissing } from './chromium.ts'
import { eventually, goTo } from './look.ts'
import { madeUpLines, madeUpTestbed } from '../fakes/made-up-lab.ts'
import { servedEngine, type ServedEngine } from '../fakes/served-engine.ts'
import { writeRecording } from '../fakes/write-recording.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)
const virtual = fileURLToPath(new URL('../../labs/testbeds/virtual.yaml', import.meta.url))
const call = { signal: new AbortController().signal, progress: () => undefined }
const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b)
const share = (values: readonly number[], part: number) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN
const milliseconds = (value: number) => `${value.toFixed(0)} ms`
const repeats = 5
/** how many programs wanted the processors of this computer, on average over the last minute */
const load = () => `${loadavg()[0]?.toFixed(1)} on ${cpus().length} processors`

async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await action()
  return performance.now() - began
}

async function windowOn(browser: Browser, { web }: ServedEngine): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  page.setDefaultTimeout(60_000)
  await page.goto(web.address)
  return page
}

/** From the first byte of the page that is asked for until the testbed is drawn. */
async function firstPicture(browser: Browser): Promise<void> {
  const served = await servedEngine({ memory: { testbed: virtual } })
  try {
    await served.engine.services.lab.open({ file: virtual }, call)
    const times: number[] = []
    for (let round = 0; round < repeats; round += 1) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
      times.push(
        await timed(async () => {
          await page.goto(served.web.address, { waitUntil: 'commit' })
          await page.getByRole('button', { name: /^LUN data1/ }).waitFor()
        }),
      )
      await page.close()
    }
    say(
      `window to the first useful picture (the bench drawn), median of ${repeats}: ${milliseconds(share(times, 0.5))}, worst ${milliseconds(Math.max(...times))}   (aim: 1500 ms)`,
    )
  } finally {
    await served.close()
  }
}

/** A journal of a million events: opened, shown, and panned over. */
async function longJournal(browser: Browser): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'fencelab-bench-'))
  const served = await servedEngine({ memory: { testbed: virtual } })
  try {
    const events = 1_000_000
    const name = '20261125T100000Z-made-up-0000'
    const lines = writeRecording(join(served.runs, name), madeUpLines({ nodes: 4, luns: 4 }, { events, seconds: 3600 }))
    const bytes = statSync(join(served.runs, name, 'journal.jsonl')).size
    const run = `runs/${name}`
    const cold = await timed(() => served.engine.services.runs.open({ run }, call))
    say(
      `a journal of ${lines.toLocaleString('en')} events (${(bytes / 1e6).toFixed(0)} MB) is opened by the engine: ${milliseconds(cold)}   (aim: 2000 ms)`,
    )
    await served.restart()
    const { page, milliseconds: first } = await shownAfterClick(browser, served)
    say(
      `from the click in the list to its time line and key tables: ${milliseconds(first)}   (aim: 2000 ms; load ${load()})`,
    )
    const behind = await timed(() => page.getByText('the whole journal is being read').waitFor({ state: 'detached' }))
    say(`and from then until its whole journal was read in the background: ${milliseconds(behind)}`)
    for (const [what, zooms] of [
      ['all of it', 0],
      ['an eighth of it', 4],
    ] as const) {
      await page.keyboard.press('f')
      await page.getByRole('application').focus()
      for (let index = 0; index < zooms; index += 1) await page.keyboard.press('+')
      await page.waitForTimeout(1000)
      const { gaps, marks } = await pan(page)
      const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / (1000 / 60)) - 1), 0)
      say(
        `panning with ${what} in view (${marks}): frames of ${gaps.length}: median ${share(gaps, 0.5).toFixed(1)} ms, 95 % within ${share(gaps, 0.95).toFixed(1)} ms, dropped ${dropped}   (aim: none dropped at 100,000 marks)`,
      )
    }
    await page.close()
  } finally {
    await served.close()
    rmSync(work, { recursive: true, force: true })
  }
}

async function shownAfterClick(
  browser: Browser,
  served: ServedEngine,
): Promise<{ readonly page: Page; readonly milliseconds: number }> {
  const page = await windowOn(browser, served)
  await goTo(page, 'Runs')
  const line = page.locator('.line.one', { hasText: 'made-up' })
  await line.waitFor()
  const milliseconds = await timed(async () => {
    await line.click()
    await page.getByRole('application', { name: /: [1-9]\d* lanes from/ }).waitFor()
    await page.getByRole('rowheader').nth(3).waitFor()
  })
  return { page, milliseconds }
}

/** Drags the time line to and fro for three seconds; the time between frames. */
async function pan(page: Page): Promise<{ readonly gaps: readonly number[]; readonly marks: string }> {
  const marks = await page.getByRole('application').getAttribute('aria-label')
  const gaps = await page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const canvas = document.querySelector('canvas.lanes')
        const found: number[] = []
        let before: number | undefined
        let count = 0
        const frame = (now: number) => {
          if (before !== undefined) found.push(now - before)
          before = now
          count += 1
          if (count > 180) return resolve(found)
          canvas?.dispatchEvent(
            new WheelEvent('wheel', {
              deltaX: Math.floor(count / 45) % 2 === 0 ? 12 : -12,
              bubbles: true,
              cancelable: true,
            }),
          )
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      }),
  )
  return { gaps, marks: /from .*? to [\d.]+ s/.exec(marks ?? '')?.[0] ?? '' }
}

/** A program that prints 50 MB in one terminal, and somebody who types in the other. */
async function flood(browser: Browser): Promise<void> {
  const served = await servedEngine({ memory: { testbed: virtual, view: 'terminals' } })
  try {
    const page = await windowOn(browser, served)
    const screens = page.locator('.xterm-rows')
    await page.getByRole('button', { name: /shell/i }).first().click()
    await eventually(
      () => screens.first().innerText(),
      (text) => /[#$]/.test(text),
    )
    await page.keyboard.press('Control+Shift+E')
    await eventually(
      () => screens.count(),
      (count) => count === 2,
    )
    await eventually(
      () => screens.nth(1).innerText(),
      (text) => /[#$]/.test(text),
    )
    await page.keyboard.type('cat\n')
    const flooding = screens.first()
    await page.locator('.xterm-screen').first().click()
    await page.keyboard.type(
      'yes "a line that a program prints again and again, as fast as it can" | head -c 50000000; echo "th""e end"\n',
    )
    const began = performance.now()
    await page.locator('.xterm-screen').nth(1).click()
    // from the moment at which the browser has the key, by its own clock, to the frame in which the answer is on the screen
    await page.evaluate(() =>
      addEventListener('keydown', ({ timeStamp }) => Object.assign(globalThis, { pressed: timeStamp }), true),
    )
    const answers: number[] = []
    let typed = ''
    while (!/the\send/.test(await flooding.innerText())) {
      typed += 'k'
      await page.keyboard.press('k')
      const seen = await page.waitForFunction(
        (wanted) => document.querySelectorAll('.xterm-rows')[1]?.textContent?.includes(wanted) && performance.now(),
        typed,
        { polling: 'raf' },
      )
      answers.push(
        Number(await seen.jsonValue()) -
          (await page.evaluate(() => (globalThis as unknown as { pressed: number }).pressed)),
      )
      if (typed.length === 30) {
        await page.keyboard.press('Enter')
        typed = ''
        await page.waitForTimeout(100)
      }
      await page.waitForTimeout(60)
    }
    const seconds = (performance.now() - began) / 1000
    say(
      `a terminal takes 50 MB in ${seconds.toFixed(1)} s (${(50 / seconds).toFixed(1)} MB/s); meanwhile ${answers.length} keys in the one beside it are answered within ${milliseconds(share(answers, 0.5))} (median), ${milliseconds(share(answers, 0.95))} (95 %), ${milliseconds(Math.max(...answers))} (worst)   (aim: 100 ms)`,
    )
    await page.close()
  } finally {
    await served.close()
  }
}

/** What the browser takes of a processor while nobody touches the window and the lab goes on. */
async function idle(browser: Browser): Promise<void> {
  const seconds = 15
  for (const size of [
    { nodes: 2, luns: 4 },
    { nodes: 16, luns: 64 },
  ]) {
    const work = mkdtempSync(join(tmpdir(), 'fencelab-bench-'))
    const file = join(work, 'made-up.yaml')
    mkdirSync(work, { recursive: true })
    writeFileSync(file, madeUpTestbed(size))
    writeRecording(join(work, 'recording'), madeUpLines(size, { events: 20_000, seconds: 60 }))
    const served = await servedEngine({ recording: join(work, 'recording'), memory: { testbed: file } })
    try {
      await served.engine.services.lab.open({ file }, call)
      await served.engine.services.lab.start({}, call)
      const page = await windowOn(browser, served)
      await page.getByRole('button', { name: /^LUN coord1, coordination: keys of/ }).waitFor()
      await page.waitForTimeout(2000)
      const session = await browser.newBrowserCDPSession()
      const spent = async () => {
        const { processInfo } = await session.send('SystemInfo.getProcessInfo')
        return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0)
      }
      const before = await spent()
      await page.waitForTimeout(seconds * 1000)
      const part = ((await spent()) - before) / seconds
      say(
        `the window with a live lab of ${size.nodes} nodes and ${size.luns} LUNs, nobody touching it, over ${seconds} s: ${(part * 100).toFixed(1)} % of a core   (aim: 3 %)`,
      )
      await page.close()
    } finally {
      await served.close()
      rmSync(work, { recursive: true, force: true })
    }
  }
}

if (chromiumMissing !== undefined) {
  say(`the benchmarks of the window are left out: ${chromiumMissing}`)
  process.exit(0)
}
const browser = await openChromium(['--disable-3d-apis'])
const all = { picture: firstPicture, journal: longJournal, terminal: flood, idle }
const wanted = process.argv.slice(2)
try {
  for (const [name, measure] of Object.entries(all))
    if (wanted.length === 0 || wanted.includes(name)) await measure(browser)
} finally {
  await browser.close()
}
process.exit()
