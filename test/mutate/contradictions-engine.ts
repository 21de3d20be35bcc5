import type { Line, LineOf } from '../../labs/journal/event.ts'
import { foldFaults, type FaultLife } from '../../labs/journal/faults.ts'
import { ofType } from '../../labs/journal/run.ts'
import type { Change, Variant } from './change.ts'
import { keyOf, changed, inserted, line, type Scene } from './scene.ts'
import { keyedPoints, timed, worldChanged } from './world.ts'

const lives = (scene: Scene): readonly FaultLife[] => foldFaults(scene.lines.filter(({ seq }) => seq < scene.restore))
const named = ({ id }: FaultLife) => id
const step = (life: FaultLife, what: LineOf<'fault'>['step']) => life.steps.findLast((one) => one.step === what)
/** While a fault must be there: from its last verification to where it is taken back, or the end. */
function reign(scene: Scene, life: FaultLife): { readonly from: Line; readonly to: Line } | undefined {
  const reverting = step(life, 'reverting')
  const verified = life.steps.findLast((one) => one.step === 'verified' && one.seq < (reverting?.seq ?? Infinity))
  return verified && { from: verified, to: reverting ?? scene.collect }
}
const ofFaults = (
  kind: string,
  name: string,
  change: (scene: Scene, life: FaultLife) => readonly Line[] | undefined,
): Change => ({
  kind,
  name,
  apply: (scene) =>
    lives(scene).flatMap((life): readonly Variant[] => {
      const lines = change(scene, life)
      return lines ? [[named(life), lines]] : []
    }),
})
const stepChanged =
  (what: LineOf<'fault'>['step'], change: (one: LineOf<'fault'>) => LineOf<'fault'> | undefined) =>
  (scene: Scene, life: FaultLife) => {
    const those = new Set(life.steps.filter((one) => one.step === what).map(({ seq }) => seq))
    return those.size === 0
      ? undefined
      : changed(scene.lines, (one) => (those.has(one.seq) && one.type === 'fault' ? change(one) : one))
  }

/** What a check of a fault printed, turned into the contrary: the link is up, the machine runs, the peer answers. */
export function contrary(one: LineOf<'command'>): LineOf<'command'> | undefined {
  const { purpose, stdout } = one
  if (/^is \S+ of \S+ down$/.test(purpose)) return { ...one, stdout: '0x1003\n' }
  if (/^is \S+ of \S+ up$/.test(purpose)) return { ...one, stdout: '0x1002\n' }
  if (/ a carrier on /.test(purpose)) return { ...one, stdout: stdout.trim() === '0' ? '1\n' : '0\n' }
  if (/^does \S+ answer \S+ over /.test(purpose))
    return one.exit === 0
      ? {
          ...one,
          exit: 1,
          stdout: stdout
            .replace(/\n64 bytes.*\n/, '\n')
            .replace('1 received, 0% packet loss', '0 received, 100% packet loss'),
        }
      : { ...one, exit: 0, stdout: stdout.replace('0 received, 100% packet loss', '1 received, 0% packet loss') }
  if (/^state of the process of /.test(purpose))
    return { ...one, stdout: stdout.replace(/\) ([A-Z]) /, (_, letter: string) => `) ${letter === 'T' ? 'S' : 'T'} `) }
  return undefined
}

/** What the lab saw for itself when it made sure of a fault, before it wrote down that it took. */
function rawAnswers(scene: Scene, life: FaultLife, what: 'verified' | 'gone'): readonly LineOf<'command'>[] {
  const done = step(life, what)
  const begun = step(life, what === 'verified' ? 'applying' : 'reverting')
  if (!done || !begun) return []
  const words = Object.values(life.target).flatMap((one) => one.split(' '))
  return ofType(scene.lines, 'command').filter(
    (one) =>
      one.seq > begun.seq &&
      one.seq < done.seq &&
      contrary(one) !== undefined &&
      (words.length < 2 ? words : words.slice(-1)).some((word) => one.purpose.includes(word)) &&
      words.some((word) => one.purpose.includes(word)),
  )
}

/** Everything that a host says or does between two moments. */
export const frozenNode = (life: FaultLife): string | undefined =>
  life.fault === 'vm-freeze' ? life.target['node'] : undefined

export const engineContradictions: readonly Change[] = [
  ofFaults(
    'faults',
    'it was verified not to have taken',
    stepChanged('verified', (one) => ({ ...one, ok: false, evidence: 'it did not take' })),
  ),
  ofFaults(
    'faults',
    'it was not verified',
    stepChanged('verified', () => undefined),
  ),
  ofFaults('faults', 'it was not verified to be gone', (scene, life) =>
    step(life, 'reverting') ? stepChanged('gone', () => undefined)(scene, life) : undefined,
  ),
  ofFaults('faults', 'it was still there after it was taken back', (scene, life) =>
    step(life, 'reverting') ? stepChanged('gone', (one) => ({ ...one, ok: false }))(scene, life) : undefined,
  ),
  ofFaults('faults', 'it was gone by itself', (scene, life) => {
    const span = reign(scene, life)
    return (
      span &&
      inserted(scene.lines, { before: span.to.seq }, [
        line({
          at: span.to.at,
          type: 'fault',
          id: life.id,
          fault: life.fault,
          target: life.target,
          step: 'gone',
          ok: true,
          evidence: 'it was gone',
        }),
      ])
    )
  }),
  ofFaults('faults', 'it hit another target', (scene, life) => {
    const target = Object.fromEntries(
      Object.entries(life.target).map(([what, name]) => [
        what,
        what === 'node' ? (scene.nodes.find((node) => node !== name) ?? name) : name,
      ]),
    )
    return JSON.stringify(target) === JSON.stringify(life.target)
      ? undefined
      : changed(scene.lines, (one) => (one.type === 'fault' && one.id === life.id ? { ...one, target } : one))
  }),
  ...(['verified', 'gone'] as const).map((what) =>
    ofFaults('raw answers', `what the lab saw when it wrote '${what}' says the contrary`, (scene, life) => {
      const raw = new Set(rawAnswers(scene, life, what).map(({ seq }) => seq))
      return raw.size === 0
        ? undefined
        : changed(scene.lines, (one) => (raw.has(one.seq) && one.type === 'command' ? contrary(one) : one))
    }),
  ),
  ofFaults('lapsed faults', 'the process of the frozen machine runs, in the middle', (scene, life) => {
    const span = reign(scene, life)
    const node = frozenNode(life)
    if (!span || node === undefined) return undefined
    const pid = ofType(scene.lines, 'process').find((one) => one.node === node)?.pid ?? 1
    return inserted(scene.lines, { after: span.from.seq }, [
      line({ at: span.from.at, host: 'here', type: 'process', node, pid, state: 'S' }),
    ])
  }),
  ofFaults('lapsed faults', 'the clock of the frozen machine goes on', (scene, life) => {
    const span = reign(scene, life)
    const node = frozenNode(life)
    const before = ofType(scene.lines, 'clock').findLast((one) => one.host === node && one.seq < (span?.from.seq ?? 0))
    if (!span || node === undefined || !before) return undefined
    const at = (span.from.at + span.to.at) / 2
    const place = scene.lines.findLast((one) => one.at <= at) ?? span.from
    return inserted(scene.lines, { after: place.seq }, [
      line({
        at: place.at,
        host: node,
        hostAt: (place.at - before.offset) / 1000,
        type: 'clock',
        boot: before.boot,
        offset: before.offset,
        uncertainty: 20,
      }),
    ])
  }),
  ofFaults('lapsed faults', 'the log of the frozen machine goes on', (scene, life) => {
    const span = reign(scene, life)
    const node = frozenNode(life)
    if (!span || node === undefined) return undefined
    const place = scene.lines.findLast((one) => one.at <= (span.from.at + span.to.at) / 2) ?? span.from
    return inserted(scene.lines, { after: place.seq }, [
      line({
        ...timed(scene, node, place.at),
        type: 'stack.log',
        text: 'a message of 40 bytes came',
        code: 'link-trouble',
      }),
    ])
  }),
  ofFaults('lapsed faults', 'the frozen machine writes, acknowledged', (scene, life) => {
    const span = reign(scene, life)
    const node = frozenNode(life)
    const last = ofType(scene.lines, 'ledger.write').findLast(
      (one) => one.host === node && one.seq < (span?.from.seq ?? 0),
    )
    if (!span || node === undefined || !last) return undefined
    const place = scene.lines.findLast((one) => one.at <= span.from.at + (span.to.at - span.from.at) / 3) ?? span.from
    const { hostAt = 0, ...envelope } = timed(scene, node, place.at)
    return inserted(scene.lines, { after: place.seq }, [
      line({
        ...envelope,
        hostAt,
        type: 'ledger.write',
        number: last.number + 1,
        epoch: last.epoch,
        issued: hostAt - 0.05,
        completed: hostAt - 0.01,
        result: 'acknowledged',
        errno: 0,
      }),
    ])
  }),
  ofFaults('lapsed faults', 'who is cut off is heard on the link, in the middle', (scene, life) => {
    const span = reign(scene, life)
    const links =
      life.fault === 'partition'
        ? scene.started.testbed.links
        : [life.target['link'] ?? ''].filter((link) => link !== '')
    if (!span || links.length === 0) return undefined
    const status =
      ofType(scene.lines, 'stack').findLast(
        (one) => one.links !== undefined && one.answered && one.at > span.from.at + 1000 && one.seq < span.to.seq,
      ) ??
      ofType(scene.lines, 'stack').findLast(
        (one) =>
          one.links !== undefined &&
          one.answered &&
          one.seq > span.to.seq &&
          span.to === scene.collect &&
          one.seq < scene.restore,
      )
    const other = scene.nodes.find(
      (node) =>
        node !== status?.host && (life.target['side'] === undefined || !sameSide(life, node, status?.host ?? '')),
    )
    if (!status || other === undefined) return undefined
    return inserted(scene.lines, { after: status.seq }, [
      {
        ...status,
        seq: 0,
        ...(status.hostAt !== undefined && { hostAt: status.hostAt + 0.2 }),
        links: { ...status.links, ...Object.fromEntries(links.map((link) => [link, [other]])) },
      },
    ])
  }),
  ofFaults('lapsed faults', 'the outlet is on, in the middle', (scene, life) => {
    const span = reign(scene, life)
    const off = ofType(scene.lines, 'outlet').find(
      (one) =>
        one.state === 'off' &&
        one.seq < (span?.from.seq ?? 0) &&
        one.seq > (step(life, 'applying')?.seq ?? Infinity) &&
        Object.values(life.target).some((name) => one.feeds.includes(name)),
    )
    const place = span && scene.lines.findLast((one) => one.at <= (span.from.at + span.to.at) / 2)
    if (!span || !off || !place) return undefined
    return inserted(scene.lines, { after: Math.max(place.seq, span.from.seq) }, [
      { ...off, seq: 0, at: Math.max(place.at, span.from.at), state: 'on' },
    ])
  }),
  {
    kind: 'baseline',
    name: 'it was not green',
    apply: (scene) => [['', changed(scene.lines, (one) => (one.type === 'baseline' ? { ...one, green: false } : one))]],
  },
  {
    kind: 'baseline',
    name: 'one check failed',
    apply: (scene) => [
      [
        '',
        changed(scene.lines, (one) =>
          one.type === 'baseline'
            ? { ...one, checks: one.checks.map((check, index) => (index === 0 ? { ...check, ok: false } : check)) }
            : one,
        ),
      ],
    ],
  },
  {
    kind: 'baseline',
    name: 'there was none',
    apply: (scene) => [['', scene.lines.filter(({ type }) => type !== 'baseline')]],
  },
  ...baselineLooks(),
  {
    kind: 'baseline',
    name: 'a node was no member, as its stack says before',
    apply: (scene) =>
      memberNames(scene).map((node): Variant => [
        node,
        changed(scene.lines, (one) =>
          one.type === 'stack' && one.host === node && one.seq < scene.injected.seq && one.answered
            ? { ...one, state: 'joining', members: [], text: 'joining' }
            : one,
        ),
      ]),
  },
  {
    kind: 'baseline',
    name: 'a node heard nobody on a link, as its stack says before',
    apply: (scene) =>
      memberNames(scene).map((node): Variant => [
        node,
        changed(scene.lines, (one) =>
          one.type === 'stack' && one.host === node && one.seq < scene.injected.seq && one.links
            ? { ...one, links: { ...one.links, [Object.keys(one.links)[0] ?? 'priv1']: [] } }
            : one,
        ),
      ]),
  },
  {
    kind: 'baseline',
    name: 'the group ran nowhere, as the stacks say before',
    apply: (scene) => [
      [
        '',
        changed(scene.lines, (one) =>
          one.type === 'stack' && one.seq < scene.injected.seq && one.active ? { ...one, active: false } : one,
        ),
      ],
    ],
  },
  {
    kind: 'operations',
    name: 'it did not succeed',
    apply: (scene) =>
      operationsOf(scene, 'done').map((done): Variant => [
        label(done),
        changed(scene.lines, (one) => (one === done ? { ...done, ok: false, evidence: 'it did not succeed' } : one)),
      ]),
  },
  {
    kind: 'operations',
    name: 'it never ended',
    apply: (scene) =>
      operationsOf(scene, 'done').map((done): Variant => [label(done), scene.lines.filter((one) => one !== done)]),
  },
  {
    kind: 'operations',
    name: 'it was done to another node',
    apply: (scene) =>
      operationsOf(scene, 'begun').flatMap((begun): readonly Variant[] => {
        const other = scene.nodes.find((node) => !begun.nodes.includes(node))
        return begun.nodes.length === 0 || other === undefined
          ? []
          : [
              [
                label(begun),
                changed(scene.lines, (one) =>
                  one.type === 'operation' &&
                  one.operation === begun.operation &&
                  one.seq >= begun.seq &&
                  one.nodes.join() === begun.nodes.join()
                    ? { ...one, nodes: [other] }
                    : one,
                ),
              ],
            ]
      }),
  },
  {
    kind: 'roles',
    name: 'they were bound the wrong way round',
    apply: (scene) =>
      ofType(scene.lines, 'roles').length === 0
        ? []
        : [
            [
              '',
              changed(scene.lines, (one) =>
                one.type === 'roles'
                  ? { ...one, roles: { ...one.roles, A: one.roles['B'] ?? '', B: one.roles['A'] ?? '' } }
                  : one,
              ),
            ],
          ],
  },
  {
    kind: 'roles',
    name: 'they were not bound',
    apply: (scene) =>
      ofType(scene.lines, 'roles').length === 0 ? [] : [['', scene.lines.filter(({ type }) => type !== 'roles')]],
  },
  {
    kind: 'checkpoints',
    name: 'it was not reached',
    apply: (scene) =>
      ofType(scene.lines, 'checkpoint')
        .filter((one) => one.step === 'done')
        .map((done): Variant => [done.name, scene.lines.filter((one) => one !== done)]),
  },
  {
    kind: 'the end of the run',
    name: 'it was stopped',
    apply: (scene) => [
      ['', changed(scene.lines, (one) => (one.type === 'run.ended' ? { ...one, reason: 'stopped' } : one))],
    ],
  },
  {
    kind: 'the end of the run',
    name: 'it ended with an error',
    apply: (scene) => [
      [
        '',
        changed(scene.lines, (one) =>
          one.type === 'run.ended' ? { ...one, reason: 'error', error: 'an error' } : one,
        ),
      ],
    ],
  },
]

function baselineLooks(): readonly Change[] {
  const keyed = (
    name: string,
    luns: (scene: Scene) => readonly string[],
    change: (scene: Scene, lun: string) => Parameters<typeof worldChanged>[3],
  ): Change => ({
    kind: 'baseline',
    name,
    apply: (scene) =>
      scene.keyed
        ? luns(scene).map((lun): Variant => [lun, worldChanged(scene, lun, 0, change(scene, lun), scene.injected.seq)])
        : [],
  })
  return [
    keyed(
      'no reservation, as everybody saw before',
      ({ dataDisks }) => dataDisks,
      () => ({ held: () => null }),
    ),
    keyed(
      'a node was not registered on the data disk, as everybody saw before',
      ({ dataDisks }) => dataDisks,
      (scene, lun) => ({ keys: (keys) => keys.filter((key) => key !== keyOf(scene, scene.nodes[1] ?? '', lun)) }),
    ),
    keyed(
      'a node was not registered on a point, as everybody saw before',
      (scene) => keyedPoints(scene).slice(0, 1),
      (scene, lun) => ({ keys: (keys) => keys.filter((key) => key !== keyOf(scene, scene.nodes[1] ?? '', lun)) }),
    ),
    keyed(
      'a stranger was registered, as everybody saw before',
      (scene) => [...scene.dataDisks, ...keyedPoints(scene).slice(0, 1)],
      () => ({ keys: (keys) => [...keys, '0x5354524e47455221'] }),
    ),
  ]
}

const memberNames = (scene: Scene): readonly string[] => {
  const roles = scene.started.scenario.members
  return roles ? roles.flatMap((role) => scene.started.roles[role] ?? []) : scene.nodes
}
const operationsOf = (scene: Scene, what: 'begun' | 'done') =>
  ofType(scene.lines, 'operation').filter((one) => one.step === what && one.seq < scene.restore)
const label = ({ operation, nodes, seq }: LineOf<'operation'>) => [operation, ...nodes, `(${seq})`].join(' ')
const sameSide = (life: FaultLife, one: string, other: string) => {
  const side = (life.target['side'] ?? '').split(' ')
  return side.includes(one) === side.includes(other)
}
