/** The parts of the mutation test. (The whole of it takes long, and is `npm run mutate`.) */
import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Line, LineOf } from '../../labs/journal/event.ts'
import { parseLine } from '../../labs/journal/schema.ts'
import { scenarios } from '../../labs/scenarios/scenarios.ts'
import { invariantNames, ruleNames } from '../../labs/scenarios/words.ts'
import { recorded } from '../labs/verdicts/history.ts'
import { everyRow } from '../labs/verdicts/every-row.ts'
import { chained, checkedLine } from './chain.ts'
import { evidenceKinds, evidenceOf } from './evidence.ts'
import { forPeople } from './for-people.ts'
import { looksChanged, spelledOut } from './looks.ts'
import { planted } from './planted/planted.ts'
import { storedRecordings } from './recordings.ts'
import { sceneOf } from './scene.ts'

const sample = fileURLToPath(new URL('../../labs/samples/both-private-networks-fail/journal.jsonl', import.meta.url))
const texts = readFileSync(sample, 'utf8').trimEnd().split('\n')
const lines = texts.map((text): Line => {
  const read = parseLine(JSON.parse(text))
  if (read.kind !== 'line') throw new Error(text)
  return read.line
})

describe('a changed recording is a whole one', () => {
  it('an unchanged one stays as it is', () => {
    const unchained = ({ prev: _, ...line }: Line) => line
    expect(chained(lines).map(unchained)).toEqual(lines.map(unchained))
    expect(chained(chained(lines))).toEqual(chained(lines))
  })

  it('numbers, hashes and references follow when lines go', () => {
    const baseline = lines.find((line) => line.type === 'baseline')
    const [gone] = baseline?.type === 'baseline' ? (baseline.checks[1]?.events ?? []) : []
    const less = chained(lines.filter(({ seq }) => seq !== 5 && seq !== gone))
    less.forEach((line, index) => {
      const before =
        index === 0
          ? '0'.repeat(64)
          : createHash('sha256')
              .update(JSON.stringify(less[index - 1]))
              .digest('hex')
      expect([line.seq, line.prev]).toEqual([index + 1, before])
    })
    const whole = new Map(lines.map((line) => [line.seq, line]))
    const moved = less.find((line) => line.type === 'baseline')
    for (const [index, check] of moved?.type === 'baseline' ? moved.checks.entries() : []) {
      const was = baseline?.type === 'baseline' ? (baseline.checks[index]?.events ?? []) : []
      expect(check.events.map((seq) => less[seq - 1]?.at)).toEqual(
        was.filter((seq) => seq !== gone).map((seq) => whole.get(seq)?.at),
      )
    }
  })

  it('a line that no recorder would write is refused', () => {
    const [first] = lines
    expect(() => checkedLine({ ...first, type: 'keys' } as unknown as Line)).toThrow('no line of a recording')
  })
})

describe('looks', () => {
  const looks = spelledOut(lines).filter((line) => line.type === 'keys' || line.type === 'array-keys')

  it('every look has its own text, and says what it said', () => {
    expect(looks.some((look) => 'same' in look)).toBe(false)
    const first = lines.find((line): line is LineOf<'keys'> => line.type === 'keys' && line.same !== undefined)
    const origin = lines.find(({ seq }) => seq === first?.same)
    const spelled = looks.find(({ seq }) => seq === first?.seq)
    expect(spelled).toMatchObject({
      seq: first?.seq,
      at: first?.at,
      host: first?.host,
      stdout: origin?.type === 'keys' ? origin.stdout : '',
    })
  })

  it('a change that changes nothing leaves every text as it is', () => {
    const same = {
      keys: (keys: readonly string[]) => keys,
      held: <T>(held: T) => held,
      generation: (generation: number) => generation,
    }
    expect(looksChanged(looks, () => true, same)).toEqual(looks)
  })

  it('a key and a holder are put into every text that shows them', () => {
    const changed = looksChanged(looks, (look) => look.lun === 'data1', {
      keys: () => ['0x4150475230303030'],
      held: () => ({ key: '0x4150475230303030', scope: 'LU_SCOPE', type: 3 }),
      generation: () => 9,
    })
    for (const look of changed) {
      if (look.type === 'array-keys' && look.lun === 'data1')
        expect(look.text).toMatch(
          /^0x00000009\n.*nodea.*\n.*Type: Exclusive Access\nSPC-3 PR Registrations:\niSCSI Node: \S*nodea\S* Key: 0x4150475230303030 .*\n$/,
        )
      if (look.type !== 'keys' || look.lun !== 'data1' || look.exit !== 0) continue
      expect(look.stdout).toContain('PR generation=0x9')
      expect(look.stdout).toContain('0x4150475230303030')
      expect(look.stdout).not.toContain('0x4250475230303030')
      if (look.action !== 'keys') expect(look.stdout).toContain('type: Exclusive Access\n')
    }
  })
})

describe('the lists', () => {
  it('there is a recording of every row: from the lab, or made up', () => {
    const stored = storedRecordings()
    for (const { name } of scenarios) expect(stored.has(name) || (everyRow[name] ?? []).length > 0, name).toBe(true)
    expect([...stored.keys()].filter((name) => !scenarios.some((row) => row.name === name))).toEqual([])
  })

  it('what is for people only is a kind of event', () => {
    expect(Object.keys(forPeople).filter((kind) => !evidenceKinds.includes(kind))).toEqual([])
    expect(lines.flatMap(evidenceOf).filter((kind) => !evidenceKinds.includes(kind))).toEqual([])
  })

  it('at least eighty defects, each with a name of its own, a source, and a rule of this version', () => {
    const known = new Set<string>([
      ...ruleNames,
      ...invariantNames,
      'precondition',
      'expected-outcome',
      'expected-on-the-way',
    ])
    expect(planted.length).toBeGreaterThanOrEqual(80)
    expect(new Set(planted.map(({ name }) => name)).size).toBe(planted.length)
    for (const { name, source, does, rules } of planted) {
      expect(name).toMatch(/^[a-z0-9-]+$/)
      expect([source.length > 20, does.length > 10]).toEqual([true, true])
      expect(
        rules.filter((rule) => known.has(rule)),
        name,
      ).not.toEqual([])
    }
  })

  it('every defect can be planted in some recording', () => {
    const scenes = [...storedRecordings().values(), ...Object.values(everyRow).map(recorded)].map(sceneOf)
    for (const defect of planted)
      expect(
        scenes.some((scene) => defect.plant(scene).length > 0),
        defect.name,
      ).toBe(true)
  })
})
