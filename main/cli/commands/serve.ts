import { buildInterface } from '../../serve/build-interface.ts'
import { serveWeb } from '../../serve/serve.ts'
import { createEngine } from '../../services/engine.ts'
import { openFirst } from '../../services/open-first.ts'
import { forkPtys } from '../../terminals/fork-ptys.ts'
import { keepSecret, log } from '../../log/log.ts'
import { UserError } from '../../load-testbed.ts'
import type { Context, ExitStatus } from '../context.ts'
import { tellUnfinished } from '../../engine/inject/undo.ts'

export interface ServeWords {
  /** the testbed that is open at first; without it the one that was open last */
  readonly testbed: string | undefined
  readonly port: number
  /** programs that the virtual lab lacks on this computer */
  readonly missing: readonly string[]
}

/** Serves the interface on this computer until it is stopped; then takes back what is injected. */
export async function serve({ testbed, port, missing }: ServeWords, context: Context): Promise<ExitStatus> {
  const files = await buildInterface(context.onProgress, context.signal)
  await tellUnfinished(context)
  const engine = createEngine({ missing, ptys: forkPtys })
  const report = (error: unknown) => {
    log.error('internal error', { error })
    context.say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const notOpened = await openFirst(engine, testbed)
  if (notOpened !== undefined) context.say(notOpened)
  const web = await serveWeb({ engine, files, port, report }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      throw new UserError(`port ${port} is in use: choose another one, or leave --port out`)
    throw error
  })
  keepSecret([web.token])
  context.print(
    `fencelab is served on this computer alone:\n\n    ${web.address}\n\nAnyone who has this address can switch power and write to the LUNs of a testbed: keep it to yourself. Ctrl-C ends it.`,
  )
  await new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve()
    else context.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await web.close()
  await engine.close()
  return 0
}
