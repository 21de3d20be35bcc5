/**
 * A testbed and a recording of any size, made up: sixteen nodes and sixty-four LUNs, or a journal of a million lines. The
 * lines are well-formed and consistent, so that the real folds read them; nothing in them was ever seen on a disk.
 */
import type { Event, Line, RunStarted } from '../../labs/journal/event.ts'
import { bothPrivateNetworksFail } from '../../labs/scenarios/both-private-networks-fail.ts'
import { formatKeys, formatReservation } from '../../labs/scsi/format-listing.ts'
import { recordOf } from '../../labs/testbed-file/bed.ts'
import { readTestbed } from '../../labs/testbed-file/read-testbed.ts'

export interface Size {
  readonly nodes: number
  readonly luns: number
}

const two = (number: number) => String(number).padStart(2, '0')

export function madeUpTestbed({ nodes, luns }: Size, name = 'made-up'): string {
  const arrays = Math.max(1, Math.ceil(luns / 16))
  const list = Array.from({ length: nodes }, (_, index) => index)
  return `name: ${name}
description: ${nodes} nodes and ${luns} LUNs, made up
destructive: true
ssh: { user: root }
hosts:
${list
  .map(
    (index) => `  node${two(index)}:
    role: node
    ssh: { address: 10.9.0.${index + 1} }
    node:
      id: ${index}
      links: { priv1: { interface: eth1, address: 10.9.1.${index + 1} }, priv2: { interface: eth2, address: 10.9.2.${index + 1} } }
      outlets: [pdu${1 + (index % 2)}/${Math.floor(index / 2) + 1}]
      console: { host: watcher, command: [console, -s, node${two(index)}] }
`,
  )
  .join(
    '',
  )}${Array.from({ length: arrays }, (_, index) => `  array${index + 1}: { role: array, transport: none }\n`).join('')}  watcher: { role: observer, ssh: { address: 10.9.0.200 } }
links: { priv1: { description: first }, priv2: { description: second } }
luns:
${Array.from({ length: luns }, (_, index) => `  ${lunName(index)}: { wwid: naa.600a0b8000${index.toString(16).padStart(22, '0')}, use: ${index < 3 ? 'coordination' : 'data'}, array: array${1 + (index % arrays)} }\n`).join('')}power:
  pdu1: { driver: manual }
  pdu2: { driver: manual }
stack: { kind: reference, policy: coordinator-race, cluster: fe01, keys: vf }
restore: { kind: restart }
`
}

const lunName = (index: number) => (index < 3 ? `coord${index + 1}` : `data${two(index - 2)}`)

/** @throws Error where the made-up file is none */
export function madeUpStart(size: Size): RunStarted {
  const text = madeUpTestbed(size)
  const read = readTestbed(text, 'made-up.yaml')
  if (!read.ok) throw new Error(JSON.stringify(read.problems, null, 2))
  const testbed = recordOf({ testbed: read.testbed, file: 'made-up.yaml', text })
  return {
    type: 'run.started',
    format: 1,
    fencelab: '0.1.0',
    wall: '2026-11-25T10:00:00.000Z',
    run: '20261125T100000Z-made-up-0000',
    scenario: bothPrivateNetworksFail,
    testbed,
    roles: Object.fromEntries(
      testbed.nodes.slice(0, 26).map(({ name }, index) => [String.fromCharCode(65 + index), name]),
    ),
  }
}

type Unchained = Omit<Line, 'prev'>

/**
 * Lines of a run in which half of the nodes lose: looks of every viewer at every LUN, ledger writes, clocks, consoles.
 * About `events` of them over `seconds`; keys are told as the same again wherever they are.
 */
export function* madeUpLines(
  size: Size,
  { events, seconds }: { readonly events: number; readonly seconds: number },
): Generator<Unchained> {
  const started = madeUpStart(size)
  const { nodes, luns, links } = started.testbed
  const end = seconds * 1000
  const fault = end * 0.3
  const settled = fault + Math.min(9000, end * 0.1)
  const losers = new Set(nodes.slice(Math.ceil(nodes.length / 2)).map(({ name }) => name))
  const survivors = nodes.filter(({ name }) => !losers.has(name))
  let seq = 0
  const said = new Map<string, { readonly seq: number; readonly text: string }>()
  function line(at: number, event: Event, host?: string): Unchained {
    seq += 1
    const rounded = Math.round(at * 1000) / 1000
    return {
      seq,
      at: rounded,
      ...(host !== undefined && { host, hostAt: 500 + rounded / 1000 }),
      ...event,
    } as Unchained
  }
  function look(at: number, host: string, lun: (typeof luns)[number], action: 'keys' | 'reservation'): Unchained {
    const gone = at > settled - 1500
    const own = (gone ? survivors : nodes).map(({ keys }) => (lun.use === 'data' ? keys.data : keys.coordination))
    const generation = gone ? nodes.length + losers.size : nodes.length
    const key = own[0] ?? '0x0'
    const text =
      action === 'keys'
        ? formatKeys({ generation, keys: own })
        : formatReservation({
            generation,
            reservation: lun.use === 'data' ? { key, scope: 'LU_SCOPE', type: 5 } : null,
          })
    const id = `${host} ${lun.name} ${action}`
    const before = said.get(id)
    const same = before?.text === text ? before.seq : undefined
    const made = line(
      at,
      {
        type: 'keys',
        lun: lun.name,
        device: '/dev/sda',
        action,
        exit: 0,
        stdout: same === undefined ? text : '',
        stderr: '',
        began: 500 + at / 1000 - 0.08,
        ended: 500 + at / 1000 - 0.01,
        attempt: 1,
        ...(same !== undefined && { same }),
      },
      host,
    )
    if (same === undefined) said.set(id, { seq, text })
    return made
  }
  const clock = (at: number, host: string) =>
    line(at, { type: 'clock', boot: `boot of ${host}`, offset: -500_000, uncertainty: 6 }, host)
  const others = (name: string) => nodes.flatMap((node) => (node.name === name ? [] : [node.name]))
  const status = (at: number, name: string, cut: boolean) => {
    const heard = cut
      ? nodes
          .filter((node) => losers.has(node.name) === losers.has(name) && node.name !== name)
          .map((node) => node.name)
      : others(name)
    return line(
      at,
      {
        type: 'stack',
        answered: true,
        state: cut && losers.has(name) ? 'racing' : 'member',
        members: [name, ...heard],
        links: Object.fromEntries(links.map((link) => [link, heard])),
        active: name === nodes[0]?.name,
        text: `member with ${heard.length} others`,
      },
      name,
    )
  }

  yield line(0, started)
  yield line(1, { type: 'phase', name: 'prepare' })
  const viewers = ['watcher', ...nodes.map(({ name }) => name)]
  for (const host of viewers) yield line(2, { type: 'connection', state: 'connected', reason: 'made up' }, host)
  for (const host of viewers) yield clock(10, host)
  for (const { name } of nodes) yield status(20, name, false)
  for (const host of viewers) for (const lun of luns) yield look(30, host, lun, 'keys')
  for (const lun of luns) yield look(40, 'watcher', lun, 'reservation')
  yield line(45, { type: 'phase', name: 'baseline' })
  yield line(50, { type: 'baseline', green: true, checks: [{ text: 'made up', ok: true, events: [1] }] })

  const rest = Math.max(10, events - seq)
  const step = (end - 100) / rest
  let injected = false
  let raced = false
  let written = 0
  for (let index = 0; index < rest; index += 1) {
    const at = 60 + index * step
    if (!injected && at >= fault) {
      injected = true
      yield line(at, { type: 'phase', name: 'inject' })
      for (const link of links) {
        const target = { node: nodes.at(-1)?.name ?? '', link }
        for (const name of ['applying', 'applied', 'verified'] as const)
          yield line(at, {
            type: 'fault',
            id: `cut-${link}`,
            fault: 'private-link-down',
            target,
            step: name,
            ...(name !== 'applying' && { ok: true }),
          })
      }
      yield line(at, { type: 'phase', name: 'observe' })
    }
    if (!raced && at >= settled) {
      raced = true
      for (const { name } of nodes) yield status(at, name, true)
      for (const name of losers) {
        yield line(at + 1, { type: 'panic-event', source: 'made up' }, name)
        yield line(at + 2, { type: 'console', text: 'Kernel panic - not syncing: made up' }, name)
      }
    }
    const kind = index % 20
    const node = nodes[index % nodes.length]
    if (!node) return
    const alive = !raced || !losers.has(node.name)
    if (kind < 13)
      yield look(
        at,
        alive && index % 4 === 0 ? node.name : 'watcher',
        luns[index % luns.length] as (typeof luns)[number],
        kind % 3 === 2 ? 'reservation' : 'keys',
      )
    else if (kind < 17) {
      written += 1
      const writer = (alive ? node : survivors[0]) ?? node
      yield line(
        at,
        {
          type: 'ledger.write',
          number: written,
          epoch: 1,
          issued: 500 + at / 1000 - 0.02,
          completed: 500 + at / 1000,
          result: written % 997 === 0 ? 'refused' : 'acknowledged',
          errno: written % 997 === 0 ? 52 : 0,
        },
        writer.name,
      )
    } else if (kind < 19) yield clock(at, alive ? node.name : 'watcher')
    else
      yield line(at, { type: 'console', text: `made up line ${index}` }, alive ? node.name : (survivors[0]?.name ?? ''))
  }
  yield line(end, { type: 'phase', name: 'collect' })
  for (const { name } of survivors)
    yield line(
      end + 1,
      { type: 'probe', node: name, reachable: true, boot: `boot of ${name}`, text: 'it answered' },
      name,
    )
  for (const { name } of survivors) yield status(end + 2, name, true)
  yield line(end + 3, { type: 'phase', name: 'restore' })
  yield line(end + 4, { type: 'run.ended', reason: 'complete', files: {} })
}
