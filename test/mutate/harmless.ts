import type { Line } from '../../labs/journal/event.ts'
import { ofType } from '../../labs/journal/run.ts'
import type { Change, Variant } from './change.ts'
import { looksChanged } from './looks.ts'
import { changed, type Scene } from './scene.ts'

const isIn = (scene: Scene, one: Line) => one.seq > scene.injected.seq && one.seq < scene.collect.seq

/** The lines that `which` picks arrive so many milliseconds later than they did, with the time of their host as it was. */
function delayed(scene: Scene, which: (one: Line) => boolean, by: number): readonly Line[] {
  const late = scene.lines.filter(which).map((one) => ({ ...one, at: Math.min(one.at + by, scene.collect.at) }))
  const rest = scene.lines.filter((one) => !which(one))
  return [...rest, ...late].toSorted((one, other) => one.at - other.at || one.seq - other.seq)
}

const lateLines = (name: string, type: Line['type'], by: number): Change => ({
  kind: 'late arrivals',
  name,
  apply: (scene) => {
    const hosts = new Set(ofType(scene.lines, type).flatMap(({ host }) => host ?? []))
    return [...hosts].map((host): Variant => [
      host,
      delayed(
        scene,
        (one) => one.type === type && one.host === host && one.hostAt !== undefined && isIn(scene, one),
        by,
      ),
    ])
  },
})

/**
 * Accidents of the lab, and of the way that its witnesses take, that prove nothing against a cluster. A run that passed must
 * not fail by them; that it becomes inconclusive may be right.
 */
export const harmless: readonly Change[] = [
  lateLines('the log of a host comes 1.5 s late', 'stack.log', 1500),
  lateLines('the statuses of a host come 1.5 s late', 'stack', 1500),
  lateLines('what a host tells of its writes comes 1.5 s late', 'ledger.write', 1500),
  lateLines('what a host tells of keys comes 1.5 s late', 'keys', 1500),
  {
    kind: 'order of arrival',
    name: 'what was written down within 300 ms by several hosts comes the other way round',
    apply: (scene) => {
      const lines: Line[] = []
      const rank = new Map(
        [...new Set(scene.lines.flatMap(({ host }) => host ?? []))].toReversed().map((host, index) => [host, index]),
      )
      for (let from = 0; from < scene.lines.length;) {
        const first = scene.lines[from]
        let to = from
        while (
          to < scene.lines.length &&
          first &&
          isMovable(scene, scene.lines[to]) &&
          (scene.lines[to]?.at ?? 0) - first.at < 300
        )
          to += 1
        const part = scene.lines.slice(from, Math.max(to, from + 1))
        const times = part.map(({ at }) => at)
        lines.push(
          ...part
            .toSorted(
              (one, other) =>
                (rank.get(one.host ?? '') ?? 0) - (rank.get(other.host ?? '') ?? 0) || one.seq - other.seq,
            )
            .map((one, index) => ({ ...one, at: times[index] ?? one.at })),
        )
        from += part.length
      }
      return [['', lines]]
    },
  },
  {
    kind: 'looks that say nothing',
    name: 'one READ KEYS received nothing: status 0, an empty table of generation 0',
    apply: (scene) => {
      const looks = ofType(scene.lines, 'keys').filter(
        (one) => one.action === 'keys' && one.exit === 0 && isIn(scene, one),
      )
      return [0.25, 0.5, 0.75].flatMap((share): readonly Variant[] => {
        const look = looks[Math.floor(looks.length * share)]
        return look
          ? [
              [
                `${look.host ?? ''} on ${look.lun}, at ${share}`,
                looksChanged(scene.lines, (one) => one === look, { keys: () => [], generation: () => 0 }),
              ],
            ]
          : []
      })
    },
  },
  {
    kind: 'looks that say nothing',
    name: 'one look met a unit attention',
    apply: (scene) => {
      const looks = ofType(scene.lines, 'keys').filter((one) => one.exit === 0 && isIn(scene, one))
      const look = looks[Math.floor(looks.length / 2)]
      return look
        ? [
            [
              '',
              changed(scene.lines, (one) =>
                one === look ? { ...look, exit: 6, stdout: '', stderr: 'unit attention' } : one,
              ),
            ],
          ]
        : []
    },
  },
  {
    kind: 'lost lines',
    name: 'a line of a log was not fetched',
    apply: (scene) => {
      const codes = new Set(
        ofType(scene.lines, 'stack.log')
          .filter((one) => isIn(scene, one))
          .flatMap(({ code }) => code ?? []),
      )
      return [...codes].map((code): Variant => {
        const first = ofType(scene.lines, 'stack.log').find((one) => one.code === code && isIn(scene, one))
        return [code, scene.lines.filter((one) => one !== first)]
      })
    },
  },
  {
    kind: 'lost lines',
    name: 'nobody was asked at some moment',
    apply: (scene) =>
      (['stack', 'clock', 'probe', 'array-keys', 'process', 'outlet'] as const).flatMap((type): readonly Variant[] => {
        const those = ofType(scene.lines, type)
        const one = those[Math.floor(those.length / 2)]
        return one ? [[type, scene.lines.filter((it) => it !== one)]] : []
      }),
  },
  {
    kind: 'clocks',
    name: 'a host is measured half as often',
    apply: (scene) => {
      const hosts = new Set(ofType(scene.lines, 'clock').flatMap(({ host }) => host ?? []))
      return [...hosts].map((host): Variant => {
        let count = 0
        return [host, scene.lines.filter((one) => one.type !== 'clock' || one.host !== host || count++ % 2 === 0)]
      })
    },
  },
  {
    kind: 'clocks',
    name: 'a host is not measured at all',
    apply: (scene) => {
      const hosts = new Set(ofType(scene.lines, 'clock').flatMap(({ host }) => host ?? []))
      return [...hosts].map((host): Variant => [
        host,
        scene.lines.filter((one) => one.type !== 'clock' || one.host !== host),
      ])
    },
  },
]

/** What a host saw; what the lab itself did and decided stays where it is. */
function isMovable(scene: Scene, one: Line | undefined): boolean {
  return (
    one !== undefined &&
    one.host !== undefined &&
    one.hostAt !== undefined &&
    isIn(scene, one) &&
    ['stack', 'stack.log', 'ledger.write', 'keys', 'clock'].includes(one.type)
  )
}
