/** The agent as a running node: the pure machine of the configured policy, tied to clock, links, disks, log and kernel. */
import type { Answer, Request } from './control-socket.ts'
import type { Effect, Input } from '../../labs/cluster/policy.ts'
import type { AgentConfig, ScanConfig } from '../../labs/cluster/config.ts'
import { hasSharedLedger } from '../../labs/cluster/config.ts'
import { assertNever } from '../../labs/assert-never.ts'
import { createDiskRunner } from './disk-runner.ts'
import { createLedgerWriter } from './ledger-writer.ts'
import { createOutside } from './outside.ts'
import { openEventLog } from './event-log.ts'
import { openUdpLinks } from './udp-links.ts'
import { readFileSync } from 'node:fs'
import { scanLedger, timedScan } from './scan-ledger.ts'
import type { LedgerPlace } from './scan-ledger.ts'
import { sharedRegionOf } from './ledger-block.ts'
import { secondsSinceBoot } from './clock.ts'
import { serveControl } from './control-socket.ts'
import { serveFiles } from './file-control.ts'
import { startMachine } from '../../labs/cluster/policies.ts'

export interface DaemonOptions {
  /** join at once, without waiting for the request */
  readonly join: boolean
  /** accept the requests `mute` and `unmute` */
  readonly testHooks: boolean
  /** ends the daemon without leaving the cluster, as a killed process would */
  readonly signal: AbortSignal
}

/** How the daemon ended. */
export type DaemonEnd = 'stopped' | 'panicked'

/**
 * Runs until the signal aborts or the node panics (where the kernel survives that, as in tests).
 * @throws Error if a file, the socket or the ledger's disk is not as the configuration says
 */
export async function runDaemon(config: AgentConfig, options: DaemonOptions): Promise<DaemonEnd> {
  const self = config.nodes.find((node) => node.name === config.node)
  if (!self) throw new Error(`agent configuration: node ${config.node} is not one of nodes`)
  const boot = readFileSync(config.bootIdFile, 'utf8').trim()
  const events = openEventLog({ ...config, boot })
  const place = ledgerPlace(config)
  const writer = createLedgerWriter({
    place,
    node: self,
    nodes: config.nodes,
    boot,
    writesPerSecond: config.ledger.writesPerSecond,
    events,
    refused: () => feed({ kind: 'write-refused' }),
    failed: (text) => feed({ kind: 'write-failed', text }),
  })
  const disks = createDiskRunner({
    programs: config,
    devices: Object.fromEntries([...config.coordination, ...config.data].map((lun) => [lun.name, lun.device])),
    limit: config.timings.diskTimeout,
    events,
    quiesce: (lun) => (lun === place.lun ? writer.idle() : Promise.resolve()),
  })
  const outside = createOutside(config, events)
  const links = openUdpLinks(config, events, (link, message) => feed({ kind: 'message', link, message }))
  const machine = startMachine(config, milliseconds(), Date.now())
  let lastStatus = ''
  let end: (how: DaemonEnd) => void = () => undefined
  const ended = new Promise<DaemonEnd>((resolve) => (end = resolve))

  function feed(input: Input): void {
    const now = milliseconds()
    for (const effect of machine.step(input, now)) perform(effect)
    noteStatus(now)
  }

  function noteStatus(now: number): void {
    const status = machine.status(now)
    const text = JSON.stringify(status)
    if (text === lastStatus) return
    lastStatus = text
    events.entry('status', { ...status })
  }

  function perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        links.send(effect.link, effect.message)
        return
      case 'disk':
        disks.run(effect.request, (answer) => feed({ kind: 'disk-result', id: effect.request.id, answer }))
        return
      case 'log':
        events.log(effect.level, effect.code, effect.text, effect.data)
        return
      case 'group':
        writer.setEpoch(effect.active ? effect.epoch : null)
        return
      case 'scan-ledger':
        void scanForTakeover()
        return
      case 'await-writes':
        void writer.idle().then(() => feed({ kind: 'writes-done' }))
        return
      case 'ping':
        void outside.ping(effect.address).then((ok) => feed({ kind: 'ping-result', ok }))
        return
      case 'fence':
        void outside.fence(effect.node).then((result) => feed({ kind: 'fence-result', ...result }))
        return
      case 'panic':
        panic(effect.text)
        return
      default:
        assertNever(effect, 'effect')
    }
  }

  /** Whatever the scan says, the protocol goes on: fencing has happened, the scan is evidence. */
  async function scanForTakeover(): Promise<void> {
    const run = writer.run()
    if (run === null) {
      feed({ kind: 'ledger-scanned', ok: true, text: 'no ledger is running' })
      return
    }
    const began = secondsSinceBoot()
    try {
      const contents = await scanLedger(place, config.nodes, run)
      const { records, shared = [] } = contents
      events.entry('takeover-scan', { run, lun: place.lun, began, ended: secondsSinceBoot(), ...contents })
      writer.continueAfter(Math.max(0, ...shared.map((record) => record.number)))
      feed({ kind: 'ledger-scanned', ok: true, text: `${records.length} records of run ${run} are on ${place.lun}` })
    } catch (error) {
      events.entry('takeover-scan', {
        run,
        lun: place.lun,
        began,
        ended: secondsSinceBoot(),
        error: String(error),
        records: [],
      })
      feed({ kind: 'ledger-scanned', ok: false, text: `the ledger could not be read: ${String(error)}` })
    }
  }

  function panic(text: string): void {
    writer.setEpoch(null)
    try {
      events.panic(text)
    } finally {
      // Reached only where the trigger did not stop the kernel. This node must not go on in any case.
      end('panicked')
    }
  }

  async function handle(request: Request): Promise<Answer> {
    if ('mute' in request || 'unmute' in request) {
      if (!options.testHooks) return { ok: false, error: 'mute and unmute need FENCELAB_TEST_HOOKS=1' }
      if ('mute' in request) links.mute(request.mute, true)
      else links.mute(request.unmute, false)
      return { ok: true }
    }
    if ('scan' in request) return { ok: true, ...(await timedScan(place, config.nodes, request.scan)) }
    if ('ledger' in request) {
      if (request.ledger === 'start') await writer.start(request.run)
      else {
        writer.stop()
        await writer.idle()
      }
      return { ok: true, run: writer.run(), next: writer.nextNumber() }
    }
    switch (request.do) {
      case 'crash':
        events.log('critical', 'panic', 'panic on request')
        panic('panic on request')
        break
      case 'join':
      case 'leave':
      case 'force-stop':
        feed({ kind: 'command', command: request.do })
        break
      case 'status':
        break
    }
    const ledger = { run: writer.run(), next: writer.nextNumber() }
    return { ok: true, node: config.node, boot, t: secondsSinceBoot(), ...machine.status(milliseconds()), ledger }
  }

  const closeControl = await serveControl(config.socket, handle)
  const told = () => ({
    t: secondsSinceBoot(),
    boot,
    ...machine.status(milliseconds()),
    ledger: { run: writer.run(), next: writer.nextNumber() },
  })
  const closeFiles =
    config.statusFile === undefined || config.requests === undefined
      ? () => undefined
      : serveFiles({
          status: { file: config.statusFile, now: told },
          requests: config.requests,
          handle,
          onTrouble: (error) => events.log('warning', 'file-control', String(error)),
        })
  const ticker = setInterval(() => feed({ kind: 'tick' }), config.timings.heartbeatInterval / 2)
  const stop = (): void => end('stopped')
  options.signal.addEventListener('abort', stop, { once: true })
  if (options.signal.aborted) stop()
  feed(options.join ? { kind: 'command', command: 'join' } : { kind: 'tick' })
  const how = await ended
  clearInterval(ticker)
  closeFiles()
  options.signal.removeEventListener('abort', stop)
  links.close()
  await closeControl()
  events.log('info', 'agent', `agent ended: ${how}`)
  return how
}

/** Where the ledger is on this host. */
export function ledgerPlace(config: ScanConfig): LedgerPlace & { readonly lun: string } {
  const lun = config.data.find((one) => one.name === (config.ledger.lun ?? config.data[0]?.name))
  if (!lun)
    throw new Error(`agent configuration: ledger.lun ${config.ledger.lun ?? '(first of data)'} is not one of data`)
  const { regionBytes, direct } = config.ledger
  return {
    lun: lun.name,
    device: lun.device,
    regionBytes,
    direct,
    ...(hasSharedLedger(config) && { sharedRegion: sharedRegionOf(config.nodes) }),
  }
}

function milliseconds(): number {
  return secondsSinceBoot() * 1000
}
