import type { Line } from '../../labs/journal/event.ts'
import { ofType } from '../../labs/journal/run.ts'
import type { Change, Variant } from './change.ts'
import { settled } from './contradictions-keys.ts'
import { inserted, line, type Scene } from './scene.ts'
import { timed } from './world.ts'

const isIn = (scene: Scene, one: Line) => one.seq < scene.restore

/** What is lost from a recording, so that nobody can know any more. */
export const cuts: readonly Change[] = [
  {
    kind: 'cut',
    name: 'the recording ends early, and does not say so',
    apply: (scene) =>
      [0.2, 0.4, 0.6, 0.8, 0.95].map((share): Variant => {
        const until = Math.floor(scene.collect.seq * share)
        return [
          `after ${share * 100} % of what came before collecting`,
          scene.lines.filter((one) => one.seq <= until || one.type === 'run.ended'),
        ]
      }),
  },
  {
    kind: 'cut',
    name: 'the last line is missing',
    apply: (scene) => [['', scene.lines.slice(0, -1)]],
  },
  {
    kind: 'cut',
    name: 'nobody looked in the end: the phase collect is empty',
    apply: (scene) => [['', scene.lines.filter((one) => one.seq <= scene.collect.seq || one.seq >= scene.restore)]],
  },
  {
    kind: 'cut',
    name: 'the phase collect is not there',
    apply: (scene) => [['', scene.lines.filter((one) => one !== scene.collect)]],
  },
  {
    kind: 'cut',
    name: 'the lab began to restore before it collected',
    apply: (scene) => {
      const restore = scene.lines.find(({ seq }) => seq === scene.restore)
      if (restore?.type !== 'phase') return []
      const rest = scene.lines.filter((one) => one !== restore)
      return [['', inserted(rest, { before: scene.collect.seq }, [{ ...restore, seq: 0, at: scene.collect.at }])]]
    },
  },
  {
    kind: 'cut',
    name: 'a second run starts',
    apply: (scene) => [
      ['', inserted(scene.lines, { before: scene.collect.seq }, [{ ...scene.started, seq: 0, at: scene.collect.at }])],
    ],
  },
  {
    kind: 'cut',
    name: "nobody looked between a checkpoint's beginning and its end",
    apply: (scene) =>
      ofType(scene.lines, 'checkpoint').flatMap((begun): readonly Variant[] => {
        const done = ofType(scene.lines, 'checkpoint').find((one) => one.name === begun.name && one.step === 'done')
        return begun.step === 'begun' && done
          ? [[begun.name, scene.lines.filter((one) => one.seq <= begun.seq || one.seq >= done.seq)]]
          : []
      }),
  },
  {
    kind: 'cut',
    name: 'the run ends twice',
    apply: (scene) => [
      [
        '',
        [
          ...scene.lines.slice(0, 10),
          line({ at: scene.lines[10]?.at ?? 0, type: 'run.ended', reason: 'complete', files: {} }),
          ...scene.lines.slice(10),
        ],
      ],
    ],
  },
  {
    kind: 'silence',
    name: 'who goes on is not looked through any more since it was settled, nor is the observer',
    apply: (scene) => {
      const from = settled(scene)
      const needed = scene.keyed && scene.survivors.length > 0
      return needed
        ? [['', scene.lines.filter((one) => !(one.type === 'keys' && one.seq > from && isIn(scene, one)))]]
        : []
    },
  },
  {
    kind: 'silence',
    name: 'every look at the data disks failed since it was settled',
    apply: (scene) => {
      const from = settled(scene)
      return scene.keyed && scene.survivors.length > 0
        ? [
            [
              '',
              scene.lines.map((one) =>
                one.type === 'keys' && one.seq > from && isIn(scene, one) && scene.dataDisks.includes(one.lun)
                  ? { ...one, exit: 6, stdout: '', stderr: 'unit attention' }
                  : one,
              ),
            ],
          ]
        : []
    },
  },
  {
    kind: 'silence',
    name: 'the observer looks no more since the fault',
    apply: (scene) =>
      scene.keyed && scene.survivors.length > 0
        ? [
            [
              '',
              scene.lines.filter(
                (one) =>
                  !(one.type === 'keys' && one.host === 'observer' && one.seq > scene.injected.seq && isIn(scene, one)),
              ),
            ],
          ]
        : [],
  },
  {
    kind: 'silence',
    name: 'no stack was asked since collecting began',
    apply: (scene) =>
      scene.survivors.length > 0
        ? [
            [
              '',
              scene.lines.filter((one) => !(one.type === 'stack' && one.seq > scene.collect.seq && isIn(scene, one))),
            ],
          ]
        : [],
  },
  {
    kind: 'silence',
    name: 'nobody was probed since collecting began',
    apply: (scene) =>
      scene.survivors.length > 0
        ? [
            [
              '',
              scene.lines.filter((one) => !(one.type === 'probe' && one.seq > scene.collect.seq && isIn(scene, one))),
            ],
          ]
        : [],
  },
  {
    kind: 'silence',
    name: 'no log of any node was followed, where the row asks what was not said',
    apply: (scene) =>
      scene.started.scenario.rules.some((rule) => ['nobody-raced', 'nobody-noticed'].includes(rule))
        ? [['', scene.lines.filter((one) => one.type !== 'stack.log')]]
        : [],
  },
  {
    kind: 'late arrivals',
    name: 'a lost node tells of an acknowledged write after it was lost; the line came when all was over',
    apply: (scene) => {
      const [node] = scene.lost
      const last =
        node === undefined
          ? undefined
          : ofType(scene.lines, 'ledger.write').findLast((one) => one.host === node && isIn(scene, one))
      const end = scene.lines.find(({ seq }) => seq === scene.restore - 1)
      if (node === undefined || !last || !end || !scene.keyed) return []
      const { hostAt = 0, ...envelope } = timed(scene, node, scene.collect.at)
      return [
        [
          '',
          inserted(scene.lines, { before: scene.restore }, [
            line({
              ...envelope,
              at: end.at,
              hostAt,
              type: 'ledger.write',
              number: last.number + 1,
              epoch: last.epoch,
              issued: hostAt - 0.05,
              completed: hostAt - 0.01,
              result: 'acknowledged',
              errno: 0,
            }),
          ]),
        ],
      ]
    },
  },
]
