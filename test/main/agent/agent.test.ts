/** Two agents as real processes: they form a cluster, lose links, one of them panics, the other goes on. */
import { afterEach, beforeAll, expect, it } from 'vitest'
import { coordinationKey, createAgents, names, tolerant } from './two-agents.ts'
import type { Agents } from './two-agents.ts'
import { bundleAgent } from '../../../main/agent/bundle.ts'

let agent = ''
let agents: Agents
let subnet = 20

beforeAll(async () => {
  agent = (await bundleAgent()).file
}, 60_000)

afterEach(() => agents.stop())

async function greenAgents(): Promise<void> {
  agents = createAgents(agent, subnet++)
  for (const name of names) agents.start(name)
  for (const name of names) await agents.until(name, (status) => (status['members'] as string[]).length === 2)
  await agents.until('nodea', (status) => status['active'] === true)
  for (const name of names)
    expect(await agents.ask(name, { ledger: 'start', run: 'run-1' })).toMatchObject({ ok: true })
  await agents.until('nodea', (status) => (status['ledger'] as { next: number }).next > 5)
}

function codes(node: string): string[] {
  return agents.log(node).flatMap((line) => (line.kind === 'log' && line.code ? [line.code] : []))
}

it('all links lost: one agent pulls the panic trigger, the other has the disks and the group', tolerant, async () => {
  await greenAgents()
  for (const link of ['priv1', 'priv2']) await agents.ask('nodea', { mute: link })
  const loser = await Promise.race(names.map(async (name) => agents.exited(name).then(() => name)))
  const survivor = names.find((name) => name !== loser) ?? ''
  const status = await agents.until(
    survivor,
    (now) => now['active'] === true && (now['members'] as string[]).length === 1,
  )
  expect(status).toMatchObject({ state: 'member', members: [survivor], boot: 'boot-of-the-test' })
  await agents.until(survivor, (now) => !agents.keys('coord3').includes(coordinationKey(loser)) && now.ok)
  expect(await agents.exited(loser)).toBe(70)
  expect(agents.file(loser, 'sysrq')).toBe('c')
  expect(agents.file(survivor, 'sysrq')).toBe('')
  expect(agents.file(loser, 'kmsg')).toMatch(
    /^<2>fencelab: this node was ejected from the cluster to protect the data/m,
  )
  for (const lun of ['coord1', 'coord2', 'coord3']) expect(agents.keys(lun)).toEqual([coordinationKey(survivor)])
  expect(agents.keys('data1')).toHaveLength(1)
  expect(codes(loser).slice(-3)).toEqual(['race-lost', 'panic', 'agent'])
  expect(codes(survivor)).toContain('race-won')
})

it('a hung agent is ejected, wakes up and panics; the ledger says who wrote what', tolerant, async () => {
  await greenAgents()
  // the scan of the takeover is to find the first five
  await agents.until('nodea', (status) => (status['ledger'] as { next: number }).next > 5)
  agents.process('nodea').kill('SIGSTOP')
  await agents.until('nodeb', (status) => status['active'] === true)
  await agents.until('nodeb', (status) => (status['ledger'] as { next: number }).next > 5)
  agents.process('nodea').kill('SIGCONT')
  expect(await agents.exited('nodea')).toBe(70)
  expect(agents.file('nodea', 'sysrq')).toBe('c')
  expect(codes('nodea').slice(-4)).toEqual(['was-hung', 'ejected', 'panic', 'agent'])

  const takeover = agents.log('nodeb').find((line) => line.kind === 'takeover-scan')
  const acknowledged = agents
    .log('nodea')
    .filter((line) => line.kind === 'ledger' && line['result'] === 'acknowledged')
    .map((line) => line['number'])
  const atTakeover = (takeover?.['records'] as { node: string; number: number }[]).map((record) => record.number)
  expect(atTakeover.slice(0, 5)).toEqual([1, 2, 3, 4, 5])
  // The last may have reached the disk without the agent getting to know it: it was stopped.
  const known = acknowledged.slice(0, atTakeover.length)
  expect(atTakeover.slice(0, known.length)).toEqual(known)
  expect(atTakeover.length - known.length).toBeLessThanOrEqual(1)

  await agents.ask('nodeb', { ledger: 'stop' })
  const { records } = await agents.scan('nodeb', 'run-1')
  const ofB = records.filter((record) => record.node === 'nodeb')
  expect(ofB.map((record) => record.number)).toEqual(ofB.map((_, index) => index + 1))
  expect(new Set(ofB.map((record) => record.epoch))).toEqual(new Set([2]))
  expect(await agents.scan('nodeb', 'another run')).toMatchObject({ records: [] })
})

it('one link lost is survived, said on the console, and the link is used again', tolerant, async () => {
  await greenAgents()
  await agents.ask('nodea', { mute: 'priv1' })
  for (const name of names) await agents.until(name, () => codes(name).includes('link-lost'))
  await agents.ask('nodea', { unmute: 'priv1' })
  for (const name of names) {
    await agents.until(name, () => codes(name).includes('link-up'))
    expect(agents.file(name, 'kmsg')).toMatch(
      /^<3>fencelab: IOFENCE: private link priv1 .* is lost, continuing on priv2$/m,
    )
    expect(codes(name)).not.toContain('membership-change')
  }
})

it('leaves on request, takes its keys back, and the other takes over', tolerant, async () => {
  await greenAgents()
  await agents.ask('nodea', { do: 'leave' })
  await agents.until('nodea', (status) => status['state'] === 'left')
  await agents.until('nodeb', (status) => status['active'] === true)
  expect(agents.keys('coord1')).toEqual([coordinationKey('nodeb')])
  expect(codes('nodeb')).not.toContain('membership-change')
  const results = agents
    .log('nodea')
    .filter((line) => line.kind === 'ledger')
    .map((line) => line['result'])
  expect(new Set(results)).toEqual(new Set(['acknowledged']))
})

it('says no to what it does not understand, and panics on request', tolerant, async () => {
  agents = createAgents(agent, subnet++)
  agents.start('nodea')
  await agents.until('nodea', (status) => status.ok)
  expect(await agents.ask('nodea', { do: 'dance' })).toMatchObject({ ok: false })
  expect(await agents.ask('nodea', { mute: 'priv9' })).toEqual({
    ok: false,
    error: 'no link priv9; there are priv1, priv2',
  })
  await agents.ask('nodea', { do: 'crash' })
  expect(await agents.exited('nodea')).toBe(70)
  expect(agents.file('nodea', 'sysrq')).toBe('c')
})
