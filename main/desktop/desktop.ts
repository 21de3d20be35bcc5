/** The window's process. It puts the parts together; what they decide is in files of their own. */
import { app, ipcMain, Menu, MessageChannelMain, protocol, session, utilityProcess, type BrowserWindow } from 'electron'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { channels } from '../../preload/channels.ts'
import { stateDirectory } from '../directories.ts'
import { createClosing } from './closing.ts'
import { EngineKeeper } from './engine-keeper.ts'
import { engineVariables } from './engine-messages.ts'
import { guardContents, guardSession } from './guard.ts'
import { interfaceFiles } from './interface-files.ts'
import { listenTo } from './listen.ts'
import { menuTemplate, showApplicable } from './menu.ts'
import { scheme } from './origin.ts'
import { externalAddress, mayRequest, mayRequestInCheckout } from './policy.ts'
import { askToEnd, askToLeave, askToUndo, chooseFile, openOutside, tellProblem, tellUndone } from './questions.ts'
import { quietSwitches } from './quiet-switches.ts'
import { selfCheck } from './self-check.ts'
import { openWindow } from './window.ts'
import { readWords } from './words.ts'

const words = readWords(process.argv.slice(1))
const tools = !app.isPackaged
const report = (error: unknown) => console.error(error)
const refused = (what: string) => console.warn(`refused: ${what}`)
const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url))
// what utility processes and plain Node read lies in a packed program as files, beside its archive
const engineFile = (name: string) => join(beside('../engine').replace('app.asar', 'app.asar.unpacked'), name)

for (const [name, value] of quietSwitches) app.commandLine.appendSwitch(name, ...(value === undefined ? [] : [value]))
// for root Chromium has no sandbox, and does not start unless it is told to do without: whoever starts it says so
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
// each state directory is a fencelab of its own: with its own window, and its own lock
const userData = join(stateDirectory(), 'window')
mkdirSync(userData, { recursive: true, mode: 0o700 })
app.setPath('userData', userData)

if (app.requestSingleInstanceLock()) void app.whenReady().then(open).catch(fail)
else app.quit()

function fail(error: unknown): void {
  report(error)
  app.exit(1)
}

async function open(): Promise<void> {
  const shownIn: { window?: BrowserWindow } = {}
  const shown = new Set<number>()
  /** a dialog needs its window; without one nobody can be asked */
  const inWindow = async <T>(ask: (window: BrowserWindow) => Promise<T>, otherwise: T): Promise<T> => {
    const { window } = shownIn
    return window && !window.isDestroyed() ? ask(window) : otherwise
  }
  const outside = (address: unknown) => {
    const allowed = externalAddress(address)
    if (allowed === undefined) refused('to open an address outside that is none of http or https')
    else void inWindow((own) => openOutside(own, allowed), undefined).catch(report)
  }

  guardContents(app, { onRefused: refused, onExternal: outside })
  guardSession(session.defaultSession, tools ? mayRequestInCheckout : mayRequest, refused)
  protocol.handle(scheme, interfaceFiles(beside('../renderer')))

  const engine = new EngineKeeper({
    fork: () =>
      utilityProcess.fork(engineFile('engine.mjs'), [], {
        serviceName: 'fencelab engine',
        env: { ...process.env, ...(words.testbed !== undefined && { [engineVariables.testbed]: words.testbed }) },
      }),
    startPtys(line) {
      utilityProcess
        .fork(engineFile('pty-process.mjs'), [], { serviceName: 'fencelab terminals' })
        .postMessage(null, [line])
    },
    channel: () => new MessageChannelMain(),
    onUnfinished: (faults) =>
      void inWindow(async (own) => (await askToUndo(own, faults)) && engine.undo(), undefined).catch(report),
    onUndone: (ok, said) => void inWindow((own) => tellUndone(own, ok, said), undefined).catch(report),
    onEnded: report,
  })
  const closing = createClosing({
    activity: () => engine.activity(),
    ask: (activity) => inWindow((own) => askToEnd(own, activity), 'end' as const),
    askAgain: () => inWindow(askToLeave, 'leave' as const),
    heal: () => engine.end(),
    tellProblem: (problem) => inWindow((own) => tellProblem(own, problem), undefined),
    quit: () => app.exit(),
  })
  const end = (asking: boolean) => void closing.request({ asking }).catch(fail)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(false))
  app.on('before-quit', (event) => {
    if (closing.over) return
    event.preventDefault()
    end(true)
  })
  app.on('second-instance', () => {
    const { window } = shownIn
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })

  let lines = 0
  const listen = listenTo({ ipc: ipcMain, known: shown, onRefused: refused })
  listen.answer(channels.connect, v.undefined(), (_nothing, { sender }) => {
    const port = engine.line()
    if (!port) return undefined
    lines += 1
    sender.postMessage(channels.line, lines, [port])
    return lines
  })
  listen.answer(channels.choose, v.picklist(['testbed', 'folder']), (what) =>
    inWindow((own) => chooseFile(own, what), undefined),
  )
  listen.take(channels.openExternal, v.string(), outside)

  const onCommand = (id: string) => shownIn.window?.webContents.send(channels.command, id)
  const menu = Menu.buildFromTemplate(menuTemplate({ mac: process.platform === 'darwin', tools, onCommand }))
  Menu.setApplicationMenu(menu)
  listen.take(
    channels.applicable,
    v.pipe(v.array(v.pipe(v.string(), v.maxLength(60))), v.maxLength(200)),
    (applicable) => showApplicable(menu, applicable),
  )
  engine.start()
  const window = await openWindow({
    preload: beside('../preload/bridge.cjs'),
    tools,
    report,
    onClose: () => end(true),
    onMade: ({ id }) => shown.add(id),
  })
  shownIn.window = window
  if (words.selfCheck) {
    const problem = await selfCheck(window)
    if (problem !== undefined) return fail(new Error(problem))
    end(false)
  }
}
