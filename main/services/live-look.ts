import { replay, type Replay } from '../../labs/replay/replay.ts'
import { noLineBefore } from '../recorder/files.ts'
import type { Event, Line, LineOf, RunStarted, TestbedRecord } from '../../labs/journal/event.ts'
import type { Scene } from '../../labs/replay/scene.ts'
import type { Seen } from '../recorder/recorder.ts'
import type { Sink } from './lab-driver.ts'

/** What is kept of the lines of one kind from one place: the latest, so that a day of looking takes no more room than a minute. */
const keptOfEach = 3
/** lines of consoles and of notes */
const keptLines = 200
/** looks whose text can be asked for: a picture that somebody reads is some seconds old, its lines may be thinned out by then */
const keptTexts = 2000

/**
 * What was seen of a lab lately, while no row is run. It keeps no record: what a row's recording is for, this is not.
 * The picture is folded when somebody asks for it.
 */
export class LiveLook implements Sink {
  /** changes with everything that was seen */
  version = 0
  readonly #record: TestbedRecord
  readonly #began = performance.now()
  readonly #groups = new Map<string, Line[]>()
  readonly #texts = new Map<number, string>()
  #seq = 1
  #folded: { readonly version: number; readonly replay: Replay } | undefined

  constructor(record: TestbedRecord) {
    this.#record = record
  }

  /** milliseconds since the looking began: what the lines count in */
  elapsed(): number {
    return performance.now() - this.#began
  }

  append(event: Event, seen: Seen = {}): Line {
    this.#seq += 1
    const line = { seq: this.#seq, at: this.elapsed(), ...seen, prev: noLineBefore, ...event } as Line
    const own = line.type === 'keys' || line.type === 'array-keys' ? this.#withText(line) : line
    this.#keepText(own)
    const group = groupOf(own)
    const list = this.#groups.get(group) ?? []
    this.#groups.set(group, list)
    list.push(own)
    thin(own, list)
    this.version += 1
    return own
  }

  scene(allViewers: boolean): Scene {
    if (this.#folded?.version !== this.version) {
      const lines = [...this.#groups.values()].flat().sort((a, b) => a.seq - b.seq)
      this.#folded = {
        version: this.version,
        replay: replay(startedOf(this.#record), [startLine(this.#record), ...lines]),
      }
    }
    return this.#folded.replay.scene.at(this.elapsed(), { allViewers })
  }

  /** What a look printed; undefined where it is too long ago. */
  raw(seq: number): string | undefined {
    return this.#texts.get(seq)
  }

  #keepText(line: Line): void {
    if (line.type === 'keys') this.#texts.set(line.seq, `${line.stdout}${line.stderr}`)
    if (line.type === 'array-keys') this.#texts.set(line.seq, line.text)
    const [oldest] = this.#texts.keys()
    if (oldest !== undefined && this.#texts.size > keptTexts) this.#texts.delete(oldest)
  }

  /** A line that refers to an earlier one gets its text: the earlier one may be forgotten. */
  #withText<L extends LineOf<'keys'> | LineOf<'array-keys'>>(line: L): L {
    const { same, ...rest } = line
    if (same === undefined) return line
    const earlier = this.#groups.get(groupOf(line))?.findLast((one) => one.seq >= same)
    if (earlier?.type === 'keys' && line.type === 'keys')
      return { ...rest, stdout: earlier.stdout, stderr: earlier.stderr } as L
    if (earlier?.type === 'array-keys' && line.type === 'array-keys') return { ...rest, text: earlier.text } as L
    return line
  }
}

function groupOf(line: Line): string {
  switch (line.type) {
    case 'keys':
      return `keys ${line.lun} ${line.host} ${line.action}`
    case 'array-keys':
      return `array ${line.lun}`
    case 'fault':
      return `fault ${line.id}`
    case 'console':
    case 'stack.log':
      return `${line.type} ${line.host}`
    case 'outlet':
      return `outlet ${line.outlet}`
    case 'process':
      return `process ${line.node}`
    default:
      return `${line.type} ${line.host ?? ''}`
  }
}

/** A change stays until the next one: the line before it is what it is a change from. */
function thin(line: Line, list: Line[]): void {
  if (line.type === 'fault') return
  if (line.type === 'console' || line.type === 'note' || line.type === 'stack.log') {
    if (list.length > keptLines) list.splice(0, list.length - keptLines)
    return
  }
  const [last, before, earlier] = [list.at(-1), list.at(-2), list.at(-3)]
  if (last && before && earlier && isSame(last, before) && isSame(before, earlier)) list.splice(-2, 1)
  const most = line.type === 'clock' ? 20 : keptOfEach * 4
  if (list.length > most) list.splice(0, list.length - most)
}

function isSame(one: Line, other: Line): boolean {
  const bare = ({ seq: _seq, at: _at, hostAt: _hostAt, ...rest }: Line) =>
    JSON.stringify({ ...rest, began: 0, ended: 0 })
  return bare(one) === bare(other)
}

/** The folds begin with a run's first line; between runs there is none, so it is made up and names no row. */
function startedOf(testbed: TestbedRecord): RunStarted {
  return {
    type: 'run.started',
    format: 1,
    fencelab: '',
    wall: '',
    run: '',
    scenario: {
      name: '',
      title: '',
      document: { event: '', nodes: {}, operatorAction: '' },
      source: { document: '', place: '' },
      policy: testbed.stack.policy,
      steps: [],
      expected: {},
      rules: [],
    },
    testbed,
    roles: {},
  }
}

const startLine = (testbed: TestbedRecord): Line => ({ seq: 1, at: 0, prev: noLineBefore, ...startedOf(testbed) })
