/**
 * A small language for hand-written recordings. An entry is an event with the lab's time and the host that saw it; the
 * numbering comes last, so that a test can take entries away, put others in or change them.
 */
import type {
  BlockRead,
  Event,
  EventType,
  KeysRead,
  LedgerRecord,
  Line,
  SgAnswer,
  WriteTry,
} from '../../../labs/journal/event.ts'
import { faultNamed } from '../../../labs/faults/faults.ts'
import { readTestbed } from '../../../labs/testbed-file/read-testbed.ts'
import type { Condition, Rule, Scenario, Step } from '../../../labs/scenarios/scenario.ts'

export interface Entry {
  readonly at: number
  readonly event: Event
  readonly host?: string
  readonly hostAt?: number
}

/** Lab time 0 is so many seconds after the boot of each host. `#2` is the life of a node that was started anew at 5000. */
const uptimes = {
  nodea: 100,
  nodeb: 200,
  nodec: 400,
  noded: 500,
  observer: 300,
  'nodea#2': -5,
  'nodeb#2': -5,
} as const
export const boots = {
  nodea: 'boot-a-1',
  nodeb: 'boot-b-1',
  nodec: 'boot-c-1',
  noded: 'boot-d-1',
  observer: 'boot-o-1',
  'nodea#2': 'boot-a-2',
  'nodeb#2': 'boot-b-2',
} as const
export const keys = { nodea: '0xa', nodeb: '0xb', nodec: '0xc', noded: '0xd' } as const
export type Node = keyof typeof keys
export type Life = Node | 'nodea#2' | 'nodeb#2'
/** The host of a life. */
const hostOf = (life: string): string => life.replace(/#.*/, '')
const nodeOf = (life: Life): Node => hostOf(life) as Node
export const coordination = ['coord1', 'coord2', 'coord3'] as const
export const links = ['priv1', 'priv2'] as const
export const luns = [...coordination, 'data1'] as const

/** Seconds since the boot of `host` at a lab time in milliseconds. */
export const clockOf = (host: string, at: number): number => uptimeOf(host) + at / 1000
const uptimeOf = (host: string): number => (uptimes as Readonly<Record<string, number>>)[host] ?? 0

export const on = (host: string, at: number, event: Event): Entry => ({
  at,
  event,
  host: hostOf(host),
  hostAt: clockOf(host, at),
})
export const lab = (at: number, event: Event): Entry => ({ at, event })

/** Numbers the entries, in their order. */
export function recorded(entries: readonly (Entry | readonly Entry[])[]): readonly Line[] {
  return entries.flat().map(({ at, event, host, hostAt }, index) => ({
    seq: index + 1,
    at,
    ...(host === undefined ? {} : { host }),
    ...(hostAt === undefined ? {} : { hostAt }),
    prev: '0'.repeat(64),
    ...event,
  }))
}

export const scenario = (
  name: string,
  rules: readonly Rule[],
  steps: readonly Step[],
  over: Partial<Scenario> = {},
): Scenario => ({
  name,
  title: name,
  document: { event: name, nodes: { A: '', B: '' }, operatorAction: '' },
  source: { document: 'test', place: 'test' },
  policy: 'coordinator-race',
  steps,
  expected: { A: ['running', 'panicked'], B: ['running', 'panicked'] },
  rules,
  ...over,
})

export interface TestbedOptions {
  readonly nodes?: readonly Node[]
  /** the nodes hang on outlets, pdu/1 and so on, and the LUNs are on arrays, most points on array2 */
  readonly powered?: boolean
  /** the cluster registers no keys */
  readonly keyless?: boolean
}

export function started(
  row: Scenario,
  { nodes = ['nodea', 'nodeb'], powered = false, keyless = false }: TestbedOptions = {},
): Entry {
  return lab(0, {
    type: 'run.started',
    format: 1,
    fencelab: '0.1.0',
    wall: '2026-11-22T10:00:00Z',
    run: 'run-1',
    scenario: row,
    testbed: {
      name: 'test',
      file: 'test.yaml',
      text: testbedText(nodes),
      nodes: nodes.map((name, id) => ({
        name,
        id,
        keys: {
          // an attacker or a defender registers on the data disk alone
          coordination: keyless || row.policy === 'attacker-defender' ? '' : keys[name],
          data: keyless ? '' : keys[name],
        },
        panicWitnesses: ['panic-event', 'console'],
        ...(powered && { outlets: [outletOf(name)] }),
      })),
      links: [...links],
      luns: luns.map((name) => ({
        name,
        wwid: `naa.${name}`,
        use: name === 'data1' ? 'data' : 'coordination',
        ...(powered && { array: /[23]$/.test(name) ? 'array2' : 'array1' }),
      })),
      stack: { kind: 'reference', policy: row.policy, parameters: row.parameters ?? {} },
      scsiTimeout: 100,
    },
    roles: Object.fromEntries(nodes.map((name, id) => [String.fromCharCode(65 + id), name])),
  })
}
/** The file of that testbed, as far as faults need it. */
export const testbedText = (nodes: readonly Node[] = ['nodea', 'nodeb']): string => `name: test
destructive: true
ssh: { user: root, key: /lab/id }
hosts:
${nodes
  .map(
    (node, id) => `  ${node}:
    role: node
    ssh: { address: 10.0.0.1${id} }
    node:
      id: ${id}
      outlets: [${outletOf(node)}]
      links: { priv1: { interface: eth1, address: 10.1.0.1${id} }, priv2: { interface: eth2, address: 10.2.0.1${id} } }
      console: { host: here, file: /lab/${node}.console }
      vm: { hypervisor: here, pidfile: /lab/${node}.pid, events: /lab/${node}.events }
`,
  )
  .join('')}  array1: { role: array, ssh: { address: 10.0.0.21 }, array: { view: lio, outlets: [pdu/21] } }
  array2: { role: array, ssh: { address: 10.0.0.22 }, array: { view: lio, outlets: [pdu/22] } }
  observer: { role: observer, ssh: { address: 10.0.0.31 } }
  here: { role: hypervisor, transport: local }
links:
  priv1: { switch: { outlets: [pdu/31] } }
  priv2: { switch: { outlets: [pdu/32] } }
luns:
${luns
  .map((lun, index) => {
    const use = lun === 'data1' ? 'data' : 'coordination'
    const array = /[23]$/.test(lun) ? 'array2' : 'array1'
    return `  ${lun}: { wwid: naa.6001405fe1ab0000000000000000000${index}, use: ${use}, array: ${array} }
`
  })
  .join('')}power:
  pdu: { driver: apc-snmp, address: 10.0.0.40, model: rpdu, communityVariable: TEST_COMMUNITY }
stack: { kind: reference, policy: coordinator-race, cluster: fe01, times: { heartbeatInterval: 100ms, peerTimeout: 500ms } }
`

const outletOf = (node: string): string => `pdu/${Object.keys(keys).indexOf(node) + 1}`

export const ended = (at: number): Entry => lab(at, { type: 'run.ended', reason: 'complete', files: {} })
export const phase = (at: number, name: Extract<Event, { type: 'phase' }>['name']): Entry =>
  lab(at, { type: 'phase', name })

export const clocks = (at: number, hosts: readonly (keyof typeof boots)[] = ['nodea', 'nodeb', 'observer']): Entry[] =>
  hosts.map((host) =>
    on(host, at, { type: 'clock', boot: boots[host], offset: -uptimeOf(host) * 1000, uncertainty: 2 }),
  )

export function keysText(generation: number, list: readonly string[]): string {
  const head = `  PR generation=0x${generation.toString(16)}, `
  if (list.length === 0) return `${head}there are NO registered reservation keys\n`
  const count =
    list.length === 1 ? '1 registered reservation key follows' : `${list.length} registered reservation keys follow`
  return `${head}${count}:\n${list.map((key) => `    ${key}\n`).join('')}`
}

export function reservationText(
  generation: number,
  key: string | null,
  words = 'Write Exclusive, registrants only',
): string {
  const head = `  PR generation=0x${generation.toString(16)}, `
  if (key === null) return `${head}there is NO reservation held\n`
  return `${head}Reservation follows:\n    Key=${key}\n    scope: LU_SCOPE,  type: ${words}\n`
}

/** The bytes of an empty table: the generation, and that nothing follows (SPC-4, READ KEYS parameter data). */
const bytesOf = (stdout: string): { readonly bytes?: string } => {
  const [, generation] = /generation=0x([0-9a-f]+), there (?:are|is) NO /.exec(stdout) ?? []
  return generation === undefined ? {} : { bytes: `${generation.padStart(8, '0')}00000000` }
}

/** A look that took from 60 to 10 ms before its line. */
export function look(
  host: string,
  at: number,
  lun: string,
  action: KeysRead['action'],
  stdout: string,
  over: Partial<KeysRead> = {},
): Entry {
  return on(host, at, {
    type: 'keys',
    lun,
    device: '/dev/sda',
    action,
    exit: 0,
    stdout,
    stderr: '',
    began: clockOf(host, at - 60),
    ended: clockOf(host, at - 10),
    attempt: 1,
    ...bytesOf(stdout),
    ...over,
  })
}
export const failedLook = (host: string, at: number, lun: string): Entry =>
  look(host, at, lun, 'keys', '', { exit: 6, stderr: 'PR in (Read keys): unit attention\n' })

/** One host's look at the keys of every LUN and at the reservation of the data disk. */
export const looks = (
  host: string,
  at: number,
  generation: number,
  registered: readonly string[],
  holder: string | null,
): Entry[] => [
  ...luns.map((lun) => look(host, at, lun, 'keys', keysText(generation, registered))),
  look(host, at, 'data1', 'reservation', reservationText(generation, holder)),
]

export const member = (host: Life, at: number, over: Partial<Extract<Event, { type: 'stack' }>> = {}): Entry =>
  on(host, at, {
    type: 'stack',
    answered: true,
    state: 'member',
    members: ['nodea', 'nodeb'],
    // whoever is a member with others hears them
    links: heardOnAll((over.members ?? ['nodea', 'nodeb']).filter((name) => name !== nodeOf(host))),
    active: false,
    text: '',
    ...over,
  })
const heardOnAll = (nodes: readonly string[]) => Object.fromEntries(links.map((link) => [link, nodes]))
/** What a stack says that is no member. */
export const says = (
  host: Life,
  at: number,
  state: NonNullable<Extract<Event, { type: 'stack' }>['state']>,
  text = '',
): Entry => member(host, at, { state, text, members: [] })

export const message = (
  host: Life,
  at: number,
  code: string,
  text: string,
  data?: Readonly<Record<string, unknown>>,
): Entry => on(host, at, { type: 'stack.log', code, text, ...(data && { data }) })

export const write = (
  host: Life,
  issued: number,
  number: number,
  epoch = 1,
  result: 'acknowledged' | 'refused' | 'failed' = 'acknowledged',
): Entry =>
  on(host, issued + 30, {
    type: 'ledger.write',
    number,
    epoch,
    issued: clockOf(host, issued),
    completed: clockOf(host, issued + 20),
    result,
    errno: result === 'acknowledged' ? 0 : 52,
  })

/** A write every 500 ms. */
export const writing = (host: Life, from: number, to: number, first: number, epoch = 1): Entry[] =>
  Array.from({ length: Math.floor((to - from) / 500) + 1 }, (_, index) =>
    write(host, from + index * 500, first + index, epoch),
  )

export const record = (node: Life, issued: number, number: number, epoch = 1): LedgerRecord => ({
  node: nodeOf(node),
  number,
  epoch,
  issued: clockOf(node, issued),
  boot: boots[node],
})

/** What is on the disk where every write that was acknowledged is; `lives` says in which boot each was. */
export const recordsOf = (entries: readonly Entry[], lives: readonly Life[] = ['nodea', 'nodeb']): LedgerRecord[] =>
  entries.flatMap(({ event, host, hostAt = 0, at }) => {
    if (event.type !== 'ledger.write' || event.result !== 'acknowledged') return []
    const life = lives.find((one) => hostOf(one) === host && Math.abs(clockOf(one, at) - hostAt) < 1)
    return life ? [record(life, (event.issued - uptimeOf(life)) * 1000, event.number, event.epoch)] : []
  })

/** A reading of the ledger; `shared` where the cluster keeps a log that all nodes write to. */
export const scan = (
  host: string,
  at: number,
  when: Extract<Event, { type: 'ledger.scan' }>['when'],
  records: readonly LedgerRecord[],
  shared?: readonly LedgerRecord[],
): Entry =>
  on(host, at, {
    type: 'ledger.scan',
    when,
    lun: 'data1',
    began: clockOf(host, at - 40),
    records,
    ...(shared && { shared }),
  })

/** The group starts on a node that took it over: it reads the disk, and then tells of it. */
export const takesOver = (
  host: Life,
  at: number,
  epoch: number,
  records: readonly LedgerRecord[],
  shared?: readonly LedgerRecord[],
): Entry[] => [
  scan(host, at, 'takeover', records, shared),
  message(host, at + 50, 'group-started', `the group is active here, epoch ${epoch}`, { epoch }),
]

type FaultStepName = Extract<Event, { type: 'fault' }>['step']
export const fault = (
  at: number,
  id: string,
  target: Readonly<Record<string, string>>,
  step: FaultStepName,
  ok?: boolean,
): Entry => lab(at, { type: 'fault', id, fault: faultNameOf(id), target, step, ...(ok === undefined ? {} : { ok }) })

/** The faults of the rows, by their ids. */
const faultNames: readonly (readonly [RegExp, string])[] = [
  [/^cut/, 'private-link-down'],
  [/^freeze/, 'vm-freeze'],
  [/^network/, 'private-network-off'],
  [/^array/, 'array-power-off'],
  [/^cleared/, 'keys-cleared'],
  [/^part/, 'partition'],
  [/-crash$/, 'node-crash'],
  [/^.-(off|down|dead)$/, 'node-power-off'],
]
const faultNameOf = (id: string): string => faultNames.find(([pattern]) => pattern.test(id))?.[1] ?? id

export const applyFault = (
  at: number,
  id: string,
  target: Readonly<Record<string, string>>,
  nodes?: readonly Node[],
): Entry[] => [
  fault(at, id, target, 'applying'),
  fault(at + 20, id, target, 'applied', true),
  ...answers(at + 30, id, target, 'there', nodes),
  fault(at + 40, id, target, 'verified', true),
]
export const revertFault = (
  at: number,
  id: string,
  target: Readonly<Record<string, string>>,
  nodes?: readonly Node[],
): Entry[] => [
  fault(at, id, target, 'reverting'),
  fault(at + 20, id, target, 'reverted', true),
  ...answers(at + 30, id, target, 'gone', nodes),
  fault(at + 40, id, target, 'gone', true),
]

/** What is answered to the questions whether a fault is there, by those who must answer for it to be believed. */
export function answers(
  at: number,
  id: string,
  target: Readonly<Record<string, string>>,
  state: 'there' | 'gone',
  nodes?: readonly Node[],
): Entry[] {
  const read = readTestbed(testbedText(nodes), 'test.yaml')
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const plan = faultNamed(faultNameOf(id))?.plan(read.testbed, target, {
    id: `run-1-${id}`,
    deadManSeconds: 30,
    process: 7,
  })
  const checks = (state === 'there' ? plan?.verify : plan?.gone) ?? []
  return checks.flatMap((check): Entry[] => {
    if (check.kind === 'outlets') {
      const feeds = Object.values(target)
      return check.outlets.map((outlet) =>
        lab(at, { type: 'outlet', outlet, state: check.on ? 'on' : 'off', feeds: [...feeds] }),
      )
    }
    if (check.kind === 'reach' && check.wanted === 'answers')
      return [answered(at, check.host, check.purpose, ['true'], '')]
    if (check.kind !== 'command' || check.secondWitness) return []
    const stdout = answerOf(faultNameOf(id), state, nodes)
    return [answered(at, check.host, check.purpose, check.argv, stdout, traceOf(stdout))]
  })
}
const answered = (
  at: number,
  host: string,
  purpose: string,
  argv: readonly string[],
  stdout: string,
  stderr = '',
): Entry => ({
  at,
  host,
  event: { type: 'command', purpose, argv, exit: 0, expected: [0], stdout, stderr, milliseconds: 5 },
})
/** What `sg_persist -vvv` adds to an empty table. */
const traceOf = (stdout: string): string => {
  const { bytes = '' } = bytesOf(stdout)
  const pairs = bytes.match(/../g)?.join(' ')
  return pairs === undefined ? '' : `    Persistent reservation in: response:\n ${pairs}\n`
}

function answerOf(name: string, state: 'there' | 'gone', nodes: readonly Node[] = ['nodea', 'nodeb']): string {
  const isThere = state === 'there'
  switch (name) {
    case 'private-link-down':
      return isThere ? '0x1002\n' : '0x1003\n'
    case 'vm-freeze':
      return `7 (qemu) ${isThere ? 'T' : 'S'} 1\n`
    case 'keys-cleared':
      return keysText(5, isThere ? [] : nodes.map((node) => keys[node]))
    case 'partition':
      return isThere ? nodes.map((_, id) => `blackhole 10.1.0.1${id}\nblackhole 10.2.0.1${id}\n`).join('') : ''
    default:
      throw new Error(`what is answered about ${name}?`)
  }
}

type OperationEvent = Extract<Event, { type: 'operation' }>
/** What the operator does: begun, and done. */
export const operated = (
  begun: number,
  done: number,
  operation: OperationEvent['operation'],
  ...nodes: readonly Node[]
): Entry[] => [
  lab(begun, { type: 'operation', operation, nodes, step: 'begun' }),
  lab(done, { type: 'operation', operation, nodes, step: 'done', ok: true, evidence: 'done' }),
]
export const boundTo = (at: number, roles: Readonly<Record<string, Node>>): Entry => lab(at, { type: 'roles', roles })
export const bootOf = (life: Life, at: number): Entry => on(life, at, { type: 'boot', boot: boots[life] })
export const checkpoint = (at: number, name: string, step: 'begun' | 'done'): Entry =>
  lab(at, { type: 'checkpoint', name, step })
export const outlet = (at: number, node: Node, state: 'on' | 'off' | 'unknown'): Entry =>
  lab(at, { type: 'outlet', outlet: outletOf(node), state, feeds: [node] })
export const awaited = (at: number, condition: Condition): Entry =>
  lab(at, { type: 'await', condition, met: true, seconds: 1 })

export const panic = (host: Node, at: number): Entry[] => [
  { at, host, event: { type: 'panic-event', source: 'QMP GUEST_PANICKED' } },
  { at: at + 5, host, event: { type: 'console', text: 'fencelab: this node was ejected' } },
  { at: at + 10, host, event: { type: 'console', text: 'Kernel panic - not syncing: sysrq triggered crash' } },
]

export const probe = (at: number, node: Node, boot?: string): Entry =>
  lab(at, { type: 'probe', node, reachable: boot !== undefined, ...(boot === undefined ? {} : { boot }), text: '' })

export const process = (at: number, node: Node, state: string): Entry =>
  lab(at, { type: 'process', node, pid: 7, state })

export const green = (at: number, over: Partial<Extract<Event, { type: 'baseline' }>> = {}): Entry =>
  lab(at, { type: 'baseline', green: true, checks: [{ text: 'all keys there', ok: true, events: [6] }], ...over })

/** Entries by their time; those of one moment in the order in which they are given. */
export const inTime = (...entries: readonly (Entry | readonly Entry[])[]): Entry[] =>
  entries.flat().toSorted((a, b) => a.at - b.at)

/** An event without one of its fields. */
export function lacking<E extends Event>(event: E, field: string): E {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== field)) as unknown as E
}

/** Entries without those of a type (and, where given, only those that also satisfy `which`). */
export const without = (
  entries: readonly Entry[],
  type: EventType,
  which: (entry: Entry) => boolean = () => true,
): Entry[] => entries.filter((entry) => entry.event.type !== type || !which(entry))

/** As an engine recorded it that tried no writes and read the ledger once (before revision 3). */
export const withoutLateEvidence = (entries: readonly Entry[]): Entry[] =>
  without(without(entries, 'write-try'), 'ledger.scan', ({ event }) => 'when' in event && event.when === 'late')

/** Entries with others put in by their time. */
export const plus = (entries: readonly Entry[], ...more: readonly Entry[]): Entry[] =>
  more.reduce<Entry[]>(
    (list, one) => {
      const place = list.findIndex((entry) => entry.at > one.at)
      return place === -1 ? [...list, one] : list.toSpliced(place, 0, one)
    },
    [...entries],
  )

/** Entries with those of a type changed. */
export function changed<T extends EventType>(
  entries: readonly Entry[],
  type: T,
  change: (event: Extract<Event, { type: T }>, entry: Entry) => Event,
): Entry[] {
  return entries.map((entry) =>
    entry.event.type === type ? { ...entry, event: change(entry.event as Extract<Event, { type: T }>, entry) } : entry,
  )
}

/** How sg_raw ended, from 20 to 10 ms before `at`. */
export const sgAnswer = (host: string, at: number, exit: number, stderr = ''): SgAnswer => ({
  exit,
  stdout: '',
  stderr,
  began: clockOf(host, at - 20),
  ended: clockOf(host, at - 10),
})
const [empty, sent] = ['0'.repeat(64), 'f'.repeat(64)]
export const blockRead = (host: string, at: number, sha256: string): BlockRead => ({
  ...sgAnswer(host, at, 0, 'SCSI Status: Good\n'),
  host,
  sha256,
})

/** A host tries to write where it must not, and is refused; the observer reads the block. */
export const refusedTry = (host: string, at: number, over: Partial<WriteTry> = {}): Entry =>
  on(host, at, {
    type: 'write-try',
    why: 'end',
    lun: 'data1',
    device: '/dev/sdd',
    block: 0,
    wrote: sent,
    answers: [sgAnswer(host, at, 24, 'SCSI Status: Reservation Conflict\n')],
    before: blockRead('observer', at - 30, empty),
    after: blockRead('observer', at, empty),
    ...over,
  })
/** A host writes where nothing protects, and is seen to. */
export const controlTry = (host: string, at: number, over: Partial<WriteTry> = {}): Entry =>
  refusedTry(host, at, {
    why: 'control',
    lun: 'coord1',
    answers: [sgAnswer(host, at, 0, 'SCSI Status: Good\n')],
    before: blockRead(host, at - 30, empty),
    after: blockRead(host, at, sent),
    ...over,
  })
export const landed = (at: number): Partial<WriteTry> => ({
  answers: [sgAnswer('observer', at, 0, 'SCSI Status: Good\n')],
  after: blockRead('observer', at, sent),
})

/**
 * What is provoked while everything is collected: the observer is refused, and so is everybody else who is alive and no
 * member; each is seen to write on a coordination point before. And who goes on reads the ledger once more.
 */
export const provoked = (
  at: number,
  after: readonly Entry[],
  [records, shared]: readonly [records: readonly LedgerRecord[], shared?: readonly LedgerRecord[]],
  shutOut: readonly Node[] = [],
): Entry[] => {
  const members = after.flatMap(({ event, host, at: when, hostAt = 0 }) => {
    if (event.type !== 'stack' || event.state !== 'member' || host === undefined) return []
    const lives = Object.keys(uptimes).filter((life) => hostOf(life) === host)
    return [{ host, life: lives.find((life) => clockOf(life, when) === hostAt) ?? host, active: event.active }]
  })
  const alive = after.flatMap(({ event }) => (event.type === 'probe' && event.reachable ? [event.node] : []))
  const others = alive.filter((node) => !members.some(({ host }) => host === node))
  const reader = members.find(({ active }) => active)?.life
  return [
    controlTry('observer', at + 680),
    refusedTry('observer', at + 700),
    ...[...others, ...shutOut].flatMap((node) => [controlTry(node, at + 720), refusedTry(node, at + 740)]),
    ...(reader === undefined ? [] : [scan(reader, at + 800, 'late', records, shared)]),
  ]
}
