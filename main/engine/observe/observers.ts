/** Everything that looks while a run goes on. Each of them writes what it saw into the recording, and nothing else. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Event, Follow, KeysRead } from '../../../labs/journal/event.ts'
import { arraySamplerScript, createArrayReader } from '../../../labs/sampling/array-sampler.ts'
import { createSampleReader, keySamplerScript } from '../../../labs/sampling/key-sampler.ts'
import { hostsWithRole, nodesOf } from '../../../labs/testbed/parts.ts'
import { Qmp } from '../../hypervisor/qmp.ts'
import type { Recorder, Seen } from '../../recorder/recorder.ts'
import { until } from '../../until.ts'
import { RecordingFailed } from '../../recorder/recording-failed.ts'
import { awaitDevices } from '../ready/devices.ts'
import type { Lab } from '../../lab/lab.ts'
import type { TransportState } from '../../transport/transport.ts'
import { watch, type Watch } from './watch.ts'

const disksMilliseconds = 30_000

export interface Observation {
  readonly lab: Lab
  /** where what is seen is written down: a recording, or whatever else takes events */
  readonly recorder: Pick<Recorder, 'append' | 'elapsed' | 'broken' | 'closed'>
  /** name of this run's ledger */
  readonly run: string
  readonly signal: AbortSignal
}

const trouble = (o: Observation, what: string) => (text: string) =>
  void write(o, { type: 'note', text: `${what} came to its end: ${text}` })

/**
 * Writes down what was seen. A recording that cannot be written has told the engine so itself (it heals and stops): the
 * eyes just see no more.
 */
function write({ recorder }: Observation, event: Event, seen: Seen = {}): number | undefined {
  if (recorder.broken || recorder.closed) return undefined
  try {
    return recorder.append(event, seen).seq
  } catch (error) {
    if (error instanceof RecordingFailed) return undefined
    throw error
  }
}

/** A read that was answered as in an earlier line, to the letter: that line has the text and the bytes. */
function repeated({ bytes: _, ...event }: KeysRead, same: number): KeysRead {
  return { ...event, stdout: '', stderr: '', same }
}

/** Reads the key tables of all LUNs on one host, again and again. After a lost connection its disks may have other names. */
export function watchKeys(o: Observation, host: string, period: number): Watch {
  const last = new Map<string, { readonly seq: number; readonly event: KeysRead }>()
  const transport = o.lab.host(host)
  return watch(
    transport,
    async (again, seen) => {
      // a host that has just booted logs in to its arrays first
      const devices = await awaitDevices(o.lab, host, again ? disksMilliseconds : 0, o.signal)
      const pairs = Object.keys(o.lab.testbed.luns).map((lun) => `${lun}=${devices.get(lun) ?? '/nonexistent'}`)
      const reader = createSampleReader()
      return o.lab.runner.stream(transport, {
        purpose: 'sample the key tables',
        argv: ['sh', '-c', keySamplerScript, 'sampler', String(period / 1000), '0', 'changed', ...pairs],
        sudo: true,
        expected: [],
        signal: o.signal,
        onLine(line) {
          const sample = reader.line(line)
          if (!sample || 'round' in sample) return
          seen()
          const key = `${sample.event.lun} ${sample.event.action}`
          const before = last.get(key)
          const isSame =
            before !== undefined &&
            sample.event.attempt === 1 &&
            before.event.exit === sample.event.exit &&
            before.event.stdout === sample.event.stdout &&
            before.event.stderr === sample.event.stderr &&
            before.event.bytes === sample.event.bytes
          const event = isSame ? repeated(sample.event, before.seq) : sample.event
          const seq = write(o, event, { host, hostAt: sample.hostAt })
          if (!isSame && seq !== undefined) last.set(key, { seq, event: sample.event })
        },
      })
    },
    trouble(o, `sampling the key tables on ${host}`),
    o.signal,
  )
}

/** Asks an array itself. */
export function watchArray(o: Observation, host: string): Watch {
  const transport = o.lab.host(host)
  const lunOf = (wwid: string) => Object.entries(o.lab.testbed.luns).find(([, lun]) => lun.wwid === wwid)?.[0]
  return watch(
    transport,
    (_again, seen) => {
      const reader = createArrayReader()
      return o.lab.runner.stream(transport, {
        purpose: "sample the array's own view of its reservations",
        argv: ['sh', '-c', arraySamplerScript, 'sampler', '0.25'],
        sudo: true,
        expected: [],
        signal: o.signal,
        onLine(line) {
          const view = reader.line(line)
          const lun = view && lunOf(view.wwid)
          if (!view || lun === undefined) return
          write(o, { type: 'array-keys', lun, text: view.text }, { host, hostAt: view.hostAt })
          seen()
        },
      })
    },
    trouble(o, `the array's own view on ${host}`),
    o.signal,
  )
}

/**
 * Prints what is in a file from now on, after a line that says where it begins. `$2` is the line to go on with, or empty:
 * what is there already is no news. A file that is not there (the host has just booted) or that is shorter than it was is
 * another one, and is read from its beginning.
 */
const followScript = `
count=0
[ -e "$1" ] && count=$(wc -l <"$1")
if [ -z "$2" ]; then from=$((count + 1)); elif [ "$2" -gt $((count + 1)) ]; then from=1; else from=$2; fi
printf '=N= %s\\n' "$from"
exec tail -n "+$from" -F "$1" 2>/dev/null`

interface Followed {
  readonly host: string
  readonly file: string
  readonly purpose: string
  /** which log of which node it is, for the recording */
  readonly what: Follow['what']
  readonly node: string
}
interface Following extends Watch {
  /** the number of lines of the file that were read so far, counted from its beginning; undefined before it is read */
  read(): number | undefined
}

/** Follows a file of lines on a host; after a lost connection it goes on where it was. */
function follow(
  o: Observation,
  { host, file, purpose, what, node }: Followed,
  onLine: (line: string) => void,
): Following {
  let next: number | undefined
  const transport = o.lab.host(host)
  const tell = (step: Follow['step'], more: Partial<Follow>) =>
    write(o, { type: 'follow', what, step, ...more }, { host: node })
  const watching = watch(
    transport,
    async (_again, seen) => {
      let isFirst = true
      const stream = await o.lab.runner.stream(transport, {
        purpose,
        argv: ['sh', '-c', followScript, 'follow', file, next === undefined ? '' : String(next)],
        sudo: true,
        expected: [],
        signal: o.signal,
        onLine(line) {
          // the script says one thing, first; whatever follows is the file's, whatever it looks like
          if (isFirst) {
            isFirst = false
            next = Number(/^=N= (\d+)$/.exec(line)?.[1])
            if (Number.isNaN(next)) throw new Error(`unexpected first line: ${line}`)
            tell('began', { line: next })
            return seen()
          }
          next = (next ?? 0) + 1
          onLine(line)
        },
      })
      const ended = (reason: string) => {
        if (!o.signal.aborted) tell('ended', { reason })
      }
      stream.done.then(
        () => ended('it ended by itself'),
        (error: unknown) => ended(error instanceof Error ? error.message : String(error)),
      )
      return stream
    },
    trouble(o, purpose),
    o.signal,
  )
  return { ...watching, read: () => (next === undefined ? undefined : next - 1) }
}

/** how long it may take until a line that is in a log has been read */
const catchUpMilliseconds = 10_000

export interface StackLogWatch extends Watch {
  /**
   * Waits until everything that is in the log by now has been read, and records how far that was. Where that takes too long,
   * or the node cannot be asked, nothing is recorded: then a line that is missing proves nothing.
   */
  catchUp(signal: AbortSignal): Promise<void>
}

/** What the stack on a node writes into its log. */
export function watchStackLog(o: Observation, node: string): StackLogWatch {
  let told = 0
  const { stack } = o.lab
  const place = { host: node, file: stack.logFile, purpose: `follow the stack's log on ${node}`, node }
  const following = follow(o, { ...place, what: 'stack.log' }, (line) => {
    const entry = stack.pure.readLogLine(line, o.run)
    if (!entry) return
    write(o, entry.event, { host: node, hostAt: entry.hostAt })
    if (entry.event.type === 'stack.log') told += 1
  })
  return {
    ...following,
    async catchUp(signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(catchUpMilliseconds)])
      try {
        const { stdout } = await o.lab.run(node, {
          purpose: `how long is the stack's log on ${node}`,
          argv: ['wc', '-l', stack.logFile],
          timeoutMs: catchUpMilliseconds,
          signal: limit,
        })
        const line = Number.parseInt(stdout, 10)
        if (Number.isNaN(line)) throw new Error(`wc said ${stdout.trim()}`)
        await until(() => (following.read() ?? -1) >= line, { signal: limit, everyMilliseconds: 50 })
        write(o, { type: 'follow', what: 'stack.log', step: 'reached', line, told }, { host: node })
      } catch (error) {
        signal.throwIfAborted()
        const text = error instanceof Error ? error.message : String(error)
        write(o, { type: 'note', text: `the stack's log on ${node} was not read to its end: ${text}` })
      }
    },
  }
}

/** The serial console of a node, on whatever host it can be read. */
export function watchConsole(o: Observation, node: string): Watch | undefined {
  const console = nodesOf(o.lab.testbed).find(({ name }) => name === node)?.node.console
  if (!console) return undefined
  const onLine = (line: string) => {
    const text = line.replace(/\r/g, '')
    if (text !== '') write(o, { type: 'console', text }, { host: node })
  }
  const purpose = `follow the console of ${node}`
  if ('file' in console)
    return follow(o, { host: console.host, file: console.file, purpose, what: 'console', node }, onLine)
  const transport = o.lab.host(console.host)
  return watch(
    transport,
    async (_again, seen) => {
      const stream = await o.lab.runner.stream(transport, {
        purpose,
        argv: console.command,
        sudo: true,
        signal: o.signal,
        onLine,
      })
      seen()
      return stream
    },
    trouble(o, purpose),
    o.signal,
  )
}

/** how long QEMU may take to say that it listens */
const greetingMilliseconds = 15_000
const reconnectMilliseconds = 300

/**
 * Listens for what QEMU itself says of a node: GUEST_PANICKED is the second witness of a panic. A machine that is switched
 * off takes its monitor along: it is connected to again as soon as there is a new one.
 */
export function watchPanicEvents(o: Observation, node: string): Watch | undefined {
  const vm = nodesOf(o.lab.testbed).find(({ name }) => name === node)?.node.vm
  const events = vm?.events
  if (vm === undefined || events === undefined) return undefined
  let begun: () => void = () => undefined
  let never: (error: unknown) => void = () => undefined
  const ready = new Promise<void>((resolve, reject) => {
    begun = resolve
    never = reject
  })
  ready.catch(() => undefined)
  const listen = async () => {
    for (let again = false; !o.signal.aborted; again = true) {
      try {
        const qmp = await connectToEvents(o, node, vm.hypervisor, events, again)
        begun()
        await heardOut(o, node, qmp)
      } catch (error) {
        if (o.signal.aborted) return
        never(error)
        return write(o, { type: 'note', text: `QEMU's events of ${node} cannot be heard: ${(error as Error).message}` })
      }
    }
  }
  return { ready, done: listen().then(() => undefined) }
}

/** The first time it must be there; later it may take until somebody switches the machine on. */
async function connectToEvents(
  o: Observation,
  node: string,
  host: string,
  events: string,
  again: boolean,
): Promise<Qmp> {
  for (;;) {
    const limit = AbortSignal.any([o.signal, AbortSignal.timeout(greetingMilliseconds)])
    try {
      const socket = await o.lab.host(host).openUnixSocket(events, limit)
      return await Qmp.over(socket, limit)
    } catch (cause) {
      o.signal.throwIfAborted()
      // a monitor serves one client at a time, and lets the next one wait without a word
      if (!again)
        throw new Error(
          `${host}: the QEMU monitor ${events} of ${node} does not answer; does another program use it?`,
          { cause },
        )
      await delay(reconnectMilliseconds, undefined, { signal: o.signal })
    }
  }
}

/** Writes down what a monitor tells until the connection ends. */
function heardOut(o: Observation, node: string, qmp: Qmp): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      dispose()
      undisturbed()
      o.signal.removeEventListener('abort', end)
      qmp.close()
      resolve()
    }
    const dispose = qmp.onEvent(({ event }) => {
      if (event === 'GUEST_PANICKED') write(o, { type: 'panic-event', source: 'QEMU: GUEST_PANICKED' }, { host: node })
      else write(o, { type: 'note', text: `QEMU says of ${node}: ${event}` })
    })
    const undisturbed = qmp.onClose(() => {
      write(o, { type: 'note', text: `QEMU's events of ${node} came to their end: the monitor closed the connection` })
      end()
    })
    o.signal.addEventListener('abort', end, { once: true })
  })
}

/** longer than this on the way, and an answer says too little about the clock */
const longestRoundTrip = 2000
/** /proc/uptime counts in hundredths of a second */
const grain = 10

const clockScript = `
read -r boot </proc/sys/kernel/random/boot_id || exit 1
while read -r token; do read -r up rest </proc/uptime; printf '%s %s %s\\n' "$token" "$boot" "$up"; done`

/** Measures a host's clock against the lab's, by the way there and back (Cristian's method). */
export function watchClock(o: Observation, host: string): Watch {
  const transport = o.lab.host(host)
  const sent = new Map<string, number>()
  let ask: () => void = () => undefined
  let next = 1
  const watching = watch(
    transport,
    async (_again, seen) => {
      const stream = await o.lab.runner.stream(transport, {
        purpose: `measure the clock of ${host}`,
        argv: ['sh', '-c', clockScript],
        expected: [],
        signal: o.signal,
        onLine(line) {
          const [token = '', boot = '', up = ''] = line.split(' ')
          const began = sent.get(token)
          const now = o.recorder.elapsed()
          if (began === undefined || now - began > longestRoundTrip) return
          sent.delete(token)
          const uncertainty = (now - began) / 2 + grain
          const offset = (now + began) / 2 - Number(up) * 1000
          write(o, { type: 'clock', boot, offset, uncertainty }, { host, hostAt: Number(up) })
          seen()
        },
      })
      ask = () => {
        const token = String(next++)
        sent.set(token, o.recorder.elapsed())
        stream.write(token)
      }
      ask()
      return stream
    },
    trouble(o, `measuring the clock of ${host}`),
    o.signal,
  )
  const timer = setInterval(() => ask(), 2500)
  o.signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  return watching
}

/** Writes down when a host is there, slow, or gone. */
export function watchConnection(o: Observation, host: string): void {
  const transport = o.lab.host(host)
  const note = (state: TransportState, reason: string) => {
    if (state !== 'connecting') write(o, { type: 'connection', state, reason }, { host })
  }
  note(transport.state(), transport.reason())
  const dispose = transport.onState(note)
  o.signal.addEventListener('abort', dispose, { once: true })
}

/** Arrays that can be asked themselves. */
export const askableArrays = (lab: Lab) =>
  hostsWithRole(lab.testbed, 'array')
    .filter(({ host }) => host.array?.view === 'lio' && host.transport !== 'none')
    .map(({ name }) => name)
