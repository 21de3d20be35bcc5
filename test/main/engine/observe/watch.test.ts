import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Watch, watch } from '../../../../main/engine/observe/watch.ts'
import { until } from '../../../../main/until.ts'
import type { Transport } from '../../../../main/transport/transport.ts'
import { localTransport } from '../../../../main/hosts/local-transport.ts'
import { createRunner, type Runner } from '../../../../main/hosts/runner.ts'
import { inState, transportTo } from '../../../fakes/hosts.ts'
import { type FakeHost, fakeHost } from '../../../fakes/ssh-server.ts'

let host: FakeHost
let transport: Transport
let runner: Runner
let stop: AbortController
let lines: string[]
let troubles: string[]
beforeEach(async () => {
  host = await fakeHost()
  transport = transportTo(host)
  runner = createRunner({ record: () => undefined })
  stop = new AbortController()
  lines = []
  troubles = []
})
afterEach(async () => {
  stop.abort()
  await transport.close()
  await host.close()
})

const script = 'echo hello; while read -r word; do echo "$word"; done'
function watching(command = script, on: Transport = transport): { readonly watch: Watch; readonly begun: boolean[] } {
  const begun: boolean[] = []
  const made = watch(
    on,
    (again, seen) => {
      begun.push(again)
      return runner.stream(on, {
        purpose: 'watch',
        argv: ['sh', '-c', command],
        signal: stop.signal,
        onLine(line) {
          lines.push(line)
          seen()
        },
      })
    },
    (text) => troubles.push(text),
    stop.signal,
  )
  return { watch: made, begun }
}
const sees = (count: number) =>
  until(() => lines.length >= count, { signal: AbortSignal.timeout(15_000), everyMilliseconds: 10 })

test('it is ready when it has begun to see, and over when it is stopped, without a trouble', async () => {
  const { watch: made, begun } = watching()
  await made.ready
  expect([lines, begun]).toEqual([['hello'], [false]])
  stop.abort()
  await made.done
  expect(troubles).toEqual([])
})

test('a lost connection: it is started anew when the host is there again', async () => {
  const { watch: made, begun } = watching()
  await made.ready
  await host.refuse(true)
  host.drop()
  await inState(transport, 'gone')
  await host.refuse(false)
  await sees(2)
  host.drop()
  await sees(3)
  expect([begun, troubles]).toEqual([[false, true, true], []])
})

test('a command that ends by itself is trouble, and is not started again', async () => {
  const { watch: made, begun } = watching('echo once')
  await made.ready
  await made.done
  expect([begun, troubles]).toEqual([[false], ['it ended by itself']])
})

test('a command that fails before it has begun: nobody waits for ever', async () => {
  const { watch: made } = watching('echo broken >&2; exit 3')
  await expect(made.ready).rejects.toThrow(/ended with exit 3.*broken/s)
  await made.done
  expect(troubles).toHaveLength(1)
})

test('stopped before it had begun', async () => {
  await host.refuse(true)
  host.drop()
  const { watch: made } = watching()
  stop.abort()
  await expect(made.ready).rejects.toThrow()
  await made.done
  expect(troubles).toEqual([])
})

test('a transport that was closed is trouble, not something to try for ever', async () => {
  const closed = localTransport({ name: 'here' })
  await closed.close()
  const { watch: made, begun } = watching(script, closed)
  await made.done
  expect([begun, troubles]).toEqual([[], ['here: its transport was closed; open the hosts again']])
})
