/**
 * A lab driver that plays a recording as if it happened now: no machine, no host, and yet every line of it goes through
 * the real recorder, the real folds and the real services. Between rows it shows the lab as it was before the fault.
 */
import { ownChoice } from '../../labs/steps/stack-choice.ts'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Event, Line } from '../../labs/journal/event.ts'
import { judge } from '../../labs/verdicts/judge.ts'
import type { LoadedTestbed } from '../../main/load-testbed.ts'
import type { Transport, TransportState } from '../../main/transport/transport.ts'
import { Recorder } from '../../main/recorder/recorder.ts'
import { writeVerdict } from '../../main/recorder/verdict-file.ts'
import type { DrivenLab, GreenDriven, LabDriver, Sink } from '../../main/services/lab-driver.ts'

export interface PlayingOptions {
  readonly lines: readonly Line[]
  /** so many times faster than it was */
  readonly speed?: number
  /** steps on the way to green, in words; each takes so long */
  readonly startMilliseconds?: number
  readonly transports?: ReadonlyMap<string, Transport>
}

export interface PlayingDriver extends LabDriver {
  /** faults that are injected by hand at present */
  readonly injected: ReadonlySet<string>
  /** what was done with it, in order */
  readonly calls: readonly string[]
}

export function playingDriver({
  lines,
  speed = 20,
  startMilliseconds = 30,
  transports,
}: PlayingOptions): PlayingDriver {
  const injected = new Set<string>()
  const calls: string[] = []
  const dark = new Set<string>()
  let up = false
  const began = performance.now()
  const quiet = quietLines(lines)

  function driven(loaded: LoadedTestbed): DrivenLab {
    const hosts =
      transports ??
      new Map(
        Object.entries(loaded.testbed.hosts).flatMap(([name, { transport }]) =>
          transport === 'none' ? [] : [[name, standing(name)] as const],
        ),
      )
    return {
      hosts,
      power: {
        state: async (outlet) => (dark.has(outlet) ? 'off' : 'on'),
        switch: async (outlet, on) => void (on ? dark.delete(outlet) : dark.add(outlet)),
      },
      async check(signal) {
        await delay(20, undefined, { signal })
        return [
          {
            subject: 'testbed',
            name: loaded.testbed.name,
            ok: true,
            text: 'is declared destructive: rows may write to its LUNs',
          },
          ...[...hosts.keys()].map((name) => ({ subject: 'host', name, ok: true, text: 'is reached' })),
          ...Object.keys(loaded.testbed.luns).map((name) => ({
            subject: 'lun',
            name,
            host: 'observer',
            ok: name !== 'coord3',
            text:
              name === 'coord3'
                ? 'is not seen: no disk of observer has its WWID'
                : '/dev/sda, 8 MB, knows persistent reservations',
          })),
        ]
      },
      look: (sink, signal) => void lookOn(sink, signal).catch(() => undefined),
      close: async () => void calls.push('close'),
    }
  }

  /** Hosts whose clocks began when this driver was made. */
  const uptime = () => 1000 + (performance.now() - began) / 1000
  async function lookOn(sink: Sink, signal: AbortSignal): Promise<void> {
    for (;;) {
      const hosts = new Set(quiet.flatMap(({ host }) => host ?? []))
      for (const host of hosts) {
        const up = uptime()
        sink.append(
          { type: 'clock', boot: `boot of ${host}`, offset: sink.elapsed() - up * 1000, uncertainty: 5 },
          { host, hostAt: up },
        )
      }
      for (const { event, host } of quiet) {
        const up = uptime()
        const now: Event = event.type === 'keys' ? { ...event, began: up - 0.02, ended: up - 0.005 } : event
        sink.append(now, { ...(host !== undefined && { host, hostAt: up }) })
      }
      await delay(1000, undefined, { signal })
    }
  }

  return {
    injected,
    calls,
    isUp: async () => up,
    connect: driven,
    async green(loaded, { onProgress, signal }): Promise<GreenDriven> {
      calls.push('green')
      const steps = loaded.testbed.virtual
        ? [
            'building the image of the machines',
            'booting (2 of 5 machines)',
            'connecting',
            'waiting for the cluster to form',
            'keeping this state to come back to',
          ]
        : ['connecting', 'checking the testbed', 'waiting for the cluster to form']
      for (const [index, text] of steps.entries()) {
        onProgress({ text, fraction: index / steps.length, secondsLeft: (steps.length - index) * 9 })
        await delay(startMilliseconds, undefined, { signal })
      }
      up = true
      return {
        ...driven(loaded),
        choice: () => ownChoice(loaded.testbed),
        async restore() {
          calls.push('restore')
          injected.clear()
        },
        async runRow({ scenario, out, onProgress, onLine, signal }) {
          calls.push(`run ${scenario.name}`)
          const run = `${new Date().toISOString().replace(/[-:.]/g, '').slice(0, 15)}Z-${scenario.name}-${Math.floor(
            Math.random() * 65536,
          )
            .toString(16)
            .padStart(4, '0')}`
          mkdirSync(out, { recursive: true })
          const directory = join(out, run)
          let clock = 0
          const recorder = new Recorder({ directory, now: () => clock })
          const kept: Line[] = []
          recorder.onLine((line) => {
            kept.push(line)
            onLine(line)
          })
          const end = lines.at(-1)?.at ?? 0
          let stopped = false
          for (const line of lines) {
            if (line.type === 'run.ended') break
            const wait = (line.at - clock) / speed
            if (wait >= 4 && !stopped) await delay(wait, undefined, { signal }).catch(() => (stopped = true))
            clock = line.at
            const { seq: _seq, at: _at, prev: _prev, host, hostAt, ...event } = line
            const own =
              event.type === 'run.started' ? { ...event, run, scenario, wall: new Date().toISOString() } : event
            recorder.append(own as Event, {
              ...(host !== undefined && { host }),
              ...(hostAt !== undefined && { hostAt }),
            })
            if (event.type === 'phase' || event.type === 'fault') {
              onProgress({
                text: `${scenario.name}: ${event.type === 'phase' ? event.name : `${event.fault} ${event.step}`}`,
                fraction: line.at / end,
                secondsLeft: Math.round((end - line.at) / 1000),
              })
            }
            if (stopped) break
          }
          recorder.close(
            stopped ? 'stopped' : 'complete',
            stopped ? 'stopped by the person who runs the lab' : undefined,
          )
          const verdict = judge(kept)
          await writeVerdict(directory, verdict)
          return { directory, verdict: verdict.verdict, seconds: end / 1000, restored: true }
        },
        async prepare({ id, fault, target, sink }) {
          const step = (name: 'applying' | 'applied' | 'verified' | 'reverting' | 'reverted' | 'gone') =>
            sink.append({
              type: 'fault',
              id,
              fault,
              target,
              step: name,
              ...(name !== 'applying' && name !== 'reverting' && { ok: true, evidence: 'played' }),
            })
          return {
            id,
            async apply() {
              injected.add(id)
              step('applying')
              step('applied')
            },
            async verify() {
              step('verified')
              return true
            },
            async revert() {
              step('reverting')
              step('reverted')
              step('gone')
              injected.delete(id)
              return true
            },
          }
        },
        forget: async () => void calls.push('forget'),
      }
    },
    async down() {
      up = false
      calls.push('down')
    },
  }
}

/** The lab as it was just before the fault: the last of each kind of look. */
function quietLines(lines: readonly Line[]): readonly { readonly event: Event; readonly host: string | undefined }[] {
  const fault = lines.findIndex((line) => line.type === 'fault')
  const last = new Map<string, Line>()
  for (const line of lines.slice(0, fault === -1 ? lines.length : fault)) {
    if (line.type === 'keys') {
      const text = line.same === undefined ? line : lines.find(({ seq }) => seq === line.same)
      const { same: _same, ...rest } = line
      if (text?.type === 'keys')
        last.set(`${line.lun} ${line.host} ${line.action}`, { ...rest, stdout: text.stdout, stderr: text.stderr })
    }
    if (line.type === 'stack') last.set(`stack ${line.host}`, line)
    if (line.type === 'array-keys' && line.same === undefined) last.set(`array ${line.lun}`, line)
    if (line.type === 'connection') last.set(`connection ${line.host}`, line)
  }
  return [...last.values()].map((line) => {
    const { seq: _seq, at: _at, prev: _prev, host, hostAt: _hostAt, ...event } = line
    return { event: event as Event, host }
  })
}

/** A host that is there, and that nobody can do anything on. */
function standing(name: string): Transport {
  const refuse = () => Promise.reject(new Error(`${name} is played from a recording: nothing runs on it`))
  return {
    name,
    sudo: false,
    state: (): TransportState => 'connected',
    reason: () => 'played from a recording',
    onState: () => () => undefined,
    connected: async () => undefined,
    exec: refuse,
    openUnixSocket: refuse,
    poke: () => undefined,
    close: async () => undefined,
  }
}
