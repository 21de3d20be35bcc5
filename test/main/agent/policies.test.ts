/** Agents with the other policies as real processes: what reaches the programs that they run, and the ledger. */
import { afterEach, beforeAll, expect, it } from 'vitest'
import { createAgents, names, shortTimings, tolerant } from './two-agents.ts'
import { existsSync, readFileSync } from 'node:fs'
import type { AgentConfigInput } from '../../../labs/cluster/config.ts'
import type { Agents } from './two-agents.ts'
import { bundleAgent } from '../../../main/agent/bundle.ts'
import { join } from 'node:path'

let agent = ''
let agents: Agents
let subnet = 60

beforeAll(async () => {
  agent = (await bundleAgent()).file
}, 60_000)

afterEach(() => agents.stop())

async function green(more: (agents: Pick<Agents, 'script'>) => Partial<AgentConfigInput>): Promise<void> {
  agents = createAgents(agent, subnet++, more)
  for (const name of names) agents.start(name)
  for (const name of names) await agents.until(name, (status) => (status['members'] as string[]).length === 2)
  await agents.until('nodea', (status) => status['active'] === true)
  for (const name of names)
    expect(await agents.ask(name, { ledger: 'start', run: 'run-1' })).toMatchObject({ ok: true })
  await agents.until('nodea', written(5))
}

const written = (count: number) => (status: Readonly<Record<string, unknown>>) =>
  (status['ledger'] as { next: number }).next > count

function codes(node: string): string[] {
  return agents.log(node).flatMap((line) => (line.kind === 'log' && line.code ? [line.code] : []))
}

const said = (node: string, code: string) => () => codes(node).includes(code)
const inDirectory = (file: string): string => join(agents.directory, file)

it('ping-tiebreak: a frozen agent wakes, overwrites what the other wrote, and both stop', tolerant, async () => {
  await green(({ script }) => ({
    policy: 'ping-tiebreak',
    coordination: [],
    parameters: { tieBreaker: '10.0.0.254' },
    ping: script('ping', 'exit 0'),
    timings: { ...shortTimings, survivorDelay: 500, groupCheck: 1500 },
  }))
  agents.process('nodea').kill('SIGSTOP')
  await agents.until('nodeb', (status) => status['active'] === true)
  const takenOver = (await agents.ask('nodeb', { do: 'status' }))['ledger'] as { next: number }
  await agents.until('nodeb', written(takenOver.next + 10))
  agents.process('nodea').kill('SIGCONT')
  for (const name of names) {
    expect(await agents.exited(name)).toBe(70)
    expect(agents.file(name, 'sysrq')).toBe('c')
    expect(codes(name)).toContain('double-activity')
  }
  expect(agents.log('nodeb').filter((line) => line.kind === 'ping').length).toBeGreaterThan(0)
  const { records, shared = [] } = await agents.scan('nodeb', 'run-1')
  const lost = records.filter(
    (record) => record.node === 'nodeb' && shared.some((one) => one.number === record.number && one.node === 'nodea'),
  )
  expect(lost.length).toBeGreaterThan(0)
})

it('ping-tiebreak: without a reply a node stops itself', tolerant, async () => {
  await green(({ script }) => ({
    policy: 'ping-tiebreak',
    coordination: [],
    parameters: { tieBreaker: '10.0.0.254' },
    ping: script('ping', 'test "$FAKE_NEXUS" = nodeb'),
    timings: { ...shortTimings, survivorDelay: 1500 },
  }))
  for (const link of ['priv1', 'priv2']) await agents.ask('nodea', { mute: link })
  expect(await agents.exited('nodea')).toBe(70)
  await agents.until('nodeb', (status) => status['active'] === true)
  expect(codes('nodea')).toContain('tie-breaker-silent')
})

it('attacker-defender: the frozen one finds that it lost, and stays without the group', tolerant, async () => {
  await green(() => ({
    policy: 'attacker-defender',
    coordination: [],
    nodes: names.map((name, id) => ({
      name,
      id,
      keys: { coordination: `0x${id + 1}`, data: `0xabc00${id + 1}` },
      addresses: { priv1: `127.${subnet - 1}.1.${id + 1}`, priv2: `127.${subnet - 1}.2.${id + 1}` },
    })),
    timings: { ...shortTimings, attackWait: 1500, defendInterval: 2000 },
  }))
  expect(agents.keys('data1')).not.toContain('0xabc002')
  agents.process('nodea').kill('SIGSTOP')
  await agents.until('nodeb', (status) => status['active'] === true)
  // the published defender gives its reservation away for a moment in each cycle, and who wakes in that moment takes it:
  // this one wakes when a cycle has just come to its end
  const operations = () =>
    agents.log('nodeb').flatMap((line) => (line.kind === 'disk' ? [line['operation'] as string] : []))
  const before = operations().length
  await agents.until(
    'nodeb',
    () => operations().slice(before).includes('clear 0xabc002') && operations().at(-1) === 'read-reservation',
  )
  agents.process('nodea').kill('SIGCONT')
  await agents.until('nodea', said('nodea', 'failed-defender'))
  const status = await agents.until('nodea', (now) => now['active'] === false)
  expect(status['state']).toBe('member')
  await agents.until('nodeb', (now) => now['active'] === true)
  expect(operations().slice(0, 5)).toEqual([
    'register 0xabc002',
    'clear 0xabc002',
    'register 0xabc002',
    'reserve 0xabc002',
    'read-reservation',
  ])
})

it('external-fencing: the command is told who, and the group starts after it ended well', tolerant, async () => {
  await green(({ script }) => ({
    policy: 'external-fencing',
    coordination: [],
    parameters: {
      fence: {
        command: [
          script('fence', 'echo "$FAKE_NEXUS fences $*" >>"${0%/*}/fenced"; test -e "${0%/*}/works" || exit 1'),
          '{node}',
          '{id}',
        ],
      },
    },
    timings: { ...shortTimings, fenceDelay: 300, retryDelay: 300 },
  }))
  agents.process('nodea').kill('SIGSTOP')
  await agents.until('nodeb', () => codes('nodeb').filter((code) => code === 'fence-failed').length >= 2)
  expect(codes('nodeb')).not.toContain('group-started')
  agents.script('works', '')
  await agents.until('nodeb', (status) => status['active'] === true)
  expect(codes('nodeb')).toEqual(expect.arrayContaining(['fencing', 'fence-failed', 'fenced', 'group-started']))
  expect(readFileSync(inDirectory('fenced'), 'utf8').split('\n')[0]).toBe('nodeb fences nodea 0')
})

it('reserve-release: the disk is reset and reserved by the one that takes over', tolerant, async () => {
  await green(() => ({ policy: 'reserve-release', coordination: [] }))
  const reservedBy = (): string => readFileSync(inDirectory('data1.scsi2'), 'utf8').trim()
  expect(reservedBy()).toBe('nodea')
  agents.process('nodea').kill('SIGKILL')
  await agents.until('nodeb', (status) => status['active'] === true)
  expect(reservedBy()).toBe('nodeb')
  const operations = agents.log('nodeb').flatMap((line) => (line.kind === 'disk' ? [line['operation'] as string] : []))
  expect(operations).toEqual(['reset-lun', 'reserve-6', 'reserve-6', 'test-unit-ready'])
  await agents.until('nodeb', written(10))
  await agents.ask('nodeb', { do: 'leave' })
  await agents.until('nodeb', (status) => status['state'] === 'left')
  expect(existsSync(inDirectory('data1.scsi2'))).toBe(false)
})

it('coordinator-race: stopped by force on request, a healthy peer panics', tolerant, async () => {
  agents = createAgents(agent, subnet++)
  for (const name of names) agents.start(name)
  for (const name of names) await agents.until(name, (status) => (status['members'] as string[]).length === 2)
  await agents.until('nodea', (status) => status['active'] === true)
  expect(await agents.ask('nodea', { do: 'force-stop' })).toMatchObject({ ok: true })
  expect(await agents.exited('nodeb')).toBe(70)
  await agents.until('nodea', (status) => status['state'] === 'left')
  for (const lun of ['coord1', 'coord2', 'coord3']) expect(agents.keys(lun)).toEqual([])
  // For all nodea knows, nodeb is frozen: the data disk stays reserved.
  expect(agents.keys('data1')).toHaveLength(1)
  expect(agents.log('nodea').find((line) => line.code === 'membership-change')?.['data']).toEqual({
    racer: 'nodea',
    side: ['nodea'],
    lost: ['nodeb'],
    delay: 0,
  })
})
