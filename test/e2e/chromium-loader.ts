/** The interface in Debian's Chromium, served by the program itself in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { cuttingProxy } from '../fakes/cutting-proxy.ts'
import { chromiumMissing, openChromium } from './chromium.ts'
import { environmentIn, type Loaded, type Loader, type LoadOptions } from './loader.ts'
import { watchPage } from './watch-page.ts'

const fencelab = fileURLToPath(new URL('../../main/cli/bin.mjs', import.meta.url))
const endMilliseconds = 60_000

export const chromiumLoader: Loader = { name: 'chromium', missing: chromiumMissing, load }

export async function load(options: LoadOptions): Promise<Loaded> {
  const child = spawn(process.execPath, [fencelab, 'serve'], {
    env: environmentIn(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  try {
    const address = await addressOf(child)
    const { port } = new URL(address)
    const proxy = await cuttingProxy(Number(port))
    // the page believes that it talks to the engine's own port, and so do the engine's checks of Host and Origin
    const browser = await openChromium([
      `--host-resolver-rules=MAP 127.0.0.1:${port} 127.0.0.1:${proxy.port}`,
      '--disable-3d-apis',
    ])
    return {
      page: await open(browser, address),
      drop: () => proxy.cut(),
      again: () => open(browser, address),
      async close() {
        await browser.close()
        await proxy.close()
        await end(child)
      },
    }
  } catch (error) {
    await end(child)
    throw error
  }
}

async function open(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme: 'light' })
  watchPage(page)
  page.setDefaultTimeout(15_000)
  await page.goto(address)
  return page
}

/** The address that the program prints, once it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    const hear = (piece: Buffer) => {
      said += piece.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(said)
      if (found) resolve(found[0])
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`fencelab serve ended with ${code}:\n${said}`)))
  })
}

/** As with Ctrl-C: what is injected is taken back, and what was started ends. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGKILL'), endMilliseconds)
  await gone
  clearTimeout(timer)
}
