import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CommandRecord } from '../../../main/hosts/runner.ts'
import { commandLog } from '../../../main/log/command-log.ts'
import { openLog } from '../../../main/log/log.ts'
import { linesOf, temporaryFolder } from './folder.ts'

const command = (more: Partial<CommandRecord> = {}): CommandRecord => ({
  type: 'command',
  host: 'nodea',
  purpose: 'read the keys',
  argv: ['sg_persist', '--in'],
  expected: [0],
  exit: 0,
  stdout: 'PR generation=0x1',
  stderr: '',
  milliseconds: 12.4,
  ...more,
})

function opened(now?: () => number) {
  const folder = join(temporaryFolder(), 'log')
  openLog({ program: 'cli', folder, onUnwritable: (text) => expect.fail(text) })
  return { folder, commands: commandLog('rack', now) }
}

test('a command that ended as expected: debug, with host, argv, exit and duration, and nothing of what it said', () => {
  const { folder, commands } = opened()
  commands.record(command({ stderr: 'by the way' }))
  const [line] = linesOf(folder)
  expect(line).toMatchObject({
    level: 'debug',
    lab: 'rack',
    host: 'nodea',
    argv: ['sg_persist', '--in'],
    exit: 0,
    milliseconds: 12,
    text: 'read the keys: exit 0, 12 ms',
  })
  expect(Object.keys(line ?? {})).not.toContain('stderr')
  expect(JSON.stringify(line)).not.toContain('generation')
})

test.each([
  ['another exit', { exit: 5 }, 'exit 5'],
  ['a time limit', { exit: null, failure: 'timeout' }, 'timeout'],
  ['a lost connection, where any exit is right', { exit: null, failure: 'gone', expected: [] }, 'gone'],
] as const)('%s: a warning with the first lines of its standard error', (_what, more, end) => {
  const { folder, commands } = opened()
  commands.record(command({ ...more, stderr: ['', '1', '2', '3', '4', '5', '6', ''].join('\n') }))
  expect(linesOf(folder)).toMatchObject([
    { level: 'warning', text: `read the keys: ${end}, 12 ms`, stderr: ['1', '2', '3', '4', '5'] },
  ])
})

test.each([
  ['an end that is one of several', { exit: 2, expected: [0, 2] }],
  ['any end, where the caller judges', { exit: 7, expected: [] }],
  ['a stream that was stopped', { exit: null, failure: 'aborted' }],
] as const)('%s is as expected', (_what, more) => {
  const { folder, commands } = opened()
  commands.record(command(more))
  expect(linesOf(folder)).toMatchObject([{ level: 'debug' }])
})

test('the same with the same end is counted after the third time, and told after a minute and at the end', () => {
  let now = 0
  const { folder, commands } = opened(() => now)
  const texts = () => linesOf(folder).map(({ text, times }) => (times === undefined ? text : times))
  for (let times = 0; times < 10; times += 1) commands.record(command())
  expect(texts()).toHaveLength(3)
  // another end is news
  commands.record(command({ exit: 5 }))
  expect(texts()).toHaveLength(4)
  now = 61_000
  commands.record(command())
  expect(texts().slice(4)).toEqual([7, 'read the keys: exit 0, 12 ms'])
  for (let times = 0; times < 4; times += 1) commands.record(command())
  commands.end()
  expect(texts().slice(6)).toEqual(['read the keys: exit 0, 12 ms', 'read the keys: exit 0, 12 ms', 2])
  commands.end()
  expect(texts()).toHaveLength(9)
})
