/** Documents that do not lie: what they name exists, and what exists is named where it belongs. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { policyNames } from '../../labs/cluster/policy-names.ts'
import { faults } from '../../labs/faults/faults.ts'
import { outcomes } from '../../labs/scenarios/outcome.ts'
import { lineSchema } from '../../labs/journal/schema.ts'
import { pduModelNames } from '../../labs/power/models.ts'
import { scenarios } from '../../labs/scenarios/scenarios.ts'
import { conditions, invariantNames, operations, ruleNames } from '../../labs/scenarios/words.ts'
import { judge } from '../../labs/verdicts/judge.ts'
import { commands } from '../../main/cli/main.ts'
import { showRun } from '../../main/cli/show-run.ts'
import { testbedNames } from '../../main/load-testbed.ts'
import { readJournal } from '../../main/recorder/read-journal.ts'
import { describeUnless } from '../describe-unless.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const documents = [
  'README.md',
  ...readdirSync(join(root, 'labs/docs')).flatMap((name) => (name.endsWith('.md') ? [`labs/docs/${name}`] : [])),
]

const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }

/** The text below a heading, up to the next one of its level or above. */
function section(file: string, heading: string): string {
  const [, below] = read(file).split(`\n${heading}\n`)
  if (below === undefined) throw new Error(`${file} has no heading "${heading}"`)
  const level = heading.indexOf(' ')
  return below.split(new RegExp(`\n#{1,${level}} `))[0] ?? ''
}
/** What a pattern's first group finds, each once, in order of the alphabet. */
const found = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, word = '']) => word))].toSorted()
const sorted = (words: readonly string[]) => [...new Set(words)].toSorted()
/** How far a quotation is indented is not the code's matter. */
const withoutIndent = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
/** The first column of the tables in a text, without their heads. */
const firstColumn = (text: string) => found(text, /^\| `([^`]+)`/gm)

describe('what exists is named in its document, and nothing else', () => {
  test('verdicts.md: every rule', () => {
    const named = found(section('labs/docs/verdicts.md', '## Rules'), /^\*\*([a-z-]+)[.*]/gm)
    expect(named).toEqual(sorted([...ruleNames, 'expected-outcome', 'expected-on-the-way']))
  })

  test('verdicts.md: every invariant, and what proves it, what makes it fail, what leaves it inconclusive', () => {
    const text = section('labs/docs/verdicts.md', '## Invariants')
    expect(found(text, /^\*\*([a-z-]+)[.*]/gm)).toEqual(sorted(invariantNames))
    for (const entry of text.split(/\n(?=\*\*)/).slice(1))
      for (const word of [/\bholds\b/i, /\bviolated\b/i, /\bunknown\b/i]) expect(entry).toMatch(word)
  })

  test('verdicts.md: every rule says what proves it, what makes it fail, what leaves it inconclusive', () => {
    const entries = section('labs/docs/verdicts.md', '## Rules')
      .split(/\n(?=\*\*)/)
      .slice(1)
    for (const entry of entries.filter((text) => !/The same at each|For every data disk the same/.test(text))) {
      for (const word of [/\bholds\b/i, /\bviolated\b/i, /\bunknown\b/i]) expect(entry).toMatch(word)
    }
  })

  test('verdicts.md: every outcome', () => {
    const named = [
      ...section('labs/docs/verdicts.md', '## What became of a node').matchAll(/^- ((?:`[a-z-]+`(?:, )?)+)/gm),
    ]
    expect(sorted(named.flatMap(([, words = '']) => found(words, /`([a-z-]+)`/g)))).toEqual(sorted(outcomes))
  })

  test('recording.md: every type of event', () => {
    const events = section('labs/docs/recording.md', '## Events')
    expect(found(events, /^- `([a-z.-]+)`/gm)).toEqual(
      sorted(lineSchema.options.map(({ entries }) => entries.type.literal)),
    )
  })

  test('scenarios.md: every scenario with its title', () => {
    const rows = [...read('labs/docs/scenarios.md').matchAll(/^\| `([a-z\d-]+)` +\| ([^|]*?) +\|/gm)].map(
      ([, name, title]) => [name, title],
    )
    expect(rows).toEqual(scenarios.map(({ name, title }) => [name, title]))
  })

  test('commands.md: every command', () => {
    const table = section('labs/docs/commands.md', '## The commands')
    const named = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => found(cell, /`([a-z]+)(?: |`)/g))
    expect(sorted(named)).toEqual(sorted(commands))
  })

  test('commands.md: every testbed that comes along', () => {
    for (const name of testbedNames())
      expect(section('labs/docs/commands.md', '## The commands')).toContain(`\`${name}\``)
  })

  test('development.md: every script of package.json but those that the README names', () => {
    const named = found(section('labs/docs/development.md', '## Before a commit'), /`npm run ([a-z\d:-]+)/g)
    expect(named).toEqual(sorted(Object.keys(scripts).filter((name) => name !== 'start' && name !== 'test')))
  })

  test('README.md: every page of the manual', () => {
    const linked = found(read('README.md'), /\]\((labs\/docs\/[a-z-]+\.md)[)#]/g)
    expect(linked).toEqual(sorted(documents.filter((file) => file !== 'README.md')))
  })

  test('how-to-write-a-fault.md: every fault with its target', () => {
    const rows = [
      ...section('labs/docs/how-to-write-a-fault.md', '## The faults there are').matchAll(
        /^\| `([a-z-]+)` +\| ([A-Z/]+) +\|/gm,
      ),
    ]
    expect(rows.map(([, name, target]) => [name, target])).toEqual(
      Object.values(faults).map(({ name, target }) => [name, target.map((part) => part.toUpperCase()).join('/')]),
    )
  })

  test('how-to-write-a-scenario.md: every condition and operation', () => {
    const file = 'labs/docs/how-to-write-a-scenario.md'
    expect(firstColumn(section(file, '## What a step can wait for'))).toEqual(sorted(conditions))
    expect(firstColumn(section(file, '## What the operator does'))).toEqual(sorted(operations))
  })

  test('how-to-write-a-power-driver.md: every family of PDUs', () => {
    expect(firstColumn(section('labs/docs/how-to-write-a-power-driver.md', '## The families'))).toEqual(
      sorted(pduModelNames),
    )
  })

  test('reference-cluster.md: every policy', () => {
    expect(firstColumn(read('labs/docs/reference-cluster.md'))).toEqual(sorted(policyNames))
  })

  test.each(['labs', 'main', 'preload', 'renderer'])('rooms.md: every folder of %s/', (room) => {
    const folders = readdirSync(join(root, room), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    )
    const text =
      read('labs/docs/rooms.md')
        .split(new RegExp(`\n## ${room}/[^\n]*\n`))[1]
        ?.split('\n## ')[0] ?? ''
    expect(found(text, /\*\*`([a-z-]+)\/`\*\*/g)).toEqual(sorted(folders))
  })
})

describe.each(documents)('%s', (file) => {
  const text = read(file)

  test('its links lead somewhere', () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*$/, ''))
    const lost = targets.filter(
      (target) => target !== '' && !/^https?:/.test(target) && !existsSync(join(root, dirname(file), target)),
    )
    expect(lost).toEqual([])
  })

  test('the files and folders that it names are there', () => {
    // names with capitals stand for something, and * for several
    const named = found(text, /`((?:labs|main|preload|renderer|test)\/[a-z\d./_-]+)`/g)
    expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([])
  })

  test('what it quotes of the code stands there', () => {
    for (const [, source = '', quoted = ''] of text.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)) {
      expect(withoutIndent(read(source))).toContain(withoutIndent(quoted).trimEnd())
    }
  })

  test('the commands, rows and faults that it tells to type exist', () => {
    const named = (pattern: RegExp) => found(text, pattern)
    expect(named(/(?:`|npx )fencelab ([a-z][a-z-]*)/g).filter((name) => !commands.includes(name))).toEqual([])
    expect(
      named(/fencelab run \S+ ([a-z][a-z\d-]*)/g).filter((name) => !scenarios.some((row) => row.name === name)),
    ).toEqual([])
    expect(named(/fault [\w.-]+ ([a-z]+-[a-z-]+) /g).filter((name) => !Object.hasOwn(faults, name))).toEqual([])
    expect(named(/\bnpm run ([a-z][a-z\d:-]*)/g).filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })
})

describe('README.md is a door', () => {
  test('of fewer than 120 lines, with a picture and a verdict', () => {
    const text = read('README.md')
    expect(text.split('\n').length).toBeLessThan(120)
    expect(found(text, /!\[[^\]]+\]\(([^)]+)\)/g)).toHaveLength(1)
    expect(text).toMatch(/^Verdict: PASS$/m)
  })

  test('that names the command that starts it, and the one that CI runs', () => {
    const [, commandOfCi] = /^exec (npm [a-z]+)/m.exec(read('.ci/run')) ?? []
    const told = found(section('README.md', '## Two commands'), /^(npm (?:run )?[a-z]+)/gm)
    expect(told).toEqual(sorted(['npm start', commandOfCi ?? 'no command']))
  })
})

const sampleFolder = join(root, 'labs/samples/both-private-networks-fail')
const noJq = spawnSync('jq', ['--version']).status === 0 ? undefined : 'jq is not installed'
describeUnless(noJq, 'development.md: the lines for jq', () => {
  const lines = found(read('labs/docs/development.md'), /^(jq .*)$/gm)

  test.each(lines)('%s', (line) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: sampleFolder, encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    // only what speaks against a pass, and writes that were refused, are not there in a recording that passed
    if (!line.includes('!=')) expect(stdout).not.toBe('')
  })

  test('are there', () => expect(lines.length).toBeGreaterThan(5))
})

test('README.md shows what judge prints of the recording that comes along', async () => {
  const directory = 'labs/samples/both-private-networks-fail'
  const { lines } = await readJournal(join(root, directory))
  const printed = showRun(lines, judge(lines), directory)
    .split('\n')
    .map((line) => line.trimEnd())
  const [, shown = ''] = /```text\n([\s\S]*?)```/.exec(read('README.md')) ?? []
  expect(shown).toContain(`npx fencelab judge ${directory}`)
  const missing = shown
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('$ ') && line !== '...' && !printed.includes(line))
  expect(missing).toEqual([])
})
