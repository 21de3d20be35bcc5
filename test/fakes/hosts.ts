/** Transports to fake hosts, with key and known_hosts files as a user would have them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from './temporary-directory.ts'
import type { Transport, TransportState } from '../../main/transport/transport.ts'
import type { Dial } from '../../main/ssh/dial.ts'
import type { SshTarget, SshTimes } from '../../main/ssh/ssh-target.ts'
import { type SshTransport, sshTransport } from '../../main/ssh/ssh-transport.ts'
import type { FakeHost } from './ssh-server.ts'

/** Short, so that tests are: an interval of keepalives is a tenth of a second. */
export const quickTimes: Partial<SshTimes> = {
  keepaliveMs: 100,
  keepaliveCount: 3,
  backoffMinimumMs: 10,
  backoffMaximumMs: 50,
}

export interface Files {
  readonly directory: string
  readonly key: string
  readonly knownHosts: string
}

export function filesFor(host: FakeHost): Files {
  const directory = temporaryDirectory('ssh')
  const key = join(directory, 'id')
  const knownHosts = join(directory, 'known_hosts')
  writeFileSync(key, host.clientKey, { mode: 0o600 })
  writeFileSync(knownHosts, host.knownHostsLine())
  return { directory, key, knownHosts }
}

export function targetOf(host: FakeHost, files: Files, change: Partial<SshTarget> = {}): SshTarget {
  return {
    name: 'nodea',
    address: '127.0.0.1',
    port: host.port,
    user: 'root',
    keys: [{ path: files.key, required: true }],
    onlyTheseKeys: false,
    knownHosts: [files.knownHosts],
    ...change,
  }
}

export function transportTo(
  host: FakeHost,
  {
    times = {},
    change = {},
    dial,
    files = filesFor(host),
  }: { times?: Partial<SshTimes>; change?: Partial<SshTarget>; dial?: Dial; files?: Files } = {},
): SshTransport {
  return sshTransport({
    target: targetOf(host, files, change),
    times: { ...quickTimes, ...times },
    ...(dial && { dial }),
  })
}

/** Resolves with the reason when the transport comes into (or is in) the state. */
export function inState(transport: Transport, wanted: TransportState): Promise<string> {
  if (transport.state() === wanted) return Promise.resolve(transport.reason())
  return new Promise((resolve) => {
    const dispose = transport.onState((state, reason) => {
      if (state !== wanted) return
      dispose()
      resolve(reason)
    })
  })
}

/** The error that a promise rejects with. */
export async function failureOf<T extends Error>(
  promise: Promise<unknown>,
  type: abstract new (...args: never[]) => T,
): Promise<T> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome && outcome.error instanceof type) return outcome.error
  throw new Error(
    `Expected a ${type.name}, got ${JSON.stringify(outcome)} ${'error' in outcome ? String(outcome.error) : ''}`,
  )
}
