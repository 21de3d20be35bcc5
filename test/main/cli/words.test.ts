import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scenarios } from '../../../labs/scenarios/scenarios.ts'
import { help } from '../../../main/cli/help.ts'
import { commands } from '../../../main/cli/main.ts'
import { testbedNames } from '../../../main/load-testbed.ts'
import { version } from '../../../main/version.ts'
import { small } from '../../labs/testbed/example.ts'
import { fencelab, home } from './cli.ts'

// each call starts two Node processes, on a machine that may be busy
const limit = 60_000
const refused = (stderr: string) => ({ exit: 3, stdout: '', stderr: `fencelab: ${stderr}\n` })

test('--help and --version', { timeout: limit }, async () => {
  const [long, short, word, said] = await Promise.all([
    fencelab(['--help']),
    fencelab(['-h']),
    fencelab(['help']),
    fencelab(['--version']),
  ])
  expect([long, short, word]).toEqual([1, 2, 3].map(() => ({ exit: 0, stdout: `${help.trimEnd()}\n`, stderr: '' })))
  expect(said).toEqual({ exit: 0, stdout: `${version}\n`, stderr: '' })
})

test('the version is that of the package', () => {
  const { version: packaged } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(version).toBe(packaged)
})

test('the help names every command', () => {
  const named = [...help.matchAll(/^ {2}([a-z]+) /gm)].flatMap(([, word]) =>
    word === undefined || word === 'fencelab' ? [] : [word],
  )
  expect([...new Set(named)].toSorted()).toEqual([...commands].toSorted())
})

test('the help names every testbed that comes along', () => {
  for (const name of testbedNames()) expect(help).toMatch(new RegExp(`[ ,]${name}[ ,]`))
})

test.each<[string[], string]>([
  [['fly'], 'there is no command "fly"; "fencelab --help" lists them'],
  [['chekc', 'x'], 'there is no command "chekc"; did you mean "check"? "fencelab --help" lists them'],
  [['toString'], 'there is no command "toString"; "fencelab --help" lists them'],
  [['judge'], '"fencelab judge" takes one folder of a run'],
  [['table', 'row'], '"fencelab table" takes no words, and was given "row"'],
  [['run', 'virtual'], 'which row? Give names from "fencelab table", or --all'],
  [
    ['run', 'virtual', 'no-such-row'],
    `there is no row "no-such-row"; there are: ${scenarios.map(({ name }) => name).join(', ')}`,
  ],
  [
    ['run', 'virtual', 'node-hang'],
    expect.stringMatching(/there is no row "node-hang"; did you mean "node-hangs"\? there are: /) as unknown as string,
  ],
  [['run', 'node-hangs'], 'on which testbed? Its name comes before the row: fencelab run virtual node-hangs'],
  [
    ['fault', 'private-link-down', 'nodea/priv1'],
    'on which testbed? Its name comes first: fencelab fault virtual private-link-down nodea/priv1',
  ],
  [['fault', 'virtual', 'vm-freez', 'nodea'], expect.stringMatching(/did you mean "vm-freeze"\?/) as unknown as string],
  [['fault', 'virtual', 'vm-freeze'], 'the fault vm-freeze takes the target NODE, and was given none'],
  [['check', 'virtual'], 'the lab "virtual" is not up: "fencelab up" starts it'],
  [['keys', 'virtual-four'], 'the lab "virtual-four" is not up: "fencelab up virtual-four" starts it'],
  [['fault', 'virtual', 'vm-freeze', 'nodea'], 'the lab "virtual" is not up: "fencelab up" starts it'],
  [['reset', 'virtual-four'], 'the lab "virtual-four" is not up: "fencelab up virtual-four" starts it, all green'],
  [['run', 'virtual', '--all', '--repeat', '0'], '--repeat takes a whole number from 1, not "0"'],
  [
    ['run', 'nowhere.yaml', '--all'],
    'testbed nowhere.yaml: there is no such file. Give a file, or the name of one that is included: rack-example, virtual, virtual-four',
  ],
  [
    ['up', 'rack-example'],
    expect.stringMatching(
      /rack-example\.yaml is not a virtual lab \(it has no "virtual" section\)/,
    ) as unknown as string,
  ],
  [['run', 'rack-example', '--all'], expect.stringMatching(/does not say "destructive: true"/) as unknown as string],
])('%j is refused, with what there is', { timeout: limit }, async (words, text) => {
  const said = await fencelab(words)
  if (typeof text === 'string') expect(said).toEqual(refused(text))
  else
    expect({ ...said, stderr: said.stderr.replace(/^fencelab: |\n$/g, '') }).toEqual({
      exit: 3,
      stdout: '',
      stderr: text,
    })
})

test('an unknown option is named', { timeout: limit }, async () => {
  const { exit, stdout, stderr } = await fencelab(['table', '--fast'])
  expect([exit, stdout]).toEqual([3, ''])
  expect(stderr).toMatch(/^fencelab: Unknown option '--fast'.*"fencelab --help" tells what there is/)
})

test(
  'a testbed with mistakes: each with line, column, what was expected, and the line itself',
  { timeout: limit },
  async () => {
    const directory = home()
    const file = join(directory, 'wrong.yaml')
    writeFileSync(file, small.replace('destructive: true', 'destructive: 7').replace('role: observer', 'role: obsever'))
    const { exit, stdout, stderr } = await fencelab(['check', file], { in: directory })
    expect([exit, stdout]).toEqual([3, ''])
    expect(stderr).toContain(`${file}:2:14: destructive:`)
    expect(stderr).toMatch(
      /wrong\.yaml:\d+:11: hosts\.eye\.role: .*obsever.*; expected .*\n +\d+ \| {5}role: obsever\n +\| +\^/,
    )
  },
)

test('table: the documented rows as text, and as one JSON document', { timeout: limit }, async () => {
  const [text, json] = await Promise.all([fencelab(['table']), fencelab(['table', '--json'])])
  expect([text.exit, text.stderr, json.exit, json.stderr]).toEqual([0, '', 0, ''])
  expect(JSON.parse(json.stdout)).toEqual(scenarios)
  const unwrapped = text.stdout.replace(/\s+/g, ' ')
  for (const { name, title, source } of scenarios) {
    expect(unwrapped).toContain(`${name}: ${title}`)
    expect(unwrapped).toContain(`source ${source.document}, ${source.place}`)
  }
  expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
})

test(
  'without a lab: status says so, down has nothing to end, undo nothing to take back',
  { timeout: limit },
  async () => {
    const directory = home()
    const said = await Promise.all(['status', 'down', 'undo'].map((word) => fencelab([word], { in: directory })))
    expect(said).toEqual(
      [
        'The lab "virtual" is not up. "fencelab up" starts it.',
        'The lab "virtual" is not up.',
        'Nothing is left to be undone.',
      ].map((text) => ({
        exit: 0,
        stdout: `${text}\n`,
        stderr: '',
      })),
    )
  },
)

test('what a killed run left is told, and what cannot be undone stays on the list', { timeout: limit }, async () => {
  const directory = home()
  const list = join(directory, 'state', 'fencelab', 'outstanding')
  mkdirSync(list, { recursive: true })
  const remove = (file: string) => ({
    kind: 'command',
    host: 'here',
    purpose: 'undo',
    argv: ['rm', join(directory, file)],
  })
  const left = {
    run: 'run-1',
    directory: '/runs/run-1',
    testbed: join(directory, 'here.yaml'),
    pid: 2 ** 22 + 1,
    faults: [
      { id: 'one', text: 'a file is there', undo: [remove('fault')] },
      // of a fault on several hosts each is taken back, whatever becomes of the others
      { id: 'two', text: 'two more are', undo: [remove('nothing'), remove('other')] },
      { id: 'three', text: 'a node was crashed', undo: [] },
    ],
  }
  writeFileSync(join(list, 'run-1.json'), JSON.stringify(left))
  for (const file of ['fault', 'other']) writeFileSync(join(directory, file), '')
  writeFileSync(join(directory, 'here.yaml'), small)
  const status = await fencelab(['status'], { in: directory })
  expect(status.stdout).toContain(
    'An earlier run did not finish: /runs/run-1\n  still injected: a file is there\n  still injected: two more are\n',
  )
  const undone = await fencelab(['undo'], { in: directory })
  expect([undone.exit, undone.stdout]).toEqual([3, ''])
  expect(undone.stderr).toMatch(
    /^undone: a file is there\ncould not be undone: two more are: here: undo: .*No such file.*\nnothing can be undone from here: a node was crashed\n$/s,
  )
  expect(['fault', 'other'].filter((file) => existsSync(join(directory, file)))).toEqual([])
  for (const file of ['fault', 'nothing', 'other']) writeFileSync(join(directory, file), '')
  expect((await fencelab(['undo'], { in: directory })).exit).toBe(0)
  expect(await fencelab(['undo'], { in: directory })).toMatchObject({
    exit: 0,
    stdout: 'Nothing is left to be undone.\n',
  })
})

test('a damaged list of what is injected is told, not passed over', { timeout: limit }, async () => {
  const directory = home()
  const list = join(directory, 'state', 'fencelab', 'outstanding')
  mkdirSync(list, { recursive: true })
  writeFileSync(join(list, 'run-1.json'), '{')
  const { exit, stderr } = await fencelab(['undo'], { in: directory })
  expect([exit, stderr]).toEqual([3, expect.stringContaining('run-1.json is no list of what a run left injected')])
})
