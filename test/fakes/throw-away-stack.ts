/**
 * The pure half of a second stack, with keys, checks and needs that no other has: where one of its answers turns up, it was asked.
 * It fences by nothing.
 */
import * as v from 'valibot'
import type { Check, Stack } from '../../labs/stacks/stack.ts'
import { fields, textLike, word } from '../../labs/testbed/fields.ts'
import { errorAt } from '../../labs/testbed/finding.ts'
import { hostsWithRole } from '../../labs/testbed/parts.ts'

/** The key of a node of it, on every LUN. @param id the node's number */
export const throwAwayKey = (id: number): string => `0x7${id}`

const seen = (text: string, ok: boolean, events: readonly number[] = []): Check => ({ text, ok, events })

export const throwAwayStack: Stack = {
  kind: 'throw-away',
  schema: fields({ kind: v.literal('throw-away'), policy: word(['none']), colour: textLike(/^[a-z]+$/, 'a colour') }),
  check: ({ destructive }) => (destructive ? [] : [errorAt(['stack', 'colour'], 'pale', 'a stack that may write')]),
  policies: ['none'],
  fencing: (_part, choice) => ({
    name: choice?.policy ?? 'none',
    title: 'nothing at all',
    source: 'a test',
    usesKeys: { coordination: true, data: true },
    keysWhenGreen: { coordination: 'members', data: 'group' },
    reservation: 1,
    reservationFlickers: true,
    readable: 'by all',
  }),
  recordedFencing: ({ policy }) =>
    policy === 'none' ? throwAwayStack.fencing({ kind: 'throw-away', policy }) : undefined,
  recorded: (part, choice) => ({ policy: choice?.policy ?? part.policy, parameters: { ...part } }),
  whyNot: (testbed) =>
    hostsWithRole(testbed, 'observer').length > 1 ? undefined : 'the throw-away stack needs two observers',
  nodeKeys: (_part, id) => ({ coordination: throwAwayKey(id), data: throwAwayKey(id) }),
  everyKey: (_part, id) => [throwAwayKey(id)],
  tryBlock: () => undefined,
  controlBlock: () => 0,
  peerTimeout: () => 77_000,
  times: () => ({ peerTimeout: 77_000 }),
  timeOutAt: ({ code }, times) => (code === 'gone' ? { before: times['peerTimeout'] ?? 0 } : {}),
  readLogLine: (line) => ({ hostAt: 1, boot: '', event: { type: 'stack.log', code: 'gone', text: line } }),
  readDiskOperation: () => undefined,
  keepsSharedLog: () => false,
  readLastWords: (line) =>
    line.startsWith('ouch') ? { hostAt: 1_000_000, text: line, tells: ['race-lost'] } : undefined,
  consequences: () => ['everything is thrown away'],
  green: {
    member: (line) => seen(`the throw-away stack was asked about ${line.host}`, false, [line.seq]),
    group: (statuses) => seen('the throw-away stack likes its group', statuses.length > 0),
    writes: () => seen('the throw-away stack likes its ledger', true),
    keys: (_question, viewer, lun) => seen(`${viewer} sees what was thrown away on ${lun}`, false),
  },
}
