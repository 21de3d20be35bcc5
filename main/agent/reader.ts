import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { ScanConfig } from '../../labs/cluster/config.ts'
import { secondsSinceBoot } from './clock.ts'
import type { Answer, Request } from './control-socket.ts'
import { ledgerPlace } from './daemon.ts'
import { serveFiles } from './file-control.ts'
import { timedScan, type TimedContents } from './scan-ledger.ts'

export interface ReaderOptions {
  /** folder of the requests (file-control.ts) */
  readonly requests: string
  /** ends by itself when nothing was asked for so long, milliseconds: it runs on a host that may be somebody else's */
  readonly idleMilliseconds: number
  readonly signal: AbortSignal
}

/** a question waits in the folder for so long, milliseconds */
const lookEvery = 200

/** The ledger of a run, not before the host has been up for so many seconds. @throws the system's error if the disk cannot be read */
export async function scanWhenDue(config: ScanConfig, run: string, notBefore = 0): Promise<TimedContents> {
  // a timer may be early by less than a millisecond, and a reading that is early by that much proves nothing
  for (let wait = notBefore - secondsSinceBoot(); wait > 0; wait = notBefore - secondsSinceBoot())
    await delay(Math.ceil(wait * 1000))
  return timedScan(ledgerPlace(config), config.nodes, run)
}

/**
 * Reads the ledger for whoever asks, on a host that is no node of the cluster: to start a program for each reading takes an
 * emulated machine ten seconds. It is told nothing else, and writes nothing but its answers.
 */
export async function runReader(
  config: ScanConfig,
  { requests, idleMilliseconds, signal }: ReaderOptions,
): Promise<void> {
  const idle = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const rest = () => {
    clearTimeout(timer)
    timer = setTimeout(() => idle.abort(), idleMilliseconds)
  }
  rest()
  const handle = async (request: Request): Promise<Answer> => {
    rest()
    if (!('scan' in request)) return { ok: false, error: 'this is a reader of the ledger, and no node of the cluster' }
    return { ok: true, ...(await scanWhenDue(config, request.scan, request.notBefore)) }
  }
  const close = serveFiles({
    requests,
    handle,
    lookEvery,
    onTrouble(error) {
      process.stderr.write(`reader: ${String(error)}\n`)
      // nobody can ask any more
      if (!existsSync(requests)) idle.abort()
    },
  })
  try {
    await ended(AbortSignal.any([signal, idle.signal]))
  } finally {
    clearTimeout(timer)
    close()
  }
}

const ended = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
