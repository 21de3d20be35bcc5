import { eventList } from '../verdicts/format-verdict.ts'
import { joined, markup, type Markup, type MarkupValue } from './markup.ts'
import { moments } from '../timeline/moments.ts'
import { clockRows, factsRows, keyRows, type KeyRow } from './run-tables.ts'
import { decidingFirst, problemWords, type RunReport } from './run-report.ts'
import { decisivePart, timeLine } from '../timeline/time-line.ts'
import { timeLineSvg } from './time-line-svg.ts'
import { rowNotes } from '../verdicts/judged-row.ts'
import { word } from './word.ts'
import { abridged, moment } from '../timeline/words.ts'
import type { LineOf } from '../journal/event.ts'
import type { Case } from '../verdicts/case.ts'

/** so many events are named one by one with their times */
const mostEvents = 8

/** Short words with several hyphens (keys: `A-------`) are not broken there. */
function unbroken(text: string): MarkupValue {
  return text
    .split(/(\S{0,24}---\S{0,24})/)
    .map((part, index) => (index % 2 === 1 ? markup`<span class="whole">${part}</span>` : part))
}

/** All that one run's recording shows: why it was judged so, the picture, key tables, versions, hashes. */
export function htmlRun(report: RunReport, number: number): Markup {
  const { started, run, recording } = report
  return markup`<section aria-labelledby="run-${number}">
<h2 class="run" id="run-${number}">Run ${number}: ${started?.scenario.title ?? 'a recording without its beginning'}</h2>
<p>${word(report.word)} <span class="dim">· ${started?.wall ?? 'unknown time'} · recording of ${moment(report.milliseconds)} · <code>${recording.name}</code></span></p>
${started ? roles(started) : undefined}
${wholeness(report)}
${judgedRow(report)}
<h3>What decided the verdict</h3>
${reasons(report)}
${nodes(report)}
${run ? pictures(report, run, number) : undefined}
${run ? whatHappened(report, run) : undefined}
${run ? keys(report, run) : undefined}
${started ? testbed(started) : undefined}
${run ? versions(run) : undefined}
${run ? clocks(run) : undefined}
${hashes(report)}
</section>
`
}

function roles(started: LineOf<'run.started'>): Markup {
  const bound = Object.entries(started.roles).map(([role, name]) => `node ${role} is ${name}`)
  return markup`<p class="dim small">Row <code>${started.scenario.name}</code> on testbed ${started.testbed.name}; ${bound.join(', ')}.</p>`
}

function wholeness({ recording, judged }: RunReport): MarkupValue {
  if (recording.whole) {
    return recording.judgedOtherwise === undefined
      ? undefined
      : markup`<div class="note"><strong>Another verdict was kept with this recording.</strong> The recording is unaltered; ${recording.judgedOtherwise}. This report says what judging it gives now.</div>`
  }
  return markup`<div class="alarm"><strong>This recording is not whole, so it proves nothing.</strong> By its lines alone it would be judged: ${judged.verdict}.
<ul>${recording.problems.map((problem) => markup`<li>${problemWords(problem)}</li>`)}</ul></div>`
}

/** Where the verdict is not the one of this version's row, or not all was asked of the recording. */
function judgedRow({ judged: { row } }: RunReport): MarkupValue {
  const notes = row ? rowNotes(row) : []
  return notes.length === 0 ? undefined : markup`<div class="note">${notes.join(' ')}</div>`
}

/** Event numbers with the moments when they were written down. */
function eventsWithTimes({ recording }: RunReport, events: readonly number[]): MarkupValue {
  if (events.length > mostEvents) return `${events.length} events: ${eventList(events)}`
  const words = events.map((event) => {
    const line = recording.lines.find(({ seq }) => seq === event)
    return markup`<span class="whole">${line ? `${event} at ${moment(line.at)}` : event}</span>`
  })
  return joined(words, markup`, `)
}

function reasons(report: RunReport): Markup {
  return markup`<table>
<caption>Rules, those that decide first, with the events of the journal that each rests on.</caption>
<thead><tr><th scope="col">Rule</th><th scope="col">Finding</th><th scope="col">Why</th><th scope="col">Events</th></tr></thead>
<tbody>
${decidingFirst(report.reasons).map(
  ({ rule, bearing, text, events }) =>
    markup`<tr><th scope="row" class="short">${rule}</th><td class="short">${word(bearing)}</td><td>${abridged(text)}</td><td class="key">${eventsWithTimes(report, events)}</td></tr>\n`,
)}</tbody>
</table>`
}

function nodes(report: RunReport): MarkupValue {
  const entries = Object.entries(report.judged.nodes)
  if (entries.length === 0) return undefined
  return markup`<table>
<caption>What became of every node.</caption>
<thead><tr><th scope="col">Node</th><th scope="col">Expected</th><th scope="col">Observed</th><th scope="col">Why</th><th scope="col">Events</th></tr></thead>
<tbody>
${entries.map(
  ([name, { expected, observed, why, events }]) =>
    markup`<tr><th scope="row" class="short">${name}</th><td class="short">${expected}</td><td class="short"><strong>${observed}</strong></td><td>${why}</td><td class="key">${eventsWithTimes(report, events)}</td></tr>\n`,
)}</tbody>
</table>`
}

function pictures({ keys: histories }: RunReport, run: Case, number: number): Markup {
  const line = timeLine(run, histories)
  const part = decisivePart(line)
  const figure = (caption: string, picture: Markup) => markup`<figure><figcaption>${caption}</figcaption>
${picture}
</figure>
`
  const whole = figure(
    part
      ? 'The whole run, up to where the lab brought everything back.'
      : 'The run, up to where the lab brought everything back.',
    timeLineSvg(line, { id: `picture-${number}`, title: `Run ${number}: the whole run` }),
  )
  return markup`<h3>Time line</h3>
${part ? figure('Around the fault.', timeLineSvg(line, { id: `picture-${number}-part`, title: `Run ${number}: around the fault`, ...part })) : undefined}${whole}`
}

function whatHappened({ keys: histories }: RunReport, run: Case): MarkupValue {
  const list = moments(run, histories)
  if (list.length === 0) return undefined
  return markup`<h3>What happened, in order</h3>
<table>
<caption>From the fault on. Seconds since the recording began; by then it had happened.</caption>
<thead><tr><th scope="col" class="number">Time</th><th scope="col">Seen by</th><th scope="col">What</th><th scope="col">Events</th></tr></thead>
<tbody>
${list.map(({ at, who, text, events }) => markup`<tr><td class="number">${moment(at)}</td><td class="short">${who}</td><td>${unbroken(text)}</td><td class="short">${events.join(', ')}</td></tr>\n`)}</tbody>
</table>`
}

function keys({ keys: histories }: RunReport, run: Case): Markup {
  const rows = keyRows(run, histories)
  const during = (row: KeyRow) =>
    row.during.length === 0
      ? '–'
      : joined(
          row.during.map(
            ({ text, events }) => markup`${unbroken(text)} <span class="dim">[${eventList(events)}]</span>`,
          ),
          markup`<br/>`,
        )
  return markup`<h3>Key tables before, during and after</h3>
<table>
<caption>The last good answer of every host that looked, before the fault and at the end; in between every change, as one host saw it. Hosts that agree share a line. A key is shown as its node, where it is one of the testbed's, with its characters.</caption>
<thead><tr><th scope="col">LUN</th><th scope="col">Before the fault</th><th scope="col">Changes</th><th scope="col">At the end</th><th scope="col">As seen by</th></tr></thead>
<tbody>
${rows.map((row) => markup`<tr><th scope="row" class="short">${row.lun}<br/><span class="dim">${row.use}</span></th><td>${unbroken(row.before)}</td><td>${during(row)}</td><td>${unbroken(row.after)}</td><td class="short">${row.viewers.join(', ') || 'nobody'}<br/><span class="dim">[${eventList(row.events)}]</span></td></tr>\n`)}</tbody>
</table>`
}

function testbed({ testbed: bed }: LineOf<'run.started'>): Markup {
  const witnesses = (list: readonly string[]) => list.join(', ') || 'none: no panic can be proved'
  return markup`<h3>Testbed</h3>
<table>
<caption>Nodes of ${bed.name}; private links: ${bed.links.join(', ') || 'none'}; stack ${bed.stack.kind}, policy ${bed.stack.policy}.</caption>
<thead><tr><th scope="col">Node</th><th scope="col" class="number">Id</th><th scope="col">Key on coordination points</th><th scope="col">Key on data disks</th><th scope="col">Witnesses of a panic</th></tr></thead>
<tbody>
${bed.nodes.map(({ name, id, keys: own, panicWitnesses }) => markup`<tr><th scope="row" class="short">${name}</th><td class="number">${id}</td><td><code>${own.coordination}</code></td><td><code>${own.data}</code></td><td>${witnesses(panicWitnesses)}</td></tr>\n`)}</tbody>
</table>
<table>
<caption>LUNs.</caption>
<thead><tr><th scope="col">LUN</th><th scope="col">Use</th><th scope="col">WWID</th><th scope="col">Array</th></tr></thead>
<tbody>
${bed.luns.map(({ name, use, wwid, array }) => markup`<tr><th scope="row" class="short">${name}</th><td>${use}</td><td><code>${wwid}</code></td><td>${array ?? ''}</td></tr>\n`)}</tbody>
</table>`
}

/** One line for each version, with all hosts that have it. */
function versions(run: Case): Markup {
  const hostsOf = new Map<string, { name: string; value: string; hosts: string[] }>()
  for (const { host, facts } of factsRows(run)) {
    for (const [name, value] of facts) {
      const id = JSON.stringify([name, value])
      const found = hostsOf.get(id) ?? { name, value, hosts: [] }
      hostsOf.set(id, found)
      found.hosts.push(host)
    }
  }
  const rows = [...hostsOf.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  if (rows.length === 0)
    return markup`<h3>Versions</h3>
<p>No host was asked for its versions.</p>`
  return markup`<h3>Versions</h3>
<table>
<caption>What the hosts said of themselves and of their disks; recorded by fencelab ${run.started.fencelab}.</caption>
<thead><tr><th scope="col">What</th><th scope="col">Version</th><th scope="col">Hosts</th></tr></thead>
<tbody>
${rows.map(({ name, value, hosts }) => markup`<tr><th scope="row" class="short">${name}</th><td>${value}</td><td>${hosts.join(', ')}</td></tr>\n`)}</tbody>
</table>`
}

function clocks(run: Case): Markup {
  const rows = clockRows(run)
  if (rows.length === 0)
    return markup`<h3>Clocks</h3>
<p>No host's clock was measured: no time of a host can be compared with another's.</p>`
  const milliseconds = (value: number) => `${value.toFixed(1)} ms`
  return markup`<h3>Clocks</h3>
<table>
<caption>Offset of each host's clock (time since its boot) to the lab's (time since the recording began): lab = host + offset, give or take the uncertainty. Best measurement of each boot.</caption>
<thead><tr><th scope="col">Host</th><th scope="col">Boot</th><th scope="col" class="number">Offset</th><th scope="col" class="number">Uncertainty</th><th scope="col" class="number">Worst</th><th scope="col" class="number">Measured</th></tr></thead>
<tbody>
${rows.map(({ host, boot, offset, uncertainty, worst, measurements }) => markup`<tr><th scope="row" class="short">${host}</th><td><code>${boot}</code></td><td class="number">${milliseconds(offset)}</td><td class="number">± ${milliseconds(uncertainty)}</td><td class="number">± ${milliseconds(worst)}</td><td class="number">${measurements}×</td></tr>\n`)}</tbody>
</table>`
}

function hashes({ recording, run, judged: { row } }: RunReport): Markup {
  const rows: readonly (readonly [string, MarkupValue])[] = [
    ['Folder', markup`<code>${recording.name}</code>`],
    [
      'Whole and unaltered',
      recording.whole
        ? `yes: the chain of hashes is unbroken${recording.judgedOtherwise === undefined ? ', and judging it again gives the verdict that it holds' : ''}`
        : 'NO',
    ],
    ...(row
      ? [
          ['sha256 of the row', markup`<code>${row.sha256}</code>`] as const,
          ['Revision of the recording', row.revision] as const,
        ]
      : []),
    ['Lines of the journal', recording.journal.lines],
    ['sha256 of journal.jsonl', markup`<code>${recording.journal.sha256}</code>`],
    ['sha256 of its last line', markup`<code>${recording.journal.lastLine}</code>`],
    ...Object.entries(run?.frame.ended?.files ?? {}).map(
      ([file, hash]) => [`sha256 of ${file}`, markup`<code>${hash}</code>`] as const,
    ),
  ]
  return markup`<h3>Recording</h3>
<table>
<caption>Anyone who has the folder can check it with <code>fencelab verify</code> and judge it again with <code>fencelab judge</code>.</caption>
<tbody>
${rows.map(([what, value]) => markup`<tr><th scope="row">${what}</th><td>${value}</td></tr>\n`)}</tbody>
</table>`
}
