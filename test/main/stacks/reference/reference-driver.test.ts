import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { serveFiles } from '../../../../main/agent/file-control.ts'
import type { Answer, Request } from '../../../../main/agent/control-socket.ts'
import { agentConfig } from '../../../../labs/stacks/reference/agent-config.ts'
import { referenceDriver as stack } from '../../../../main/stacks/reference/reference-driver.ts'
import { ownChoice } from '../../../../labs/steps/stack-choice.ts'
import { devices, type FakeLab, fakeLab } from '../../engine/fake-lab.ts'

const never = new AbortController().signal
let here: FakeLab
let end: (() => void) | undefined
beforeEach(async () => {
  here = await fakeLab()
})
afterEach(async () => {
  end?.()
  end = undefined
  await here.close()
})
const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
const said = {
  state: 'member',
  members: ['nodea', 'nodeb'],
  links: { priv1: ['nodeb'], priv2: ['nodeb'] },
  active: true,
  text: 'a member',
}
const putStatus = (value: unknown) =>
  here.put('nodea', 'run/fencelab/agent.status', typeof value === 'string' ? value : `${JSON.stringify(value)}\n`)
/** the agent's own half of it, in nodea's tree */
const serve = (handle: (request: Request) => Promise<Answer>) => {
  const requests = here.path('nodea', 'run/fencelab/requests')
  here.put('nodea', 'run/fencelab/agent.cjs', '')
  end = serveFiles({
    status: { file: `${dirname(requests)}/agent.status`, now: () => ({}) },
    requests,
    handle,
    onTrouble: () => undefined,
  })
}

test('the status that the agent keeps is its answer, with the time at which it was true', async () => {
  const t = uptime()
  putStatus({ t, ...said })
  expect(await stack.status(here.lab, 'nodea', never)).toEqual({
    status: { type: 'stack', answered: true, ...said },
    hostAt: t,
  })
})

test.each<[string, () => unknown, RegExp]>([
  ['an old one', () => ({ t: uptime() - 60, ...said }), /^the agent fell silent \d+\.\d s ago$/],
  [
    'one that is not understood',
    () => ({ t: uptime(), ...said, state: 'dancing' }),
    /^the agent's status was not understood: \{/,
  ],
  ['half a file', () => '{"t": 1', /^the agent's status was not understood/],
  ['an empty one', () => '', /^the agent's status was not understood/],
])('%s is no answer', async (_, value, text) => {
  putStatus(value())
  expect(await stack.status(here.lab, 'nodea', never)).toEqual({
    status: { type: 'stack', answered: false, text: expect.stringMatching(text) as string },
  })
})

test('without an agent, and without a host, there is no answer', async () => {
  expect((await stack.status(here.lab, 'nodea', never)).status).toMatchObject({
    answered: false,
    text: expect.stringMatching(/^no agent runs: .*agent\.status/) as string,
  })
  await here.servers.nodea.refuse(true)
  here.servers.nodea.drop()
  expect((await stack.status(here.lab, 'nodea', never)).status).toMatchObject({
    answered: false,
    text: expect.stringContaining('nodea') as string,
  })
})

test('requests and answers go through files', async () => {
  const heard: Request[] = []
  const records = [{ node: 'nodea', number: 1, epoch: 1, issued: 2.5, boot: 'b' }]
  const odd = [{ region: 0, slot: 7, kind: 'torn' }]
  serve(async (request) => {
    heard.push(request)
    return 'scan' in request ? { ok: true, records, shared: records, odd, began: 3.5, ended: 4.25 } : { ok: true }
  })
  await stack.startLedger(here.lab, 'nodea', "run 'one'", 'runs', never)
  expect(await stack.readLedger(here.lab, 'nodea', { run: 'run-1', when: 'late' }, never)).toEqual({
    scan: { type: 'ledger.scan', when: 'late', lun: 'data1', began: 3.5, records, shared: records, odd },
    hostAt: 4.25,
  })
  expect(heard).toEqual([{ ledger: 'start', run: "run 'one'" }, { scan: 'run-1' }])
})

describe('a host that is no node', () => {
  const map = new Map(Object.entries(devices).map(([lun, device]) => [lun, `/dev/${device}`]))
  const question = { run: 'run-1', when: 'late', notBefore: 7.25 } as const
  const read = () => stack.readLedger(here.lab, 'observer', question, never)
  /** an agent that is the reader, or the program that reads once: its answers tell which of them it was, and what it was asked */
  const playAgent = (reader: string) =>
    here.put(
      'observer',
      'run/fencelab/agent.cjs',
      `const fs = require('node:fs')
const [, , command, , first, second] = process.argv
const told = (began) => JSON.stringify({ ok: true, records: [], began, ended: began + 1 })
if (command === 'scan') console.log(told(Number(second)))
else {
  fs.mkdirSync(first, { recursive: true })
  setInterval(() => {
    for (const name of fs.readdirSync(first).filter((one) => one.endsWith('.request'))) {
      const request = JSON.parse(fs.readFileSync(first + '/' + name, 'utf8'))
      fs.unlinkSync(first + '/' + name)
      ${reader}
    }
  }, 20)
}
`,
    )
  const answers =
    'const file = first + "/" + name.replace("request", "answer"); fs.writeFileSync(file + ".new", told(100 + request.notBefore)); fs.renameSync(file + ".new", file)'
  const readerOf = () => Number(readFileSync(here.path('observer', 'run/fencelab/reader.pid'), 'utf8'))
  /** install puts the true agent there: the played one is started as it would be */
  const startReader = () => {
    const place = here.path('observer', 'run/fencelab')
    const child = spawn(process.execPath, [`${place}/agent.cjs`, 'read', `${place}/agent.json`, `${place}/requests`], {
      stdio: 'ignore',
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    here.put('observer', 'run/fencelab/reader.pid', `${child.pid}\n`)
    return child
  }

  test('is read by the reader that runs there', async () => {
    playAgent(answers)
    startReader()
    expect(await read()).toMatchObject({ scan: { when: 'late', lun: 'data1', began: 107.25 }, hostAt: 108.25 })
    expect(readdirSync(here.path('observer', 'run/fencelab/requests'))).toEqual([])
  })

  test('without a reader a program is started, also where its number is another process by now', async () => {
    playAgent(answers)
    expect(await read()).toMatchObject({ scan: { began: 7.25 } })
    here.put('observer', 'run/fencelab/reader.pid', `${process.pid}\n`)
    expect(await read()).toMatchObject({ scan: { began: 7.25 } })
  })

  test('a reader that ends in the middle is not waited for', async () => {
    playAgent('process.exit(1)')
    startReader()
    expect(await read()).toMatchObject({ scan: { began: 7.25 } })
  })

  test('the reader is started with the installation, and the one before it is ended', async () => {
    await stack.install(here.lab, 'observer', map, never)
    const first = readerOf()
    const words = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const place = here.path('observer', 'run/fencelab')
    await expect
      .poll(() => words(first).slice(1, -1), { timeout: 10_000 })
      .toEqual(['--jitless', `${place}/agent.cjs`, 'read', `${place}/agent.json`, `${place}/requests`])
    await stack.install(here.lab, 'observer', map, never)
    const second = readerOf()
    onTestFinished(() => void process.kill(second, 'SIGKILL'))
    expect([second === first, existsSync(`/proc/${first}`), existsSync(`/proc/${second}`)]).toEqual([
      false,
      false,
      true,
    ])
  })

  test('no reader is started on a node', async () => {
    await stack.install(here.lab, 'nodea', map, never)
    expect(existsSync(here.path('nodea', 'run/fencelab/reader.pid'))).toBe(false)
  })
})

test('what the agent refuses is told; a scan that fails is kept as what it is', async () => {
  serve(async () => ({ ok: false, error: 'the disk is gone' }))
  await expect(stack.startLedger(here.lab, 'nodea', 'run-1', 'is starting', never)).rejects.toThrow(
    'nodea: let the failover group write the ledger: the agent refused: the disk is gone',
  )
  expect(await stack.readLedger(here.lab, 'nodea', { run: 'run-1', when: 'final' }, never)).toEqual({
    scan: {
      type: 'ledger.scan',
      when: 'final',
      lun: 'data1',
      error: expect.stringContaining('the disk is gone') as string,
      records: [],
    },
  })
})

test('a request that no agent takes up is given up, and taken away again', async () => {
  // the shell of the host waits without spending time
  here.put('nodea', 'bin/sleep', '#!/bin/sh\nexit 0\n')
  chmodSync(here.path('nodea', 'bin/sleep'), 0o755)
  await expect(stack.startLedger(here.lab, 'nodea', 'run-1', 'is starting', never)).rejects.toThrow(
    /let the failover group write the ledger.*the agent does not answer/s,
  )
  expect(readdirSync(here.path('nodea', 'run/fencelab/requests'))).toEqual([])
})

test('agent and configuration are put onto a host once; what is there already is left alone', async () => {
  const map = new Map(Object.entries(devices).map(([lun, device]) => [lun, `/dev/${device}`]))
  await stack.install(here.lab, 'nodea', map, never)
  const [program, configuration] = ['agent.cjs', 'agent.json'].map((file) => here.path('nodea', 'run/fencelab', file))
  expect(JSON.parse(readFileSync(configuration ?? '', 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(agentConfig(here.lab.testbed, 'nodea', map))),
  )
  expect(statSync(program ?? '').size).toBeGreaterThan(10_000)
  const puts = () => here.commands.filter(({ purpose }) => purpose.startsWith('install')).length
  expect(puts()).toBe(2)
  await stack.install(here.lab, 'nodea', map, never)
  expect(puts()).toBe(2)
  here.put('nodea', 'run/fencelab/agent.cjs', 'another version')
  await stack.install(here.lab, 'nodea', map, never)
  expect([puts(), existsSync(`${program}.new`), statSync(program ?? '').size > 10_000]).toEqual([3, false, true])
})

test('another policy is another configuration, and no longer the one that was there', async () => {
  const map = new Map(Object.entries(devices).map(([lun, device]) => [lun, `/dev/${device}`]))
  const own = ownChoice(here.lab.testbed)
  const other = { policy: 'attacker-defender', parameters: { reservationType: 1 } }
  await stack.install(here.lab, 'nodea', map, never)
  const installed = () =>
    Promise.all([own, other].map((choice) => stack.isInstalled(here.lab, 'nodea', map, choice, never)))
  expect(await installed()).toEqual([true, false])
  await stack.install(here.lab, 'nodea', map, never, other)
  expect(await installed()).toEqual([false, true])
  expect(JSON.parse(readFileSync(here.path('nodea', 'run/fencelab/agent.json'), 'utf8'))).toMatchObject({
    policy: 'attacker-defender',
    parameters: { reservationType: 1 },
  })
})

test('the agent is started, detached, and before ordinary processes where we may', async () => {
  const started = here.path('nodea', 'started')
  here.put('nodea', 'run/fencelab/agent.cjs', '')
  here.put('nodea', 'bin/node', `#!/bin/sh\necho "$(nice) $*" >${started}.new && mv ${started}.new ${started}\n`)
  chmodSync(here.path('nodea', 'bin/node'), 0o755)
  await stack.start(here.lab, 'nodea', never)
  const ours = Number(execFileSync('nice', { encoding: 'utf8' }))
  const place = here.path('nodea', 'run/fencelab')
  const wanted = `${process.getuid?.() === 0 ? ours - 10 : ours} --jitless ${place}/agent.cjs run ${place}/agent.json --join\n`
  await expect.poll(() => existsSync(started) && readFileSync(started, 'utf8'), { timeout: 10_000 }).toBe(wanted)
})
