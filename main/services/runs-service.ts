import { bedIdentity } from '../../labs/journal/bed-identity.ts'
import type { TestbedRecord } from '../../labs/journal/event.ts'
import { ContractError } from '../../preload/contract/contract-error.ts'
import type { RunsService, RunSummary } from '../../preload/contract/runs.ts'
import { sha256 } from '../recorder/files.ts'
import { checkWords, type Check } from '../replay/check-run.ts'
import type { Listed, RunPlace } from '../replay/summarise.ts'
import type { ReaderClient } from '../replay/reader-client.ts'
import type { Collections } from './collections.ts'
import type { EventHub } from './event-hub.ts'
import { followRuns } from './follow-runs.ts'
import { RecordingChecks } from './recording-checks.ts'

export interface RunsOptions {
  readonly reader: ReaderClient
  readonly collections: Collections
  readonly hub: EventHub
  /** the testbed that is open, as recordings have it */
  readonly bed: () => TestbedRecord | undefined
  /** a row is being run: nothing is verified unasked meanwhile */
  readonly busy: () => boolean
}

/** longer journals are verified only where somebody asks for it: it takes seconds, and much memory */
const mostUnaskedBytes = 32 * 1024 * 1024
/** between two tellings that recordings were verified, however many are */
const tellMilliseconds = 700

export interface RunsParts {
  readonly service: RunsService
  /** the journal in this folder grew, or its run ended: views are told soon */
  grew(directory: string): void
  dispose(): void
}

/** Recordings, finished and going on. */
export function runsService({ reader, collections, hub, bed, busy }: RunsOptions): RunsParts {
  const following = followRuns({ reader, collections, hub })
  const checks = new RecordingChecks({ check: (directory) => reader.check(directory), onChecked, paused: busy })
  const checked = new Set<string>()
  /** runs that somebody looks at, or did lately: they are told of by name */
  const opened: string[] = []
  let telling: NodeJS.Timeout | undefined
  function onChecked(directory: string): void {
    checked.add(directory)
    telling ??= setTimeout(() => {
      telling = undefined
      // lists ask for everything anyway: one telling is enough for them
      const named = opened.filter((run) => [...checked].some((one) => collections.idOf(one) === run))
      for (const run of named.length === 0 ? [''] : named) hub.publish('runs', { run })
      checked.clear()
    }, tellMilliseconds)
    telling.unref()
  }
  /** One recording, with what is known of it; what is not known is found out when there is time. */
  async function look(place: RunPlace): Promise<Check | undefined> {
    const [listed] = await reader.summaries([place])
    if (!listed) return undefined
    const check = checks.seen(listed.directory, listed.fingerprint)
    if (isToBeChecked(listed)) checks.want([listed.directory])
    return check
  }
  const directoryOf = (run: string) => collections.place(run).directory
  const nothingToShow = (run: string) =>
    new ContractError('recording', `${run} has no beginning that can be read: nothing of it can be shown`)
  const extensions = { html: 'html', junit: 'xml', markdown: 'md' } as const

  const service: RunsService = {
    async list() {
      const { places, folders } = await collections.look()
      const listed = (await reader.summaries(places)).toSorted(({ summary: a }, { summary: b }) =>
        a.wall < b.wall ? 1 : a.wall > b.wall ? -1 : 0,
      )
      const runs = listed.map(({ directory, fingerprint, summary }) =>
        asChecked(summary, checks.seen(directory, fingerprint)),
      )
      checks.want(listed.filter(isToBeChecked).map(({ directory }) => directory))
      const here = bed()
      return { runs, folders, here: here === undefined ? null : sha256(bedIdentity(here)) }
    },
    async open({ run }) {
      const place = collections.place(run)
      if (!opened.includes(run)) opened.splice(0, opened.length, ...opened.slice(-9), run)
      const check = await look(place)
      const read = await reader.open(place, check?.instead)
      const view = { ...read, summary: asChecked(read.summary, check) }
      if (!view.ended) following.follow(place)
      if (view.reading) {
        // read to the end, it is looked at again; where it cannot be read, whoever opens it again is told why
        const again = () => hub.publish('runs', { run })
        reader.refresh(place.directory).then(again, again)
      }
      return view
    },
    async window({ run, ...window }) {
      const found = await reader.window(directoryOf(run), window)
      if (!found) throw nothingToShow(run)
      return found
    },
    async scene({ run, at, allViewers }) {
      const found = await reader.scene(directoryOf(run), at, allViewers)
      if (!found) throw nothingToShow(run)
      return found
    },
    lines: ({ run, ...filter }) => reader.lines(directoryOf(run), filter),
    line: ({ run, seq }) => reader.line(directoryOf(run), seq),
    async near({ run, first, last, at }) {
      const found = await reader.near(directoryOf(run), first, last, at)
      if (!found) throw new ContractError('not-found', `${run} has no event ${first}`)
      return found
    },
    attachment: ({ run, name }) => reader.attachment(directoryOf(run), name),
    judge: ({ run }) => reader.judge(directoryOf(run)),
    async verify({ run }) {
      const { whole, problems, judgedOtherwise } = await checks.now(directoryOf(run))
      return { whole, problems, ...(judgedOtherwise !== undefined && { judgedOtherwise }) }
    },
    async report({ runs, form, of = runs.length }) {
      const leftOut = Math.max(0, of - runs.length)
      const text = await reader.report(runs.map(directoryOf), form, leftOut)
      const [first = ''] = runs
      const several = leftOut > 0 ? `${runs.length}-of-${of}-runs` : `${runs.length}-runs`
      const name = runs.length === 1 && leftOut === 0 ? (first.split('/')[1] ?? 'run') : several
      return { name: `fencelab-${name}.${extensions[form]}`, text }
    },
    async facts({ run }) {
      return { facts: await reader.facts(directoryOf(run)) }
    },
    statistics: ({ runs }) => reader.statistics(runs.map(directoryOf)),
    async addFolder({ folder }) {
      const { name } = await collections.add(folder)
      const { places } = await collections.look()
      const found = await reader.summaries(places.filter(({ run }) => run.startsWith(`${name}/`)))
      hub.publish('runs', { run: `${name}/` })
      return { found: found.filter(({ summary }) => summary.state !== 'unreadable').length }
    },
    async removeFolder({ id }) {
      collections.remove(id)
      hub.publish('runs', { run: `${id}/` })
      return {}
    },
  }
  return {
    service,
    grew: following.grew,
    dispose() {
      clearTimeout(telling)
      checks.dispose()
      following.dispose()
    },
  }
}

const isToBeChecked = ({ summary, bytes }: Listed) =>
  summary.verdict !== undefined && summary.state !== 'going' && bytes <= mostUnaskedBytes

/** A summary as a report would say it, where the recording was verified as it lies there now. */
export function asChecked(summary: RunSummary, check: Check | undefined): RunSummary {
  if (!check) return summary
  const { reason: _reason, ...rest } = summary
  const text = checkWords(check)
  return {
    ...rest,
    check: check.whole ? 'whole' : 'not-whole',
    ...(text !== undefined && { checkText: text }),
    verdict: check.word,
    ...(check.reason && { reason: check.reason }),
    nodes: summary.nodes.map(({ name, id }) => {
      const observed = check.observed[name]
      return { name, id, ...(observed !== undefined && { observed }) }
    }),
  }
}
