import { BrowserWindow, dialog, nativeTheme, screen, type WebContents } from 'electron'
import { join } from 'node:path'
import { stateDirectory } from '../directories.ts'
import { jsonFile } from '../services/json-file.ts'
import { pageAddress } from './origin.ts'
import { windowOptions } from './window-options.ts'
import { placeWindow, windowPlaceSchema, type Place } from './window-place.ts'

export interface WindowParts {
  readonly preload: string
  readonly tools: boolean
  readonly report: (error: unknown) => void
  /** it is made, and nothing is loaded into it yet */
  onMade(contents: WebContents): void
  /** somebody wants to close it */
  onClose(): void
}

const settleMilliseconds = 400

/** Opens the window where it was last, and shows it as soon as there is something to see. */
export async function openWindow({ preload, tools, report, onMade, onClose }: WindowParts): Promise<BrowserWindow> {
  const kept = jsonFile(join(stateDirectory(), 'window.json'), windowPlaceSchema)
  const main = screen.getPrimaryDisplay()
  const screens = [main, ...screen.getAllDisplays().filter(({ id }) => id !== main.id)].map(({ workArea }) => workArea)
  const place = placeWindow(await kept.read(), screens)
  const window = new BrowserWindow(windowOptions({ preload, place, dark: nativeTheme.shouldUseDarkColors, tools }))
  onMade(window.webContents)
  if (place.maximized) window.maximize()

  let saving: NodeJS.Timeout | undefined
  const remember = () => {
    clearTimeout(saving)
    saving = setTimeout(() => {
      if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return
      const now: Place = { ...window.getNormalBounds(), maximized: window.isMaximized() }
      kept.write(now).catch(report)
    }, settleMilliseconds)
  }
  for (const event of ['resize', 'move', 'maximize', 'unmaximize'] as const) window.on(event as 'resize', remember)
  window.once('ready-to-show', () => {
    window.show()
    // for whoever started this from a terminal, npm start among them
    process.stdout.write('fencelab: the window is open\n')
  })
  window.on('close', (event) => {
    event.preventDefault()
    onClose()
  })
  offerReload(window)
  await window.loadURL(pageAddress)
  return window
}

/** What shows the page may break or hang. The engine knows nothing of it, and whatever it does goes on. */
function offerReload(window: BrowserWindow): void {
  let asking = false
  async function ask(message: string, choices: readonly [string, string]): Promise<boolean> {
    if (asking || window.isDestroyed()) return false
    asking = true
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      message,
      detail:
        'The engine is another process and knows nothing of it: a row that was being run goes on, and its recording is whole.',
      buttons: [...choices],
      defaultId: 0,
      cancelId: 1,
    })
    asking = false
    return response === 0 && !window.isDestroyed()
  }
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    void ask(`What shows this window ended (${reason}).`, ['Show it again', 'Leave it']).then(
      (again) => again && window.webContents.reload(),
    )
  })
  window.on('unresponsive', () => {
    void ask('This window does not answer.', ['Reload it', 'Wait']).then((anew) => {
      if (!anew) return
      // its process hangs: only another one can be loaded into
      window.webContents.once('render-process-gone', () => window.webContents.reload())
      window.webContents.forcefullyCrashRenderer()
    })
  })
}
