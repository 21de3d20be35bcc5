/** The engine behind the contract, on a lab that plays a recording. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Topic } from '../../../preload/contract/topics.ts'
import { Collections } from '../../../main/services/collections.ts'
import { createEngine, type Engine } from '../../../main/services/engine.ts'
import { recorded } from '../../labs/verdicts/history.ts'
import { bothLinksFail } from '../../labs/verdicts/rows.ts'
import { writeRecording } from '../recorder/recordings.ts'
import { playingDriver, type PlayingDriver } from '../../fakes/playing-driver.ts'

const virtual = fileURLToPath(new URL('../../../labs/testbeds/virtual.yaml', import.meta.url))
const rack = fileURLToPath(new URL('../../../labs/testbeds/rack-example.yaml', import.meta.url))
const call = { signal: new AbortController().signal, progress: () => undefined }
const row = 'both-private-networks-fail'

let home: string
let engine: Engine
let driver: PlayingDriver
let told: { readonly topic: string; readonly data: unknown }[]
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fencelab-engine-'))
  vi.stubEnv('XDG_STATE_HOME', join(home, 'state'))
  driver = playingDriver({ lines: recorded([bothLinksFail]), speed: 200, startMilliseconds: 1 })
  engine = createEngine({
    driver,
    collections: new Collections(join(home, 'runs'), join(home, 'samples')),
    testbeds: {
      builtIn: fileURLToPath(new URL('../../../labs/testbeds', import.meta.url)),
      own: join(home, 'testbeds'),
      known: join(home, 'known.json'),
      home,
    },
    stateFile: join(home, 'interface.json'),
  })
  told = []
  engine.hub.subscribe({}, ({ topic, data }) => told.push({ topic, data }))
})
afterEach(async () => {
  await engine.close()
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})
const of = (topic: Topic) => told.filter((one) => one.topic === topic).map(({ data }) => data)
const state = async () => (await engine.services.lab.state({}, call)).state
const settled = () =>
  vi.waitFor(
    async () =>
      expect(
        (await engine.services.control.state({}, call)).turns.every(
          (turn) => turn.state !== 'going' && turn.state !== 'waiting' && turn.state !== 'healing',
        ),
      ).toBe(true),
    10_000,
  )

describe('a testbed', () => {
  test('that is virtual and not running is opened, and nothing is started', async () => {
    await engine.services.lab.open({ file: virtual }, call)
    const now = await engine.services.lab.state({}, call)
    expect([now.state, now.bed?.name, now.bed?.record.nodes.length, driver.calls]).toEqual(['down', 'virtual', 2, []])
  })

  test('of a rack is connected to and looked at; to all green it needs the word destructive', async () => {
    await engine.services.lab.open({ file: rack }, call)
    expect(await state()).toBe('open')
    await expect(engine.services.lab.start({}, call)).rejects.toMatchObject({
      code: 'user',
      message: expect.stringContaining('destructive: true') as string,
    })
    expect(driver.calls).toEqual([])
  })

  test('with an error is not opened, and the error names its line', async () => {
    const file = join(home, 'wrong.yaml')
    writeFileSync(file, readFileSync(virtual, 'utf8').replace('role: observer', 'role: watcher'))
    await expect(engine.services.lab.open({ file }, call)).rejects.toThrow(/wrong\.yaml:\d+:\d+: hosts\.observer\.role/)
    expect(await state()).toBe('closed')
  })
})

describe('rows', () => {
  beforeEach(async () => {
    await engine.services.lab.open({ file: virtual }, call)
  })

  test('are not run before the lab is green', async () => {
    await expect(engine.services.control.start({ rows: [row], repeat: 1 }, call)).rejects.toMatchObject({ code: 'lab' })
  })

  test('are run one after the other, recorded and judged, with nobody looking', async () => {
    await engine.services.lab.start({}, call)
    expect(await state()).toBe('green')
    await engine.services.control.start({ rows: [row], repeat: 2 }, call)
    await settled()
    const { turns } = await engine.services.control.state({}, call)
    expect(turns.map(({ state: now, run }) => [now, run?.startsWith('runs/')])).toEqual([
      ['done', true],
      ['done', true],
    ])
    const { runs: list } = await engine.services.runs.list({}, call)
    expect(list.map(({ row: name, state: now }) => [name, now])).toEqual([
      [row, 'complete'],
      [row, 'complete'],
    ])
    expect(await state()).toBe('green')
    const states = of('control') as {
      readonly progress: { readonly fraction?: number } | null
      readonly overall: { readonly text: string; readonly fraction?: number } | null
    }[]
    expect(states.some(({ progress }) => (progress?.fraction ?? 0) > 0.2)).toBe(true)
    const wholes = states.flatMap(({ overall }) => overall ?? [])
    expect(wholes.map(({ text }) => text)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^row 1 of 2: /), expect.stringMatching(/^row 2 of 2: /)]),
    )
    const fractions = wholes.map(({ fraction }) => fraction ?? 0)
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect(states.at(-1)?.overall).toBeNull()
  })

  test('that are stopped leave out the rest, and their recording says that they were', async () => {
    driver = playingDriver({ lines: recorded([bothLinksFail]), speed: 1, startMilliseconds: 1 })
    await engine.close()
    engine = createEngine({
      driver,
      collections: new Collections(join(home, 'runs'), join(home, 'samples')),
      stateFile: join(home, 'interface.json'),
    })
    await engine.services.lab.open({ file: virtual }, call)
    await engine.services.lab.start({}, call)
    await engine.services.control.start({ rows: [row, row], repeat: 1 }, call)
    await vi.waitFor(() => expect(engine.activity()).toHaveLength(1))
    await expect(engine.services.lab.open({ file: rack }, call)).rejects.toMatchObject({ code: 'busy' })
    await engine.services.control.stop({}, call)
    await settled()
    const { turns } = await engine.services.control.state({}, call)
    expect(turns.map(({ state: now }) => now)).toEqual(['done', 'left-out'])
    const { runs: list } = await engine.services.runs.list({}, call)
    expect(list.map(({ state: now, verdict }) => [now, verdict])).toEqual([['stopped', 'inconclusive']])
    expect(engine.activity()).toEqual([])
  })

  test('can be watched while they go on: the run by its journal, the bench by the run', async () => {
    driver = playingDriver({ lines: recorded([bothLinksFail]), speed: 20, startMilliseconds: 1 })
    await engine.close()
    engine = createEngine({
      driver,
      collections: new Collections(join(home, 'runs'), join(home, 'samples')),
      stateFile: join(home, 'interface.json'),
    })
    engine.hub.subscribe({}, ({ topic, data }) => told.push({ topic, data }))
    await engine.services.lab.open({ file: virtual }, call)
    await engine.services.lab.start({}, call)
    await engine.services.control.start({ rows: [row], repeat: 1 }, call)
    const run = await vi.waitFor(
      async () => {
        const found = (await engine.services.lab.scene({ allViewers: false }, call)).run
        expect(found).toMatch(/^runs\//)
        return found
        // the run is over in some thirty milliseconds: who looks seldom may miss it
      },
      { timeout: 10_000, interval: 1 },
    )
    const view = await engine.services.runs.open({ run: run ?? '' }, call)
    expect(view.started?.scenario.name).toBe(row)
    await settled()
    await vi.waitFor(
      () => expect((of('grown') as { readonly ended: boolean }[]).some(({ ended }) => ended)).toBe(true),
      5000,
    )
    expect((await engine.services.runs.open({ run: run ?? '' }, call)).ended).toBe(true)
  })

  test('an unknown row is refused', async () => {
    await engine.services.lab.start({}, call)
    await expect(engine.services.control.start({ rows: ['no-such-row'], repeat: 1 }, call)).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('the lab between rows', () => {
  beforeEach(async () => {
    await engine.services.lab.open({ file: virtual }, call)
    await engine.services.lab.start({}, call)
  })

  test('shows what is known of it now', async () => {
    await vi.waitFor(async () => {
      const { scene } = await engine.services.lab.scene({ allViewers: true }, call)
      expect(scene?.nodes.map(({ name, state: now }) => [name, now])).toEqual([
        ['nodea', 'running'],
        ['nodeb', 'running'],
      ])
    })
  })

  test('a fault is injected by hand only as it was confirmed, and taken back at the end', async () => {
    const { options } = await engine.services.lab.options({ thing: { node: 'nodea' } }, call)
    const option = options.find(({ fault, target }) => fault === 'private-link-down' && target['link'] === 'priv1')
    if (!option) throw new Error('no such option')
    expect(option.blast.join(' ')).toMatch(/take priv1 of nodea down.*priv2/)
    await expect(
      engine.services.lab.inject({ fault: option.fault, target: option.target, blast: ['something else'] }, call),
    ).rejects.toMatchObject({ code: 'user' })
    expect(driver.injected.size).toBe(0)
    const standing = await engine.services.lab.inject(
      { fault: option.fault, target: option.target, blast: option.blast },
      call,
    )
    expect([standing.state, driver.injected.size, engine.activity()]).toEqual([
      'in-force',
      1,
      [expect.stringContaining('injected by hand')],
    ])
    await expect(engine.services.control.start({ rows: [row], repeat: 1 }, call).then(settled)).resolves.not.toThrow()
    expect((await engine.services.control.state({}, call)).turns[0]).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('by hand') as string,
    })
    await engine.close()
    expect([driver.injected.size, driver.calls.includes('forget')]).toEqual([0, true])
  })

  test('the last link that is cut names the race that follows', async () => {
    const { options } = await engine.services.lab.options({ thing: { node: 'nodeb' } }, call)
    const freeze = options.find(({ fault }) => fault === 'vm-freeze')
    expect(freeze?.blast.join(' ')).toMatch(/nodea no longer hears nodeb.*they race.*losers panic.*data1/)
  })

  test('a fault of the power names everything that hangs on the outlets', async () => {
    const { options } = await engine.services.lab.options({ thing: { array: 'array2' } }, call)
    expect(options.map(({ fault }) => fault)).toContain('array-power-off')
    const power = options.find(({ fault }) => fault === 'array-power-off')
    expect(power?.blast.join(' ')).toMatch(/pdu1\/4, which feed array2.*majority of the coordination points is gone/)
  })

  test('a node alone can be parted from the others', async () => {
    const { options } = await engine.services.lab.options({ thing: { node: 'nodea' } }, call)
    expect(options.find(({ fault }) => fault === 'partition')?.target).toEqual({ side: 'nodea' })
  })

  test('an outlet is switched, and its unit asked', async () => {
    const of = async (outlet: string) =>
      (await engine.services.lab.outlets({}, call)).outlets.find((one) => one.outlet === outlet)
    expect(await of('1')).toEqual({ unit: 'pdu1', outlet: '1', state: 'on' })
    await engine.services.lab.power({ unit: 'pdu1', outlet: '1', on: false }, call)
    expect([(await of('1'))?.state, (await of('2'))?.state]).toEqual(['off', 'on'])
  })

  test('an outlet that nothing of the testbed hangs on is not switched', async () => {
    await expect(engine.services.lab.power({ unit: 'pdu9', outlet: '1', on: false }, call)).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test('goes back to all green, and down', async () => {
    await engine.services.lab.reset({}, call)
    await engine.services.lab.stop({}, call)
    expect([await state(), driver.calls.slice(-5)]).toEqual(['down', ['restore', 'forget', 'close', 'down', 'forget']])
  })
})

describe('testbed files', () => {
  const text = () => readFileSync(virtual, 'utf8')

  test('are listed with what is in them, and with what is wrong', async () => {
    mkdirSync(join(home, 'testbeds'))
    writeFileSync(join(home, 'testbeds', 'broken.yaml'), 'name: broken\nhosts: {}\n')
    const { testbeds: list } = await engine.services.testbeds.list({}, call)
    expect(list.map(({ name, builtIn, nodes, problems }) => [name, builtIn, nodes, problems > 0])).toEqual([
      ['rack-example', true, 2, false],
      ['virtual-four', true, 4, false],
      ['virtual', true, 2, false],
      ['broken', false, 0, true],
    ])
  })

  test('that come along are not written; others are, unless somebody else did meanwhile', async () => {
    await expect(engine.services.testbeds.save({ file: virtual, text: text(), hash: '' }, call)).rejects.toMatchObject({
      code: 'user',
    })
    const { file } = await engine.services.testbeds.create({ name: 'mine', text: text() }, call)
    await expect(engine.services.testbeds.create({ name: 'mine', text: text() }, call)).rejects.toMatchObject({
      code: 'user',
    })
    const { hash } = await engine.services.testbeds.read({ file }, call)
    const saved = await engine.services.testbeds.save({ file, text: `${text()}# more\n`, hash }, call)
    await expect(engine.services.testbeds.save({ file, text: text(), hash }, call)).rejects.toThrow(
      /changed by another program/,
    )
    expect((await engine.services.testbeds.read({ file }, call)).hash).toBe(saved.hash)
  })

  test('are all that is read and written through this door', async () => {
    const other = join(home, 'secret.txt')
    writeFileSync(other, 'secret')
    for (const method of ['read', 'add'] as const)
      await expect(engine.services.testbeds[method]({ file: other }, call)).rejects.toMatchObject({ code: 'user' })
    await expect(engine.services.testbeds.save({ file: other, text: 'x', hash: '' }, call)).rejects.toMatchObject({
      code: 'user',
    })
  })

  test('take hosts from the ssh configuration by their aliases, and keep their comments', async () => {
    mkdirSync(join(home, '.ssh'))
    writeFileSync(
      join(home, '.ssh', 'config'),
      'Host bastion\n  HostName 10.0.0.1\n  User qa\nHost server-1\n  HostName 10.0.0.2\n  ProxyJump bastion\n  Port 2222\nHost *\n  User root\n',
    )
    const { hosts } = await engine.services.testbeds.sshHosts({}, call)
    expect(hosts).toEqual([
      { alias: 'bastion', address: '10.0.0.1', user: 'qa', port: 22, jump: [] },
      { alias: 'server-1', address: '10.0.0.2', user: 'root', port: 2222, jump: ['bastion'] },
    ])
    const put = await engine.services.testbeds.withSshHosts(
      {
        text: '# mine\nname: x # this one\nhosts:\n  a: { role: node }\n',
        hosts: [
          { alias: 'server-1', role: 'observer' },
          { alias: 'a', role: 'jump' },
        ],
      },
      call,
    )
    expect(put.text).toBe(
      '# mine\nname: x # this one\nhosts:\n  a: { role: node }\n  server-1:\n    role: observer\n    ssh: { alias: server-1 }\n  a-2:\n    role: jump\n    ssh: { alias: a }\n',
    )
  })
})

describe('recordings', () => {
  test('a name does not lead out of its collection', async () => {
    for (const run of ['runs/..', 'other/x', 'runs/.', 'runs'])
      await expect(engine.services.runs.open({ run }, call)).rejects.toMatchObject({ code: 'not-found' })
  })
  test('of another folder are shown as well', async () => {
    const folder = join(home, 'elsewhere')
    mkdirSync(join(folder, 'no recording'), { recursive: true })
    await writeRecording(join(folder, 'one'), bothLinksFail)
    expect(await engine.services.runs.addFolder({ folder }, call)).toEqual({ found: 1 })
  })
})

test('what the interface remembers is there after a restart, and what cannot be read is forgotten', async () => {
  const first = await engine.services.system.loadState({}, call)
  await engine.services.system.saveState({ ...first, theme: 'dark', view: 'runs' }, call)
  const again = createEngine({ driver, stateFile: join(home, 'interface.json') })
  expect(await again.services.system.loadState({}, call)).toMatchObject({ theme: 'dark', view: 'runs' })
  await again.close()
  writeFileSync(join(home, 'interface.json'), '{"theme": 7, "view"')
  expect(await engine.services.system.loadState({}, call)).toMatchObject({ theme: 'system', view: 'bench' })
})
