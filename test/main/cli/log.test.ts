/** The command line and its log: what goes there, who is shown it, and which errors name it. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { small } from '../../labs/testbed/example.ts'
import { linesOf } from '../log/folder.ts'
import { fencelab, home } from './cli.ts'

const limit = 60_000
const folderOf = (directory: string) => join(directory, 'state', 'fencelab', 'log')
const fileOf = (directory: string) => join(folderOf(directory), 'fencelab.log')

/** A home in which a run was killed: one file is to be removed on this computer. */
function withSomethingLeft(): string {
  const directory = home()
  const list = join(directory, 'state', 'fencelab', 'outstanding')
  mkdirSync(list, { recursive: true })
  writeFileSync(join(directory, 'here.yaml'), small)
  const undo = (file: string) => ({
    kind: 'command',
    host: 'here',
    purpose: 'take the file away',
    argv: ['rm', join(directory, file), '--password=Zq-secret-8xW'].slice(0, file === 'fault' ? 2 : 3),
  })
  const left = {
    run: 'run-1',
    directory: '/runs/run-1',
    testbed: join(directory, 'here.yaml'),
    pid: 2 ** 22 + 1,
    faults: [
      { id: 'one', text: 'a file is there', undo: [undo('fault')] },
      { id: 'two', text: 'another one is', undo: [undo('nothing')] },
    ],
  }
  writeFileSync(join(list, 'run-1.json'), JSON.stringify(left))
  writeFileSync(join(directory, 'fault'), '')
  return directory
}

test(
  'undo: what was done on which host, and how it ended, is in a file of its owner alone',
  { timeout: limit },
  async () => {
    const directory = withSomethingLeft()
    const { exit, stderr } = await fencelab(['undo'], { in: directory })
    expect(exit).toBe(3)
    expect(stderr).not.toMatch(/^\d{4}-.* (info|debug|warning) /m)
    expect(statSync(fileOf(directory)).mode & 0o777).toBe(0o600)
    const lines = linesOf(folderOf(directory))
    expect(lines.map(({ process }) => process)).toEqual(lines.map(() => 'cli'))
    const said = lines.map(({ level, host, text }) => [level, host, String(text).replace(/, \d+ ms$/, '')])
    expect(said).toEqual(
      expect.arrayContaining([
        ['info', undefined, 'fencelab undo begins'],
        ['info', undefined, 'the lab is locked for changes'],
        ['info', undefined, 'the lab is opened'],
        ['debug', 'here', 'take the file away: exit 0'],
        ['info', undefined, 'undo: a file is there: done'],
        ['warning', 'here', 'take the file away: exit 1'],
        ['info', undefined, 'the lab is closed'],
        ['info', undefined, 'the lock is released'],
        ['info', undefined, 'fencelab undo ended with exit 3'],
      ]),
    )
    const failed = lines.find(({ level, host }) => level === 'warning' && host === 'here')
    expect(failed).toMatchObject({
      exit: 1,
      argv: expect.arrayContaining(['rm']) as unknown,
      stderr: expect.arrayContaining([expect.stringMatching(/rm: /)]) as unknown,
    })
    expect(readFileSync(fileOf(directory), 'utf8')).not.toContain('Zq-secret')
  },
)

test('--verbose shows the lines on standard error; standard output is as it was', { timeout: limit }, async () => {
  const directory = withSomethingLeft()
  const { stdout, stderr } = await fencelab(['undo', '--verbose'], { in: directory })
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^\S+ info fencelab undo begins$/m)
  expect(stderr).toMatch(/^\S+ debug \S+ here: take the file away: exit 0, \d+ ms\n {4}\$ .*rm /m)
  expect(stderr).toMatch(/^undone: a file is there$/m)
  const table = await fencelab(['table', '--json', '--verbose'])
  expect([table.exit, table.stderr, Array.isArray(JSON.parse(table.stdout))]).toEqual([0, '', true])
})

/** Neither a word nor a file of the user's: the program's own list is a file where a folder should be. */
function broken(): string {
  const directory = home()
  mkdirSync(join(directory, 'state', 'fencelab'), { recursive: true })
  writeFileSync(join(directory, 'state', 'fencelab', 'outstanding'), '')
  return directory
}

test('an error names the log on its last line, and with --json in the document', { timeout: limit }, async () => {
  const directory = broken()
  const [text, json] = await Promise.all([
    fencelab(['undo'], { in: directory }),
    fencelab(['run', 'virtual', 'node-hangs', '--json', '--verbose'], { in: directory }),
  ])
  expect([text.exit, text.stdout]).toEqual([3, ''])
  expect(text.stderr.trimEnd().split('\n').at(-1)).toBe(`log: ${fileOf(directory)}`)
  expect(json.exit).toBe(3)
  const { error } = JSON.parse(json.stdout) as { error: { log?: string; kind: string } }
  expect(error).toMatchObject({ kind: 'lab', log: fileOf(directory) })
  const lines = linesOf(folderOf(directory))
  expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
    { error: { code: 'ENOTDIR', stack: expect.stringContaining('Error: ') as unknown } },
    { error: { code: 'ENOTDIR' } },
  ])
})

test(
  'an error that says all there is to say does not name it; it is written down all the same',
  { timeout: limit },
  async () => {
    const directory = home()
    const { exit, stderr } = await fencelab(['check', 'nowhere.yaml'], { in: directory })
    expect(exit).toBe(3)
    expect(stderr).not.toContain('log: ')
    expect(linesOf(folderOf(directory))).toMatchObject([
      { text: 'fencelab check begins' },
      { level: 'warning', text: expect.stringContaining('nowhere.yaml') as unknown },
      { text: 'fencelab check ended with exit 3' },
    ])
  },
)

test('what reaches no host leaves no log', { timeout: limit }, async () => {
  const directory = home()
  await Promise.all(
    [['table'], ['--help'], ['--version'], ['table', '--fast']].map((words) => fencelab(words, { in: directory })),
  )
  expect(existsSync(folderOf(directory))).toBe(false)
})

test('a log that cannot be written is told once, and the command does its work', { timeout: limit }, async () => {
  const directory = withSomethingLeft()
  writeFileSync(folderOf(directory), '')
  const { exit, stderr } = await fencelab(['undo'], { in: directory })
  expect(exit).toBe(3)
  expect(existsSync(join(directory, 'fault'))).toBe(false)
  expect(stderr.match(/cannot be written, and is done without/g)).toHaveLength(1)
  expect(stderr).not.toContain('log: ')
  const broke = broken()
  writeFileSync(folderOf(broke), '')
  const error = await fencelab(['undo', '--json'], { in: broke })
  expect(error.stderr).not.toMatch(/^log: /m)
})
