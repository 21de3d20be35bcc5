/** Pictures of every view in light and dark, small and large, in out/screenshots; and what must be true of each of them. */
import { mkdirSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { madeUpLines, madeUpTestbed } from '../fakes/made-up-lab.ts'
import { servedEngine, type ServedEngine } from '../fakes/served-engine.ts'
import { writeRecording } from '../fakes/write-recording.ts'
import { describeUnless } from '../describe-unless.ts'
import { chromiumMissing, openChromium } from './chromium.ts'
import { largeTour, smallTour, type Stop } from './tour.ts'
import { complaintsOf, watchPage } from './watch-page.ts'

const folder = fileURLToPath(new URL('../../out/screenshots', import.meta.url))
const sizes = [
  { name: '1280', width: 1280, height: 720 },
  { name: '1920', width: 1920, height: 1200 },
] as const
const size = { nodes: 16, luns: 64 }

/** a computer that does other things meanwhile takes its time: what is wrong is found, not how long it took */
const walkMilliseconds = 600_000

describeUnless(chromiumMissing, 'every view', () => {
  const state = mkdtempSync(join(tmpdir(), 'fencelab-pictures-state-'))
  let browser: Browser
  let served: ServedEngine | undefined
  beforeAll(async () => {
    // what this computer remembers of rows and of unfinished runs is no part of the pictures
    vi.stubEnv('XDG_STATE_HOME', state)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    browser = await openChromium(['--disable-3d-apis'])
  })
  afterEach(() => served?.close())
  afterAll(async () => {
    await browser?.close()
    vi.unstubAllEnvs()
    rmSync(state, { recursive: true, force: true })
  })

  test(
    'of a small lab can be read in light and dark, small and large',
    async () => {
      served = await servedEngine({ speed: 2, startMilliseconds: 900, ssh: ['nodea', 'nodeb'] })
      await served.engine.services.lab.open(
        { file: fileURLToPath(new URL('../../labs/testbeds/virtual.yaml', import.meta.url)) },
        { signal: new AbortController().signal, progress: () => undefined },
      )
      await walk(await pageOf(browser, served), served, smallTour)
    },
    walkMilliseconds,
  )

  test(
    'of a lab with 16 nodes and 64 LUNs, too',
    async () => {
      const work = mkdtempSync(join(tmpdir(), 'fencelab-pictures-'))
      try {
        writeRecording(
          join(work, 'runs/20261125T100000Z-made-up-0000'),
          madeUpLines(size, { events: 20_000, seconds: 60 }),
        )
        const file = join(work, 'large.yaml')
        writeFileSync(file, madeUpTestbed(size, 'large'))
        served = await servedEngine({
          recording: join(work, 'runs/20261125T100000Z-made-up-0000'),
          runs: join(work, 'runs'),
          memory: { testbed: file },
        })
        await served.engine.services.lab.open(
          { file },
          { signal: new AbortController().signal, progress: () => undefined },
        )
        await walk(await pageOf(browser, served), served, largeTour)
      } finally {
        rmSync(work, { recursive: true, force: true })
      }
    },
    walkMilliseconds,
  )
})

async function pageOf(browser: Browser, { web }: ServedEngine): Promise<Page> {
  const page = await browser.newPage({ viewport: sizes[0], colorScheme: 'light', reducedMotion: 'reduce' })
  page.setDefaultTimeout(15_000)
  watchPage(page)
  await page.goto(web.address)
  return page
}

async function walk(page: Page, served: ServedEngine, tour: readonly Stop[]): Promise<void> {
  const faults: string[] = []
  for (const { name, go, passing } of tour) {
    await go(page, served).catch(async (error: Error) => {
      await page.screenshot({ path: join(folder, `${name}-FAILED.png`) })
      throw new Error(`on the way to ${name}: ${error.message}`, { cause: error })
    })
    for (const one of passing === true ? sizes.slice(0, 1) : sizes) {
      await page.setViewportSize(one)
      for (const colorScheme of passing === true ? (['light'] as const) : (['light', 'dark'] as const)) {
        await page.emulateMedia({ colorScheme })
        await settled(page)
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${one.name}.png`) })
        if (one === sizes[0]) faults.push(...(await wrong(page)).map((what) => `${name}, ${colorScheme}: ${what}`))
      }
    }
    await page.setViewportSize(sizes[0])
    await page.emulateMedia({ colorScheme: 'light' })
  }
  expect([...new Set(faults)]).toEqual([])
  expect(complaintsOf(page)).toEqual([])
  await page.close()
}

/** What was asked for is drawn: two frames after the last change of size. */
const settled = (page: Page) =>
  page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 40)))),
  )

/** What nobody should see: a window that must be scrolled sideways, something to use without a name, text that cannot be read. */
async function wrong(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    if (document.documentElement.scrollWidth > innerWidth)
      found.push(`the page is ${document.documentElement.scrollWidth} pixels wide`)
    const visible = (element: Element) =>
      element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden'
    const nameOf = (element: Element) =>
      (element.getAttribute('aria-label') || element.getAttribute('title') || element.textContent || '').trim()
    for (const element of document.querySelectorAll(
      'button, a, input, select, textarea, [role=button], [role=tab], [role=option], [role=progressbar]',
    )) {
      if (!visible(element)) continue
      const labelled =
        element instanceof HTMLInputElement ||
        element instanceof HTMLSelectElement ||
        element instanceof HTMLTextAreaElement
          ? [...(element.labels ?? [])].map((label) => label.textContent).join('')
          : ''
      if (nameOf(element) === '' && labelled.trim() === '') found.push(`no name: ${element.outerHTML.slice(0, 120)}`)
    }
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const paint = canvas.getContext('2d', { willReadFrequently: true })
    const rgb = (colour: string) => {
      if (!paint) return [0, 0, 0, 0]
      paint.clearRect(0, 0, 1, 1)
      paint.fillStyle = colour
      paint.fillRect(0, 0, 1, 1)
      return [...paint.getImageData(0, 0, 1, 1).data]
    }
    const light = ([r = 0, g = 0, b = 0]: readonly number[]) => {
      const part = (value: number) =>
        value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }
    /** the colours behind it, up to one that lets nothing through */
    const grounds = new Map<Element, readonly number[] | undefined>()
    const ground = (element: Element): readonly number[] | undefined => {
      if (!grounds.has(element)) grounds.set(element, findGround(element))
      return grounds.get(element)
    }
    const findGround = (element: Element | null): readonly number[] | undefined => {
      const over: (readonly number[])[] = []
      for (let at = element; at; at = at.parentElement) {
        const style = getComputedStyle(at)
        if (style.backgroundImage !== 'none') return undefined
        const colour = rgb(style.backgroundColor)
        if ((colour[3] ?? 0) > 0) over.push(colour)
        if (colour[3] === 255) break
      }
      return over.reduceRight(
        (below, above) =>
          [0, 1, 2].map(
            (index) => ((above[index] ?? 0) * (above[3] ?? 0) + (below[index] ?? 255) * (255 - (above[3] ?? 0))) / 255,
          ),
        [255, 255, 255],
      )
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const told = new Set<string>()
    let texts = 0
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const element = text.parentElement
      // of what is long the beginning tells
      if (
        !element ||
        told.size + texts++ > 1500 ||
        (text.textContent ?? '').trim() === '' ||
        !visible(element) ||
        element.closest('svg, .xterm, textarea, .unseen, :disabled, [aria-disabled=true], [aria-hidden=true], .faded')
      )
        continue
      const behind = ground(element)
      if (!behind) continue
      const style = getComputedStyle(element)
      const [a, b] = [light(rgb(style.color)), light(behind)].sort((one, other) => other - one)
      const ratio = ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05)
      const key = `${element.className} ${style.color}`
      if (ratio >= 4.5 || told.has(key)) continue
      told.add(key)
      found.push(
        `contrast ${ratio.toFixed(1)} of "${(text.textContent ?? '').trim().slice(0, 40)}" (${element.tagName.toLowerCase()}.${String(element.className)})`,
      )
    }
    return found
  })
}
