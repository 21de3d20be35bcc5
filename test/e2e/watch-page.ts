import type { Page } from 'playwright-core'

const seen = new WeakMap<Page, string[]>()

/** Keeps what a page complains of: errors of its script, refused by its content policy, files that are not there. */
export function watchPage(page: Page): void {
  const list: string[] = []
  seen.set(page, list)
  page.on('pageerror', (error) => list.push(`error: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    // a connection that was cut on purpose is told by the browser, too
    if (message.type() === 'error' && !/WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE/.test(message.text()))
      list.push(`console: ${message.text()}`)
  })
}

/** What a page complained of so far. */
export const complaintsOf = (page: Page): readonly string[] => seen.get(page) ?? []
