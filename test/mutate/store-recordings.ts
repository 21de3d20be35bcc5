/**
 * node test/mutate/store-recordings.ts DIR...: stores one passing recording of each row, out of the runs below these folders,
 * for the mutation test. Paths of the computer that recorded them are shortened, and hashes made anew; nothing else is
 * touched.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { parseLine } from '../../labs/journal/schema.ts'
import { scenarios } from '../../labs/scenarios/scenarios.ts'
import { judge } from '../../labs/verdicts/judge.ts'
import type { Line } from '../../labs/journal/event.ts'
import { chained } from './chain.ts'
import { archive, storedRecordings, storeRecordings } from './recordings.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)

/** The folder itself, or those in it, that hold a journal. */
function runsIn(folder: string): readonly string[] {
  if (existsSync(join(folder, 'journal.jsonl'))) return [folder]
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'journal.jsonl')))
    .map((entry) => join(folder, entry.name))
    .sort()
}

/** State folders of fencelab, and the home of whoever recorded it, as ~: every path that the testbed or a command names. */
function shortened(text: string): string {
  const home = homedir()
  return text.replaceAll(/\/(?:root|home\/[\w.-]+)(?=\/\.(?:local|config|ssh))/g, '~').replaceAll(`${home}/`, '~/')
}

function read(folder: string): readonly Line[] | string {
  const lines: Line[] = []
  for (const [index, text] of readFileSync(join(folder, 'journal.jsonl'), 'utf8').split('\n').entries()) {
    if (text === '') continue
    let value: unknown
    try {
      value = JSON.parse(shortened(text))
    } catch {
      return `line ${index + 1} is torn`
    }
    const line = parseLine(value)
    if (line.kind !== 'line')
      return `line ${index + 1}: ${line.kind === 'invalid' ? line.what : `type ${line.line.type}`}`
    lines.push(line.line)
  }
  return chained(lines)
}

const folders = process.argv.slice(2)
if (folders.length === 0) {
  process.stderr.write('usage: node test/mutate/store-recordings.ts DIR...\n')
  process.exit(2)
}
const kept = existsSync(archive) ? new Map(storedRecordings()) : new Map<string, readonly Line[]>()
const found = new Map<string, readonly Line[]>()
for (const folder of folders.flatMap(runsIn)) {
  const lines = read(folder)
  if (typeof lines === 'string') {
    say(`${basename(folder)}: ${lines}`)
    continue
  }
  const started = lines[0]?.type === 'run.started' ? lines[0] : undefined
  const { verdict, reasons } = judge(lines)
  if (!started || verdict !== 'pass') {
    say(`${basename(folder)}: ${verdict}: ${reasons.find(({ bearing }) => bearing !== 'pass')?.text ?? 'no start'}`)
    continue
  }
  found.set(started.scenario.name, lines)
}
const all = new Map<string, readonly Line[]>()
for (const { name } of scenarios) {
  const lines = found.get(name) ?? kept.get(name)
  if (!lines) say(`no recording of ${name}`)
  else {
    all.set(name, lines)
    say(
      `${name}: ${found.has(name) ? lines[0]?.type === 'run.started' && lines[0].run : 'as it was'}, ${lines.length} lines`,
    )
  }
}
say(`${archive}: ${storeRecordings(all)} bytes, ${all.size} of ${scenarios.length} rows`)
