import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

/** Debian's; nothing is downloaded */
export const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
export const chromiumMissing = existsSync(chromiumPath)
  ? undefined
  : `${chromiumPath} is not there (apt-get install chromium, or CHROMIUM=path)`

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser with a fresh profile that asks nobody on the network for anything. */
export function openChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, headless: true, args: [...quiet, ...more] })
}
