/** What only Electron's window can show: its walls from inside the page, and what happens when a part of it ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeUnless } from '../describe-unless.ts'
import { eventually } from './look.ts'
import { load, whyNoElectron, type LoadedElectron } from './electron-loader.ts'

const missing = whyNoElectron()

describeUnless(missing, "Electron's window", () => {
  const stateHome = mkdtempSync(join(tmpdir(), 'fencelab-electron-'))
  const complaints: string[] = []
  let loaded: LoadedElectron
  const refused: string[] = []
  beforeAll(async () => {
    loaded = await load({ stateHome })
    loaded.page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    loaded.page.on('pageerror', (error) => complaints.push(error.message))
    loaded.app
      .process()
      .stderr?.on('data', (text: Buffer) => refused.push(...(text.toString().match(/^refused: .*$/gm) ?? [])))
  })
  afterAll(async () => {
    await loaded?.close()
    rmSync(stateHome, { recursive: true, force: true, maxRetries: 5 })
  })
  /** process number of a part of Electron, as Electron itself counts them */
  const processOf = (name: string) =>
    loaded.app.evaluate(
      ({ app }, wanted) => app.getAppMetrics().find(({ name: own, type }) => own === wanted || type === wanted)?.pid,
      name,
    )

  test('explains itself at the first start, with the virtual lab open behind it', async () => {
    const { page } = loaded
    await page.getByRole('dialog', { name: /Does I\/O fencing hold/ }).waitFor()
    expect(page.url()).toBe('fencelab://interface/index.html')
    await page.getByText('virtual', { exact: true }).first().waitFor()
    expect(complaints).toEqual([])
    await page.getByRole('button', { name: 'Not now' }).click()
  })

  test('gives the page the functions of the contract, and nothing of Node or Electron', async () => {
    const seen = await loaded.page.evaluate(() => ({
      bridge: Object.keys((globalThis as unknown as { fencelab: object }).fencelab).sort(),
      node: ['require', 'process', 'Buffer', 'module', 'global', 'electron'].filter((name) => name in globalThis),
    }))
    expect(seen).toEqual({
      bridge: ['choose', 'close', 'connect', 'onCommand', 'openExternal', 'post', 'setApplicable'],
      node: [],
    })
  })

  test('greys in the menu what does not apply now', async () => {
    const enabled = () =>
      loaded.app.evaluate(({ Menu }) =>
        ['lab-start', 'lab-reset', 'rows-stop', 'palette']
          .filter((id) => Menu.getApplicationMenu()?.getMenuItemById(id)?.enabled)
          .join(' '),
      )
    await eventually(enabled, (names) => names === 'lab-start palette')
  })

  test('loads nothing from a network, goes nowhere, and opens no window', async () => {
    const { page, app } = loaded
    const tried = await page.evaluate(async () => {
      const ask = async (address: string) =>
        fetch(address).then(
          (answer) => `got ${answer.status}`,
          () => 'refused',
        )
      const socket = new Promise<string>((resolve) => {
        try {
          const made = new WebSocket('ws://127.0.0.1:1/')
          made.onerror = () => resolve('refused')
          made.onopen = () => resolve('open')
        } catch {
          resolve('refused')
        }
      })
      const opened = window.open('https://example.org/')
      const frame = document.createElement('iframe')
      frame.src = 'fencelab://interface/icon.svg'
      document.body.append(frame)
      location.href = 'https://example.org/'
      await new Promise((resolve) => setTimeout(resolve, 500))
      const inside = frame.contentDocument?.documentElement.outerHTML.includes('<svg') ?? false
      frame.remove()
      return {
        http: await ask('http://127.0.0.1:1/'),
        https: await ask('https://example.org/'),
        file: await ask('file:///etc/passwd'),
        outside: await ask('fencelab://interface/..%2fmain%2fdesktop.cjs'),
        socket: await socket,
        opened: opened === null,
        inside,
      }
    })
    expect(tried).toEqual({
      http: 'refused',
      https: 'refused',
      file: 'refused',
      outside: 'got 404',
      socket: 'refused',
      opened: true,
      inside: false,
    })
    expect(page.url()).toBe('fencelab://interface/index.html')
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
    expect(refused).toEqual(expect.arrayContaining([expect.stringContaining('https://example.org/') as string]))
    // window.open asks whether the address is to be opened outside: nobody answers here
    complaints.length = 0
  })

  test('grants no permission', async () => {
    const states = await loaded.page.evaluate(async () => {
      const names = [
        'geolocation',
        'notifications',
        'camera',
        'microphone',
        'clipboard-read',
        'midi',
      ] as PermissionName[]
      const found = await Promise.all(
        names.map(async (name) => navigator.permissions.query({ name }).then(({ state }) => state)),
      )
      const camera = await navigator.mediaDevices?.getUserMedia({ video: true }).then(
        () => 'granted',
        (error: Error) => error.name,
      )
      return [...found, camera]
    })
    expect(states.filter((state) => state === 'granted' || state === 'prompt')).toEqual([])
  })

  test('its content policy refuses scripts that are not its own files', async () => {
    const ran = await loaded.page.evaluate(async () => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.injected = true'
      document.body.append(script)
      // in a turn of its own: what a debugger evaluates is exempt
      const evaluated = await new Promise<boolean>((resolve) =>
        setTimeout(() => {
          try {
            resolve(new Function('return true')() as boolean)
          } catch {
            resolve(false)
          }
        }),
      )
      return { injected: 'injected' in globalThis, evaluated }
    })
    expect(ran).toEqual({ injected: false, evaluated: false })
    complaints.length = 0
  })

  test('the menu leads to the views', async () => {
    const { page, app } = loaded
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('view-table')?.click())
    await page.getByText('Both private networks fail').first().waitFor()
  })

  test('a shell on this computer runs in a process of its own, and its crash takes only terminals along', async () => {
    const { page } = loaded
    const local = await page.evaluate(async () => {
      const { connect, post } = (
        globalThis as unknown as {
          fencelab: {
            connect(message: (text: string) => void, close: () => void): Promise<number>
            post(line: number, text: string): void
          }
        }
      ).fencelab
      const heard: string[] = []
      const line = await connect(
        (text) => heard.push(text),
        () => heard.push('closed'),
      )
      const call = (service: string, method: string, input: object) =>
        post(
          line,
          JSON.stringify({
            m: 'call',
            a: [{ id: `${service}.${method}`, service, method, input }],
            i: `${service}.${method}`,
            t: 'q',
          }),
        )
      call('terminals', 'open', {
        argv: ['/bin/sh', '-c', 'echo $((6*7)) and $TERM; exec sleep 60'],
        columns: 80,
        rows: 24,
      })
      for (let tries = 0; tries < 100 && !heard.some((text) => text.includes('42 and xterm')); tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 50))
      return heard.join('\n')
    })
    expect(local).toContain('42 and xterm-256color')
    const [engine, terminals] = [await processOf('fencelab engine'), await processOf('fencelab terminals')]
    expect(terminals).not.toBe(engine)
    process.kill(terminals ?? 0, 'SIGKILL')
    await expect.poll(() => processOf('fencelab terminals')).toBeUndefined()
    expect(await processOf('fencelab engine')).toBe(engine)
  })

  test('an engine that was killed is started again, and the window catches up by itself', async () => {
    const { page } = loaded
    const engine = (await processOf('fencelab engine')) ?? 0
    process.kill(engine, 'SIGKILL')
    await page.getByText('The engine is not there').waitFor()
    await page.getByText('The engine is not there').waitFor({ state: 'detached', timeout: 20_000 })
    expect(await processOf('fencelab engine')).not.toBe(engine)
    await page.getByText('virtual', { exact: true }).first().waitFor()
  })

  test('a window whose page was killed offers to show it again; the engine never noticed', async () => {
    const { app, page } = loaded
    const engine = await processOf('fencelab engine')
    const asked = await app.evaluate(({ dialog, BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      const question = new Promise<string>((resolve) => {
        dialog.showMessageBox = ((_window: unknown, options: { message: string }) => {
          resolve(options.message)
          return Promise.resolve({ response: 0, checkboxChecked: false })
        }) as never
      })
      const again = new Promise((resolve) => window?.webContents.once('did-finish-load', () => resolve(undefined)))
      window?.webContents.forcefullyCrashRenderer()
      return Promise.all([question, again]).then(([message]) => message)
    })
    expect(asked).toMatch(/What shows this window ended/)
    expect(
      await app.evaluate(
        ({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.title') as Promise<string>,
      ),
    ).toContain('fencelab')
    expect(await processOf('fencelab engine')).toBe(engine)
    expect(page.isClosed()).toBe(false)
  })

  test('a second start shows the first window, and ends', async () => {
    const second = await load({ stateHome }).then(
      async ({ close }) => {
        await close()
        return 'another window'
      },
      () => 'no window of its own',
    )
    expect(second).toBe('no window of its own')
    expect(loaded.app.process().exitCode).toBeNull()
  })

  test('closing the window ends everything, where nothing is injected', async () => {
    const child = loaded.app.process()
    const gone = once(child, 'exit')
    await loaded.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await gone
    expect(child.exitCode).toBe(0)
  })
})
