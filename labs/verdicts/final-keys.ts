import { believable, list, survivors, losers, unknown, violated, holds, type Case, type Finding } from './case.ts'
import { lastLook, lookedSince, rivalOf, type KeyReading } from '../journal/key-tables.ts'

/** Who must be alone on a LUN, and since when (lab time) an answer can show it. */
export type Settled =
  | { readonly known: true; readonly names: readonly string[]; readonly since: number }
  | { readonly known: false; readonly finding: Finding }

/**
 * The race is over for a reader of the journal when the outcome of every loser was proved. Before that moment an answer
 * may be an intermediate state.
 */
export function settled(run: Case): Settled {
  const running = survivors(run)
  const doubtful = run.nodes.filter((node) => node.outcome === 'unknown')
  const injected = run.frame.injected
  if (running.length === 0 || doubtful.length > 0 || !injected) {
    const why = doubtful.length > 0 ? `it is not known what became of ${list(doubtful.map((node) => node.name))}` : ''
    return {
      known: false,
      finding: unknown(
        why || 'no survivor is proved',
        doubtful.flatMap((node) => node.events),
      ),
    }
  }
  const since = Math.max(injected.at, ...losers(run).map((node) => node.settled))
  return { known: true, names: running.map((node) => node.name), since }
}

/**
 * Whether the last good answer about a LUN, begun after `since`, lists every one of `wanted` and nothing else. A key
 * may be there several times (one per path). Good answers of one generation that differ between viewers make it
 * unknown: equal generations mean equal key lists (SPC-4 5.12, PRGENERATION), so somebody's answer is wrong. So do last
 * answers of two viewers that differ, where the clocks do not tell which of them came last.
 */
export function aloneOn(run: Case, lun: string, wanted: readonly string[], since: number): Finding {
  const answers = lookedSince(believable(run, lun), since)
  const last = lastLook(answers)
  if (!last) return unknown(`${lun}: no good answer after the outcome was settled`, attempts(run, lun))
  const other = answers.find((one) => one.answer.generation === last.answer.generation && !sameKeys(one, last))
  if (other) {
    const both = [last, other].map((one) => `${one.viewer} reads ${keyList(one)}`).join(', ')
    return unknown(`${lun}: viewers disagree at generation ${last.answer.generation}: ${both}`, [last.seq, other.seq])
  }
  const rival = rivalOf(answers, last, sameKeys)
  if (rival)
    return unknown(
      `${lun}: ${last.viewer} and ${rival.viewer} disagree, and it is not known which of them looked last`,
      [last.seq, rival.seq],
    )
  const keys = new Set(last.answer.keys)
  const strangers = [...keys].filter((key) => !wanted.includes(key))
  const missing = wanted.filter((key) => !keys.has(key))
  if (strangers.length > 0) {
    return violated(`${lun}: ${list(strangers.map((key) => keyOwner(run, key)))} still registered`, [last.seq])
  }
  if (missing.length > 0) {
    return violated(`${lun}: ${list(missing.map((key) => keyOwner(run, key)))} not registered`, [last.seq])
  }
  return holds(`${lun}: only ${keyList(last)}`, [last.seq])
}

/** The failed looks at a LUN, for a reason that says why nothing is known. */
function attempts(run: Case, lun: string): readonly number[] {
  const failed = run.readings.filter((one) => one.lun === lun && one.answer.kind === 'failed')
  return failed.slice(-3).map((one) => one.seq)
}

function sameKeys(one: KeyReading, other: KeyReading): boolean {
  return one.answer.keys.toSorted().join() === other.answer.keys.toSorted().join()
}

function keyList(reading: KeyReading): string {
  return reading.answer.keys.length === 0 ? 'no key' : reading.answer.keys.join(' ')
}

/** A key with the name of the node that it belongs to. */
export function keyOwner(run: Case, key: string): string {
  const owner = run.started.testbed.nodes.find((node) => Object.values(node.keys).includes(key))
  return owner ? `${owner.name} (${key})` : `an unknown key (${key})`
}
