/**
 * The engine in Electron: a process of its own, so that neither a crash of the window nor of the engine takes the other
 * along. Views get a port straight to it. Imports nothing of Electron, which utility processes have little of.
 */
import { unfinishedRuns } from '../engine/inject/outstanding.ts'
import { undo } from '../engine/inject/undo.ts'
import { assertNever } from '../../labs/assert-never.ts'
import { log, openLog } from '../log/log.ts'
import { createEngine } from '../services/engine.ts'
import { openFirst } from '../services/open-first.ts'
import { serveChannel } from '../services/serve-channel.ts'
import { missingPackages } from '../virtual/missing-packages.ts'
import { engineVariables, type FromEngine, type ToEngine } from './engine-messages.ts'
import { portChannel, type Port } from './port-channel.ts'
import { portPtys } from './port-ptys.ts'

interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: ToEngine; readonly ports: readonly Port[] }) => void): void
  postMessage(message: FromEngine): void
}
const { parentPort } = process as unknown as { readonly parentPort: ParentPort }
const tell = (message: FromEngine) => parentPort.postMessage(message)
openLog({ program: 'engine', onUnwritable: (text) => console.error(text) })
const report = (error: unknown) => {
  log.error('internal error', { error })
  console.error(error)
}
log.info('the engine of the window begins')
process.on('exit', (status) => log.info(`the engine of the window ended with exit ${status}`))
// one promise that nobody waited for must not end a process that has something injected
process.on('unhandledRejection', report)

const ptys = portPtys((line) => tell({ is: 'wants-ptys', line }))
const engine = createEngine({ missing: missingPackages(), ptys: ptys.start })

parentPort.on('message', ({ data, ports: [port] }) => {
  switch (data.do) {
    case 'connect':
      if (port) serveChannel(portChannel(port), { ...engine, report })
      return
    case 'ptys':
      if (port) ptys.arrived(data.line, port)
      return
    case 'tell-activity':
      return tell({ is: 'activity', question: data.question, activity: engine.activity() })
    case 'undo':
      return void takeBack()
    case 'end':
      return void engine.close().then(
        () => tell({ is: 'ended', problem: null }),
        (error: unknown) => tell({ is: 'ended', problem: error instanceof Error ? error.message : String(error) }),
      )
    default:
      return assertNever(data, 'message')
  }
})

/** Takes back what earlier runs left, and tells what came of it. */
async function takeBack(): Promise<void> {
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  try {
    const ok = await undo({ print: say, say, signal: new AbortController().signal })
    tell({ is: 'undone', ok, said })
  } catch (error) {
    tell({ is: 'undone', ok: false, said: [...said, error instanceof Error ? error.message : String(error)] })
  }
}

const notOpened = await openFirst(engine, process.env[engineVariables.testbed])
if (notOpened !== undefined) report(notOpened)
const unfinished = await unfinishedRuns().catch((error: unknown) => {
  report(error)
  return []
})
tell({ is: 'ready', unfinished: unfinished.flatMap(({ faults }) => faults.map(({ text }) => text)) })
