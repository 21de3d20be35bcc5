/**
 * What a step of a row can wait for, as questions to the recording so far. They only say when the lab may go on; what is
 * right or wrong is for the rules to judge.
 */
import { assertNever } from '../assert-never.ts'
import type { Line, LineOf, RunStarted } from '../journal/event.ts'
import { readKeysEvent } from '../scsi/read-keys-event.ts'
import type { Condition } from './scenario.ts'

/** the survivor's acknowledged writes that show that it goes on */
const writesThatShowLife = 3

export function isMet(condition: Condition, started: RunStarted, lines: readonly Line[]): boolean {
  const fault = lines.find((line) => line.type === 'fault')
  if (!fault) return false
  const view = viewOf(started, lines)
  switch (condition) {
    case 'one-panicked-and-fenced': {
      const panics = view.nodes.filter((node) => view.panicked(node))
      const survivors = view.nodes.filter((node) => !panics.includes(node))
      if (panics.length === 0 || survivors.length === 0) return false
      return panics.every((node) => view.isEjected(node, survivors)) && view.goesOn(survivors)
    }
    case 'link-loss-noticed':
      return view.nodes.every((node) => view.said(node, 'link-lost', fault.seq))
    case 'all-links-heard': {
      const reverted = lines.findLast((line) => line.type === 'fault' && line.step === 'reverting')
      return reverted !== undefined && view.nodes.every((node) => view.said(node, 'link-up', reverted.seq) && view.hearsAll(node))
    }
    case 'hung-node-ejected': {
      const hung = started.roles['A'] ?? ''
      const others = view.nodes.filter((node) => node !== hung)
      return view.isEjected(hung, others) && view.goesOn(others)
    }
    case 'hung-node-settled':
      return view.panicked(started.roles['A'] ?? '')
    default:
      return assertNever(condition, 'condition')
  }
}

function viewOf({ testbed }: RunStarted, lines: readonly Line[]) {
  const nodes = testbed.nodes.map(({ name }) => name)
  const witnesses = (node: string) => testbed.nodes.find(({ name }) => name === node)?.panicWitnesses ?? []
  const sawPanic = {
    'panic-event': (line: Line) => line.type === 'panic-event',
    console: (line: Line) => line.type === 'console' && line.text.includes('Kernel panic - not syncing'),
  }
  const panicked = (node: string) =>
    witnesses(node).length > 0 &&
    witnesses(node).every((witness) => lines.some((line) => line.host === node && sawPanic[witness](line)))

  /** the keys that one of the viewers saw last on a LUN */
  const lastKeys = (lun: string, viewer: string) => {
    const isRead = (line: Line): line is LineOf<'keys'> => line.type === 'keys' && line.lun === lun && line.host === viewer
    const find = (seq: number) => {
      const line = lines[seq - 1]
      return line?.type === 'keys' ? line : undefined
    }
    for (let index = lines.length - 1; index >= 0; index -= 1) {
      const line = lines[index]
      if (!line || !isRead(line) || line.action !== 'keys') continue
      const read = readKeysEvent(line, find)
      return read.kind === 'answer' && read.action === 'keys' ? read.keys : undefined
    }
    return undefined
  }
  const viewers = [...new Set(lines.flatMap((line) => (line.type === 'keys' && line.host !== undefined ? [line.host] : [])))]

  return {
    nodes,
    panicked,
    /** no key of the node on any data disk and on a majority of the coordination points, as those who can tell see it */
    isEjected(node: string, believed: readonly string[]) {
      const keys = testbed.nodes.find(({ name }) => name === node)?.keys
      const tellers = viewers.filter((viewer) => !nodes.includes(viewer) || believed.includes(viewer))
      const isGone = (lun: string, key: string | undefined) =>
        tellers.some((viewer) => {
          const seen = lastKeys(lun, viewer)
          return seen !== undefined && key !== undefined && seen.length > 0 && !seen.includes(key)
        })
      const data = testbed.luns.filter(({ use }) => use === 'data')
      const points = testbed.luns.filter(({ use }) => use === 'coordination')
      const gone = points.filter(({ name }) => isGone(name, keys?.coordination)).length
      return data.every(({ name }) => isGone(name, keys?.data)) && gone * 2 > points.length
    },
    /** one of them writes since the last ejection or panic was written down */
    goesOn(those: readonly string[]) {
      const since = lines.findLast((line) => line.type === 'panic-event' || (line.type === 'stack.log' && line.code === 'group-started'))
      const writes = lines.filter(
        (line) =>
          line.type === 'ledger.write' &&
          line.result === 'acknowledged' &&
          those.includes(line.host ?? '') &&
          line.seq > (since?.seq ?? 0),
      )
      return writes.length >= writesThatShowLife
    },
    said: (node: string, code: string, after: number) =>
      lines.some((line) => line.type === 'stack.log' && line.host === node && line.code === code && line.seq > after),
    hearsAll(node: string) {
      const status = lines.findLast((line) => line.type === 'stack' && line.host === node && line.answered)
      if (status?.type !== 'stack') return false
      const others = nodes.filter((other) => other !== node)
      return testbed.links.every((link) => others.every((other) => status.links?.[link]?.includes(other)))
    },
  }
}
