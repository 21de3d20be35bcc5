import type { Line, LineOf, StackStatus } from '../../labs/journal/event.ts'
import { ofType } from '../../labs/journal/run.ts'
import { isPanicLine } from '../../labs/journal/panic-line.ts'
import type { Change, Variant } from './change.ts'
import { bootAt, changed, inserted, line, type Scene } from './scene.ts'
import { ownerOf, timed } from './world.ts'

type Panic = LineOf<'panic-event'>

/** Panics that the lab saw, and the moment until which the node was dead: it was started again, or the lab looked for the last time. */
function deaths(scene: Scene): readonly { readonly panic: Panic; readonly node: string; readonly until: Line }[] {
  return ofType(scene.lines, 'panic-event').flatMap((panic) => {
    if (panic.host === undefined || panic.seq > scene.collect.seq || panic.seq < scene.injected.seq) return []
    const node = panic.host
    const again = scene.lines.find(
      (one) =>
        one.seq > panic.seq &&
        ((one.type === 'operation' &&
          one.operation === 'restart' &&
          one.step === 'begun' &&
          one.nodes.includes(node)) ||
          (one.type === 'fault' && one.fault === 'node-power-off' && one.target['node'] === node)),
    )
    const until = again && again.seq < scene.collect.seq ? again : scene.collect
    return until.at - panic.at > 1000 ? [{ panic, node, until }] : []
  })
}

const afterDeath = (
  name: string,
  signs: (scene: Scene, death: ReturnType<typeof deaths>[number], boot: string) => Line,
): Change => ({
  kind: 'life after a panic',
  name,
  apply: (scene) =>
    deaths(scene).flatMap((death): readonly Variant[] => {
      const boot = bootAt(scene, death.node, death.panic.seq)
      if (boot === undefined) return []
      const sign = signs(scene, death, boot)
      const place = death.until === scene.collect ? { after: scene.collect.seq } : { before: death.until.seq }
      return [[death.node, inserted(scene.lines, place, [sign])]]
    }),
})

const withoutLines = (
  kind: string,
  name: string,
  which: (scene: Scene, one: Line, node: string) => boolean,
): Change => ({
  kind,
  name,
  apply: (scene) =>
    [...new Set(deaths(scene).map(({ node }) => node))].map((node): Variant => [
      node,
      scene.lines.filter((one) => one.seq > scene.restore || !which(scene, one, node)),
    ]),
})
const isPanicEvent = (_: Scene, one: Line, node: string) => one.type === 'panic-event' && one.host === node
const isPanicConsole = (_: Scene, one: Line, node: string) =>
  one.type === 'console' && one.host === node && isPanicLine(one.text)

/** The last status of a node, from after everybody was asked. */
const finalStatus = (scene: Scene, node: string) =>
  ofType(scene.lines, 'stack').findLast(
    (one) => one.host === node && one.seq > scene.collect.seq && one.seq < scene.restore,
  )

const finally_ = (
  name: string,
  change: (scene: Scene, status: LineOf<'stack'>, node: string) => LineOf<'stack'> | undefined,
  who: (scene: Scene) => readonly string[] = ({ survivors }) => survivors,
): Change => ({
  kind: 'the status in the end',
  name,
  apply: (scene) =>
    who(scene).flatMap((node): readonly Variant[] => {
      const isIt = (one: Line): one is LineOf<'stack'> =>
        one.type === 'stack' && one.host === node && one.seq > scene.collect.seq && one.seq < scene.restore
      const status = finalStatus(scene, node)
      if (!status || !change(scene, status, node)) return []
      return [[node, changed(scene.lines, (one) => (isIt(one) ? change(scene, one, node) : one))]]
    }),
})
const inState = (state: NonNullable<StackStatus['state']>): Change =>
  finally_(`${state}, though it goes on`, (_, status) => ({ ...status, state, text: state }))

const lostNode = (scene: Scene) =>
  scene.lost.find((node) => ['panicked', 'off'].includes(scene.verdict.nodes[node]?.observed ?? ''))

export const nodeContradictions: readonly Change[] = [
  withoutLines('the witnesses of a panic', 'no panic event', isPanicEvent),
  withoutLines('the witnesses of a panic', 'no panic on the console', isPanicConsole),
  withoutLines(
    'the witnesses of a panic',
    'neither',
    (scene, one, node) => isPanicEvent(scene, one, node) || isPanicConsole(scene, one, node),
  ),
  afterDeath('it answers a probe in the same boot', (_, { node, until }, boot) =>
    line({ at: until.at, host: node, type: 'probe', node, reachable: true, boot, text: 'it answered' }),
  ),
  afterDeath('its stack answers', (scene, { node, until }) =>
    line({
      ...timed(scene, node, until.at),
      type: 'stack',
      answered: true,
      state: 'member',
      members: [node],
      active: false,
      text: 'member',
    }),
  ),
  afterDeath('a command on it ended with 0', (_, { node, until }) =>
    line({
      at: until.at,
      host: node,
      type: 'command',
      purpose: `is ${node} there`,
      argv: ['true'],
      expected: [0],
      exit: 0,
      stdout: '',
      stderr: '',
      milliseconds: 40,
    }),
  ),
  afterDeath('its console goes on in the same boot', (scene, { node, until }) => {
    const { hostAt = 0 } = timed(scene, node, until.at)
    return line({
      at: until.at,
      host: node,
      type: 'console',
      text: `[${hostAt.toFixed(6).padStart(12)}] EXT4-fs (vda1): re-mounted. Quota mode: none.`,
    })
  }),
  afterDeath('its log goes on', (scene, { node, until }) =>
    line({
      ...timed(scene, node, until.at),
      type: 'stack.log',
      text: 'private link priv1: send ENETUNREACH',
      code: 'link-trouble',
    }),
  ),
  finally_(
    'its stack does not answer',
    (_, { answered: __, state: ___, members: ____, links: _____, active: ______, ...status }) => ({
      ...status,
      answered: false,
      text: 'no answer',
    }),
  ),
  ...(['stopped', 'joining', 'refused', 'left', 'lost', 'waiting', 'racing'] as const).map(inState),
  finally_('a lost node is still a member, as one who goes on says', (scene, status) => {
    const lost = lostNode(scene)
    return lost !== undefined && status.members
      ? { ...status, members: [...status.members, lost], text: `member with ${[...status.members, lost].join(', ')}` }
      : undefined
  }),
  finally_('another who goes on is no member, as one says', (scene, status, node) =>
    scene.survivors.length > 1 && status.members
      ? { ...status, members: [node], text: `member with ${node}` }
      : undefined,
  ),
  finally_('a lost node is heard on every link', (scene, status) => {
    const lost = lostNode(scene)
    return lost !== undefined && status.links
      ? {
          ...status,
          links: Object.fromEntries(
            Object.entries(status.links).map(([link, heard]) => [link, [...new Set([...heard, lost])]]),
          ),
        }
      : undefined
  }),
  {
    kind: 'the group',
    name: 'it runs nowhere in the end',
    apply: (scene) =>
      ownerOf(scene)
        ? [
            [
              '',
              changed(scene.lines, (one) =>
                one.type === 'stack' && one.seq > scene.collect.seq && one.seq < scene.restore && one.active
                  ? { ...one, active: false }
                  : one,
              ),
            ],
          ]
        : [],
  },
  {
    kind: 'the group',
    name: 'it runs on two in the end',
    apply: (scene) => {
      const owner = ownerOf(scene)?.node
      const other = scene.survivors.find((node) => node !== owner)
      return owner !== undefined && other !== undefined
        ? [
            [
              '',
              changed(scene.lines, (one) =>
                one.type === 'stack' &&
                one.host === other &&
                one.answered &&
                one.seq > scene.collect.seq &&
                one.seq < scene.restore
                  ? { ...one, active: true }
                  : one,
              ),
            ],
          ]
        : []
    },
  },
  {
    kind: 'the group',
    name: 'the log of its owner says in the end that it stopped, by its own clock after the last status',
    apply: (scene) => {
      const owner = ownerOf(scene)?.node
      const status = owner === undefined ? undefined : finalStatus(scene, owner)
      return owner !== undefined && status
        ? [
            [
              '',
              inserted(scene.lines, { after: status.seq }, [
                line({
                  at: status.at,
                  host: owner,
                  ...(status.hostAt !== undefined && { hostAt: status.hostAt + 0.01 }),
                  type: 'stack.log',
                  code: 'group-stopped',
                  text: 'the group is not active here any more',
                }),
              ]),
            ],
          ]
        : []
    },
  },
  ...probes(),
  {
    kind: 'the boot of who goes on',
    name: 'it is another one in the end',
    apply: (scene) =>
      scene.survivors.flatMap((node): readonly Variant[] => {
        const isIt = (one: Line) => one.seq > scene.collect.seq && one.seq < scene.restore
        const other = '11111111-2222-4333-8444-555555555555'
        return [
          [
            node,
            changed(scene.lines, (one) => {
              if (!isIt(one)) return one
              if (one.type === 'probe' && one.node === node && one.reachable) return { ...one, boot: other }
              return one.type === 'clock' && one.host === node ? { ...one, boot: other } : one
            }),
          ],
        ]
      }),
  },
  {
    kind: 'the boot of who goes on',
    name: 'it panicked, as the hypervisor and the console say',
    apply: (scene) =>
      scene.survivors.map((node): Variant => [
        node,
        inserted(scene.lines, { before: scene.collect.seq }, [
          line({ at: scene.collect.at, host: node, type: 'panic-event', source: 'QEMU: GUEST_PANICKED' }),
          line({
            at: scene.collect.at,
            host: node,
            type: 'console',
            text: '[  999.000000] Kernel panic - not syncing: sysrq triggered crash',
          }),
        ]),
      ]),
  },
  {
    kind: 'what else saw who goes on',
    name: 'its virtual machine is stopped in the end',
    apply: (scene) =>
      scene.survivors.flatMap((node): readonly Variant[] => {
        const isIt = (one: Line) =>
          one.type === 'process' && one.node === node && one.seq > scene.collect.seq && one.seq < scene.restore
        return scene.lines.some(isIt)
          ? [
              [
                node,
                changed(scene.lines, (one) => (isIt(one) && one.type === 'process' ? { ...one, state: 'T' } : one)),
              ],
            ]
          : []
      }),
  },
  {
    kind: 'what else saw who goes on',
    name: 'its outlets are off in the end',
    apply: (scene) =>
      scene.survivors.flatMap((node): readonly Variant[] => {
        const isIt = (one: Line) =>
          one.type === 'outlet' && one.feeds.includes(node) && one.seq > scene.collect.seq && one.seq < scene.restore
        return scene.lines.some(isIt)
          ? [
              [
                node,
                changed(scene.lines, (one) => (isIt(one) && one.type === 'outlet' ? { ...one, state: 'off' } : one)),
              ],
            ]
          : []
      }),
  },
  {
    kind: 'outlets',
    name: 'the outlet of a node that is off is on in the end',
    apply: (scene) =>
      scene.lost
        .filter((node) => scene.verdict.nodes[node]?.observed === 'off')
        .map((node): Variant => [
          node,
          changed(scene.lines, (one) =>
            one.type === 'outlet' && one.feeds.includes(node) && one.seq > scene.collect.seq && one.seq < scene.restore
              ? { ...one, state: 'on' }
              : one,
          ),
        ]),
  },
  {
    kind: 'the status in the end',
    name: 'who was refused is a member',
    apply: (scene) =>
      scene.lost
        .filter((node) => scene.verdict.nodes[node]?.observed === 'refused-to-join')
        .map((node): Variant => [
          node,
          changed(scene.lines, (one) =>
            one.type === 'stack' &&
            one.host === node &&
            one.answered &&
            one.seq > scene.collect.seq &&
            one.seq < scene.restore
              ? { ...one, state: 'member', members: [node], text: `member with ${node}` }
              : one,
          ),
        ]),
  },
  {
    kind: 'the status in the end',
    name: 'who left is a member',
    apply: (scene) =>
      scene.nodes
        .filter((node) => scene.verdict.nodes[node]?.observed === 'left')
        .map((node): Variant => [
          node,
          changed(scene.lines, (one) =>
            one.type === 'stack' &&
            one.host === node &&
            one.answered &&
            one.seq > scene.collect.seq &&
            one.seq < scene.restore
              ? { ...one, state: 'member', members: [node], text: `member with ${node}` }
              : one,
          ),
        ]),
  },
]

function probes(): readonly Change[] {
  const one = (name: string, change: (probe: LineOf<'probe'>) => LineOf<'probe'> | undefined): Change => ({
    kind: 'probes',
    name,
    apply: (scene) =>
      scene.survivors.flatMap((node): readonly Variant[] => {
        const isIt = (it: Line): it is LineOf<'probe'> =>
          it.type === 'probe' && it.node === node && it.seq > scene.collect.seq && it.seq < scene.restore
        return scene.lines.some(isIt) ? [[node, changed(scene.lines, (it) => (isIt(it) ? change(it) : it))]] : []
      }),
  })
  return [
    one('who goes on was not probed in the end', () => undefined),
    one('who goes on does not answer in the end', ({ boot: _, ...probe }) => ({
      ...probe,
      reachable: false,
      text: 'no answer',
    })),
    one('who goes on answers in the end without its boot id', ({ boot: _, ...probe }) => probe),
  ]
}
