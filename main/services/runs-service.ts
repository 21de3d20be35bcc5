import { ContractError } from '../../preload/contract/contract-error.ts'
import type { RunsService } from '../../preload/contract/runs.ts'
import type { ReaderClient } from '../replay/reader-client.ts'
import type { Collections } from './collections.ts'
import type { EventHub } from './event-hub.ts'
import { followRuns } from './follow-runs.ts'

export interface RunsOptions {
  readonly reader: ReaderClient
  readonly collections: Collections
  readonly hub: EventHub
}

export interface RunsParts {
  readonly service: RunsService
  /** the journal in this folder grew, or its run ended: views are told soon */
  grew(directory: string): void
  dispose(): void
}

/** Recordings, finished and going on. */
export function runsService({ reader, collections, hub }: RunsOptions): RunsParts {
  const following = followRuns({ reader, collections, hub })
  const directoryOf = (run: string) => collections.place(run).directory
  const nothingToShow = (run: string) =>
    new ContractError('recording', `${run} has no beginning that can be read: nothing of it can be shown`)
  const extensions = { html: 'html', junit: 'xml', markdown: 'md' } as const

  const service: RunsService = {
    async list() {
      const runs = await reader.summaries(await collections.places())
      return { runs: runs.toSorted((a, b) => (a.wall < b.wall ? 1 : a.wall > b.wall ? -1 : 0)) }
    },
    async open({ run }) {
      const place = collections.place(run)
      const view = await reader.open(place)
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
    attachment: ({ run, name }) => reader.attachment(directoryOf(run), name),
    judge: ({ run }) => reader.judge(directoryOf(run)),
    verify: ({ run }) => reader.verify(directoryOf(run)),
    async report({ runs, form }) {
      const text = await reader.report(runs.map(directoryOf), form)
      const [first = ''] = runs
      const name = runs.length === 1 ? (first.split('/')[1] ?? 'run') : `${runs.length}-runs`
      return { name: `fencelab-${name}.${extensions[form]}`, text }
    },
    async facts({ run }) {
      return { facts: await reader.facts(directoryOf(run)) }
    },
    statistics: ({ runs }) => reader.statistics(runs.map(directoryOf)),
    async addFolder({ folder }) {
      const { name } = collections.add(folder)
      const places = await collections.places()
      hub.publish('runs', { run: `${name}/` })
      return { found: places.filter(({ run }) => run.startsWith(`${name}/`)).length }
    },
  }
  return { service, grew: following.grew, dispose: following.dispose }
}
