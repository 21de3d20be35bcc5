/** npm run mutate [ROW...]: the mutation test of the judge. What it does and how it is read: labs/docs/verdicts.md. */
import type { Line } from '../../labs/journal/event.ts'
import { scenarios } from '../../labs/scenarios/scenarios.ts'
import { recorded } from '../labs/verdicts/history.ts'
import { everyRow } from '../labs/verdicts/every-row.ts'
import { evidenceKinds } from './evidence.ts'
import { forPeople } from './for-people.ts'
import { groupBy } from './group-by.ts'
import { knownSlips } from './known-slips.ts'
import { deleted, isNeeded, mutated, type Tried } from './mutation.ts'
import { storedRecordings } from './recordings.ts'
import { sceneOf, type Scene } from './scene.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)
const wanted = process.argv.slice(2)
const begun = performance.now()

const stored = storedRecordings()
const scenes: Scene[] = []
const refused: string[] = []
for (const { name } of scenarios) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const recording: readonly Line[] = stored.get(name) ?? recorded(everyRow[name] ?? [])
  try {
    scenes.push(sceneOf(recording))
  } catch (error) {
    refused.push((error as Error).message)
  }
}
say(
  `${scenes.length} recordings (${scenes.filter(({ row }) => stored.has(row)).length} from the virtual lab), ${scenes.reduce((sum, { lines }) => sum + lines.length, 0)} events`,
)

const decides = new Map<string, { count: number; matters: boolean }>()
for (const scene of scenes)
  for (const { kind, count, verdict } of deleted(scene)) {
    const known = decides.get(kind) ?? { count: 0, matters: false }
    decides.set(kind, { count: known.count + count, matters: known.matters || verdict !== 'pass' })
  }
const useless = [...decides].filter(([, { matters }]) => !matters)
say(`\n${useless.length} of ${decides.size} kinds of evidence matter to no verdict when all of the kind is deleted:`)
for (const [kind, { count }] of useless.toSorted()) say(`  ${kind} (${count})`)

const all: Tried[] = []
for (const scene of scenes) {
  for (const tried of mutated(scene)) all.push(tried)
}
const slips = all.filter(({ slip }) => slip !== undefined)
say(`\n${'tried'.padStart(6)} ${'caught'.padStart(6)} ${'slipped'.padStart(7)}`)
const row = (those: readonly Tried[], what: string) => {
  const slipped = those.filter(({ slip }) => slip !== undefined).length
  say(
    `${String(those.length).padStart(6)} ${String(those.length - slipped).padStart(6)} ${String(slipped).padStart(7)}  ${what}`,
  )
}
for (const [kind, those] of groupBy(all, ({ kind }) => kind)) row(those, kind)
row(all, 'in total')
const needless = all.filter(({ kind, verdict }) => kind.startsWith('harmless') && verdict !== 'pass')
say(`\n${needless.length} harmless changes cost the verdict:`)
for (const { id, verdict } of needless) say(`  ${id}: ${verdict}`)

const hurting = new Set(
  all.flatMap(({ slip, touched, kind }) => (slip === undefined && !kind.startsWith('harmless') ? touched : [])),
)
const harmlessKinds = evidenceKinds.filter((kind) => !hurting.has(kind) && !isNeeded(scenes, kind))
const unlisted = wanted.length > 0 ? [] : harmlessKinds.filter((kind) => !(kind in forPeople))
const listed = Object.keys(forPeople).filter((kind) => !harmlessKinds.includes(kind))
if (unlisted.length > 0) say('\nkinds of events that hurt no verdict and are not listed as for people only:')
for (const kind of unlisted) say(`  ${kind}`)
for (const kind of listed) say(`listed as for people only, and not so: ${kind}`)

const unknown = slips.filter(({ id }) => !knownSlips.some(({ matches }) => matches.test(id)))
const known = slips.filter((slip) => !unknown.includes(slip))
if (known.length > 0) say(`\n${known.length} slips that are known:`)
for (const { matches, why } of knownSlips) {
  const those = known.filter(({ id }) => matches.test(id))
  if (those.length > 0) say(`  ${those.length} of ${matches.source}: ${why}`)
}
const caughtNow = wanted.length > 0 ? [] : knownSlips.filter(({ matches }) => !slips.some(({ id }) => matches.test(id)))
if (unknown.length > 0) say(`\n${unknown.length} slips:`)
for (const { id, slip } of unknown) say(`  ${id}: ${slip ?? ''}`)
for (const { matches } of caughtNow) say(`listed as a slip, and caught now: ${matches.source}`)
for (const why of refused) say(`not tried: ${why}`)
say(
  `\n${all.length} tried, ${all.length - slips.length} caught, ${slips.length} slipped (${known.length} known), in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
)
process.exitCode = unknown.length + caughtNow.length + refused.length + unlisted.length + listed.length > 0 ? 1 : 0
