import type { BrowserWindow } from 'electron'
import { setTimeout as delay } from 'node:timers/promises'

const limitMilliseconds = 60_000
/** what the page shows when it has its engine: the name of the open testbed */
const look = `document.querySelector('header strong')?.textContent ?? ''`

/**
 * Looks whether a started program is whole: the window is seen, and the page in it has reached the engine. Prints what it
 * found.
 * @returns what is wrong, in words
 */
export async function selfCheck(window: BrowserWindow): Promise<string | undefined> {
  const until = Date.now() + limitMilliseconds
  for (;;) {
    const bed = String(await window.webContents.executeJavaScript(look))
    if (window.isVisible() && bed !== '' && bed !== 'No testbed') {
      const { width, height } = window.getBounds()
      process.stdout.write(
        `fencelab is whole: a window of ${width} x ${height}, with the testbed ${bed} from the engine\n`,
      )
      return undefined
    }
    if (Date.now() > until) return `the window did not reach the engine within ${limitMilliseconds / 1000} s`
    await delay(100)
  }
}
