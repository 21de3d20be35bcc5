import type { Baseline, Line, LineOf, RunStarted } from '../journal/event.ts'

type Check = Baseline['checks'][number]

/** Is the node that said this a member with all others, and does it hear them on every private link? */
export function memberCheck(
  line: LineOf<'stack'>,
  nodes: readonly string[],
  { testbed }: { readonly testbed: Pick<RunStarted['testbed'], 'links'> },
): Check {
  const others = nodes.filter((name) => name !== line.host)
  const isMember = line.answered && line.state === 'member' && nodes.every((name) => line.members?.includes(name))
  const hears = testbed.links.every((link) => others.every((name) => line.links?.[link]?.includes(name)))
  const text = `${line.host} is a member with all others, and hears them on every private link`
  return {
    text: isMember && hears ? text : `${text} (it says: ${line.text || line.state || 'nothing'})`,
    ok: isMember && hears,
    events: [line.seq],
  }
}

/** Does the failover group run on exactly one node? */
export function activeCheck(statuses: readonly LineOf<'stack'>[]): Check {
  const active = statuses.filter((line) => line.active)
  return {
    text: 'the failover group runs on exactly one node',
    ok: active.length === 1,
    events: statuses.map(({ seq }) => seq),
  }
}

/** Is the ledger being written, and was every write so far acknowledged? @param least how many show that it is */
export function writesCheck(lines: readonly Line[], least: number): Check {
  const writes = lines.filter((line) => line.type === 'ledger.write')
  const good = writes.filter((line) => line.type === 'ledger.write' && line.result === 'acknowledged')
  return {
    text: 'the ledger is being written, and every write is acknowledged',
    ok: good.length >= least && good.length === writes.length,
    events: writes.slice(-least).map(({ seq }) => seq),
  }
}
