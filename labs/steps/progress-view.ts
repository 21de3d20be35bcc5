import type { Line, LineOf, RunStarted } from '../journal/event.ts'
import { isPanicSeen } from '../journal/panic-seen.ts'
import { readKeysEvent } from '../journal/read-keys-event.ts'

/** the acknowledged writes that show that a node goes on */
const writesThatShowLife = 3

/** What the recording so far shows, for whoever waits. Not for judging: it takes what was seen last for what is. */
export function progressView({ testbed }: Pick<RunStarted, 'testbed'>, lines: readonly Line[]) {
  const nodes = testbed.nodes.map(({ name }) => name)
  const record = (node: string) => testbed.nodes.find(({ name }) => name === node)
  /** what was seen of a node since the lab last started it anew */
  const lifeOf = (node: string) => lines.findLast((line) => line.type === 'boot' && line.host === node)?.seq ?? 0
  const panicked = (node: string) => isPanicSeen(lines, node, record(node)?.panicWitnesses ?? [])
  const find = (seq: number) => {
    const line = lines[seq - 1]
    return line?.type === 'keys' ? line : undefined
  }
  const lastRead = (lun: string, viewer: string) =>
    lines.findLast(
      (line): line is LineOf<'keys'> =>
        line.type === 'keys' && line.lun === lun && line.host === viewer && line.action === 'keys',
    )
  /** the keys that one of the viewers saw last on a LUN */
  const lastKeys = (lun: string, viewer: string) => {
    const line = lastRead(lun, viewer)
    const read = line && readKeysEvent(line, find)
    return read?.kind === 'answer' && read.action === 'keys' ? read.keys : undefined
  }
  const viewers = [
    ...new Set(lines.flatMap((line) => (line.type === 'keys' && line.host !== undefined ? [line.host] : []))),
  ]
  const points = testbed.luns.filter(({ use }) => use === 'coordination')
  const statusOf = (node: string) => {
    const since = lifeOf(node)
    return lines.findLast(
      (line): line is LineOf<'stack'> =>
        line.type === 'stack' && line.host === node && line.answered && line.seq > since,
    )
  }
  const acknowledged = (those: readonly string[], since: number) =>
    lines.filter(
      (line) =>
        line.type === 'ledger.write' &&
        line.result === 'acknowledged' &&
        those.includes(line.host ?? '') &&
        line.seq > since,
    )

  return {
    nodes,
    panicked,
    /** it took no part from the start, or left */
    isOut: (node: string) => ['left', 'stopped', 'refused'].includes(statusOf(node)?.state ?? ''),
    state: (node: string) => statusOf(node)?.state,
    isMemberWith(node: string, those: readonly string[]) {
      const status = statusOf(node)
      return status?.state === 'member' && those.every((one) => status.members?.includes(one))
    },
    /** no key of the node on any data disk and on a majority of the coordination points, as those who can tell see it */
    isEjected(node: string, believed: readonly string[]) {
      const keys = record(node)?.keys
      const tellers = viewers.filter((viewer) => !nodes.includes(viewer) || believed.includes(viewer))
      const isGone = (lun: string, key: string | undefined) =>
        tellers.some((viewer) => {
          const seen = lastKeys(lun, viewer)
          return seen !== undefined && key !== undefined && seen.length > 0 && !seen.includes(key)
        })
      const data = testbed.luns.filter(({ use }) => use === 'data')
      const gone = points.filter(({ name }) => isGone(name, keys?.coordination)).length
      return data.every(({ name }) => isGone(name, keys?.data)) && gone * 2 > points.length
    },
    /** one of them writes since the last ejection or panic was written down */
    goesOn(those: readonly string[]) {
      const since = lines.findLast(
        (line) => line.type === 'panic-event' || (line.type === 'stack.log' && line.code === 'group-started'),
      )
      return acknowledged(those, since?.seq ?? 0).length >= writesThatShowLife
    },
    said: (node: string, code: string, after: number) =>
      lines.some((line) => line.type === 'stack.log' && line.host === node && line.code === code && line.seq > after),
    hearsAll(node: string) {
      const status = statusOf(node)
      const others = nodes.filter((other) => other !== node)
      return testbed.links.every((link) => others.every((other) => status?.links?.[link]?.includes(other)))
    },
    /** every viewer's last look at them failed, on more than half of all */
    pointsUnreachable() {
      const dead = points.filter(({ name }) => {
        const looks = viewers.flatMap((viewer) => lastRead(name, viewer) ?? [])
        return looks.length > 0 && looks.every((look) => readKeysEvent(look, find).kind === 'failed')
      })
      return dead.length * 2 > points.length
    },
    /** where the group was started on it, since the line `after`; undefined where it was not */
    startedGroup: (node: string, after: number) =>
      lines.findLast(
        (line) => line.type === 'stack.log' && line.host === node && line.code === 'group-started' && line.seq > after,
      )?.seq,
    /** its stack says that the group runs on it, and it writes since the group was started there in its present life */
    runsGroup(node: string) {
      const since = lifeOf(node)
      const start = lines.findLast(
        (line) => line.type === 'stack.log' && line.host === node && line.code === 'group-started' && line.seq > since,
      )
      return (
        statusOf(node)?.active === true && acknowledged([node], start?.seq ?? Infinity).length >= writesThatShowLife
      )
    },
    writesSince: (node: string, since: number | undefined) =>
      since !== undefined && acknowledged([node], since).length >= writesThatShowLife,
  }
}
