import type { LedgerRecord, Line, LineOf } from '../../labs/journal/event.ts'
import { ofType } from '../../labs/journal/run.ts'
import { policyOfRun } from '../../labs/verdicts/policy-of-run.ts'
import { isLook, looksChanged, type Look, type StateChange } from './looks.ts'
import { hostTime, inserted, line, type Scene } from './scene.ts'

/**
 * From a line on, a LUN is in another state, and whoever looks sees it so: every initiator and the array itself. That is what
 * a defect of an array looks like; a viewer that differs from the others is another thing.
 */
export function worldChanged(
  scene: Scene,
  lun: string,
  from: number,
  change: StateChange,
  to = Infinity,
): readonly Line[] {
  return worldOf(scene, scene.lines, lun, from, change, to)
}

export function worldOf(
  scene: Scene,
  lines: readonly Line[],
  lun: string,
  from: number,
  change: StateChange,
  to = Infinity,
): readonly Line[] {
  const isThere = (look: Look) => look.lun === lun && look.seq > from && look.seq < to
  const view = ofType(lines, 'array-keys').findLast((one) => one.lun === lun && one.seq <= from && one.seq > 0)
  const told = ofType(lines, 'array-keys').some((one) => isThere(one))
  const place = lines.find(({ seq }) => seq === from)
  // the array tells its view when it changed, so that a change must be told
  const again =
    view && !told && place && view.host !== undefined
      ? [line({ ...timed(scene, view.host, place.at), type: 'array-keys', lun, text: view.text })]
      : []
  const added = again.length > 0 ? inserted(lines, { after: from }, again) : lines
  return looksChanged(added, (look) => isThere(look) || again.includes(look), change)
}

/** What one viewer sees of a LUN since a line. */
export function seenBy(
  scene: Scene,
  viewer: string,
  lun: string,
  from: number,
  change: StateChange,
  to = Infinity,
): readonly Line[] {
  return looksChanged(
    scene.lines,
    (look) => look.host === viewer && look.lun === lun && look.seq > from && look.seq < to,
    change,
  )
}

/** An envelope for something that a host says at a moment of the lab. */
export function timed(
  scene: Scene,
  host: string,
  at: number,
): { readonly at: number; readonly host: string; readonly hostAt?: number } {
  const hostAt = hostTime(scene, host, at)
  return { at, host, ...(hostAt !== undefined && { hostAt: Math.round(hostAt * 1e6) / 1e6 }) }
}

/** The hosts that had a good look at a LUN after a line, the array apart. */
export function viewersOf(scene: Scene, lun: string, from: number): readonly string[] {
  const looked = ofType(scene.lines, 'keys').filter(
    (look) => look.lun === lun && look.seq > from && look.seq < scene.restore && look.exit === 0,
  )
  return [...new Set(looked.flatMap(({ host }) => host ?? []))]
}

/** The believable ones: who goes on, and hosts that only look. */
export const believableViewers = (scene: Scene, lun: string, from: number): readonly string[] =>
  viewersOf(scene, lun, from).filter((host) => !scene.nodes.includes(host) || scene.survivors.includes(host))

export type Scan = LineOf<'ledger.scan'>
/** What a reading of the ledger found, changed; what the command printed that made it says the same. */
export function scansChanged(
  lines: readonly Line[],
  which: (scan: Scan) => boolean,
  change: (scan: Scan) => Scan | undefined,
): readonly Line[] {
  let printed: LineOf<'command'> | undefined
  const texts = new Map<Line, Line>()
  const made = lines.flatMap((one) => {
    if (one.type === 'command' && /"records"/.test(one.stdout)) printed = one
    if (one.type !== 'ledger.scan' || !which(one)) return [one]
    const after = change(one)
    if (printed && printed.host === one.host && after)
      texts.set(printed, { ...printed, stdout: reprinted(printed.stdout, after) })
    return after ? [after] : []
  })
  return made.map((one) => texts.get(one) ?? one)
}

function reprinted(stdout: string, scan: Scan): string {
  try {
    const answer: unknown = JSON.parse(stdout)
    if (typeof answer !== 'object' || answer === null) return stdout
    return `${JSON.stringify({ ...answer, records: scan.records, ...(scan.shared && 'shared' in answer && { shared: scan.shared }) })}\n`
  } catch {
    return stdout
  }
}

/** A reading of the end, however often it was made and by whom. */
export const isFinal = (scan: Scan): boolean => scan.when !== 'takeover'
/** Everything that one reading holds of records, own regions and shared log, filtered alike. */
export const recordsOnly = (scan: Scan, keep: (record: LedgerRecord) => boolean): Scan => ({
  ...scan,
  records: scan.records.filter(keep),
  ...(scan.shared && { shared: scan.shared.filter(keep) }),
})
export const isSame = (record: LedgerRecord, write: LineOf<'ledger.write'>): boolean =>
  record.node === write.host && record.number === write.number && record.epoch === write.epoch

export const writesOf = (scene: Scene, node: string): readonly LineOf<'ledger.write'>[] =>
  ofType(scene.lines, 'ledger.write').filter(({ host, seq }) => host === node && seq < scene.restore)

/** Where the group began to run on its owner of the end: the first start since the fault, or the beginning. */
export function ownerOf(scene: Scene): { readonly node: string; readonly since: number } | undefined {
  const status = ofType(scene.lines, 'stack').findLast(
    (one) => one.active === true && one.seq > scene.collect.seq && one.seq < scene.restore,
  )
  if (status?.host === undefined) return undefined
  const started = ofType(scene.lines, 'stack.log').find(
    (one) => one.host === status.host && one.code === 'group-started' && one.seq > scene.injected.seq,
  )
  return { node: status.host, since: started?.seq ?? scene.injected.seq }
}
export { isLook }

/** The coordination points on which the row's cluster keeps its members' keys: none where its policy keeps none there. */
export const keyedPoints = (scene: Scene): readonly string[] =>
  policyOfRun(scene)?.keysWhenGreen.coordination === 'members' ? scene.points : []

/** Those of them that somebody believable still sees in the end. */
export const usedPoints = (scene: Scene): readonly string[] =>
  keyedPoints(scene).filter((lun) => believableViewers(scene, lun, scene.collect.seq).length > 0)
