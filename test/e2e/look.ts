/** What a person reads off the window. */
import type { Page } from 'playwright-core'
import { until } from '../../main/until.ts'

/** Asks until the answer suits, at most `milliseconds` long. @throws Error with the last answer */
export async function eventually<T>(
  ask: () => Promise<T>,
  suits: (answer: T) => boolean,
  milliseconds = 15_000,
): Promise<T> {
  let last: T | undefined
  try {
    await until(async () => suits((last = await ask())), {
      signal: AbortSignal.timeout(milliseconds),
      everyMilliseconds: 50,
    })
  } catch (cause) {
    throw new Error(`did not come within ${milliseconds} ms; the last was: ${String(last)}`, { cause })
  }
  return last as T
}

/** Where the cursor of the time line is, in seconds of the recording. */
export async function cursorOf(page: Page): Promise<number> {
  return Number.parseFloat(await page.locator('.transport .at').innerText())
}

/** Goes to a view as its key does. */
export async function goTo(
  page: Page,
  view: 'Bench' | 'Table' | 'Runs' | 'Keys' | 'Terminals' | 'Testbeds',
): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: view, exact: true }).click()
}
