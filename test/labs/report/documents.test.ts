import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlReport } from '../../../labs/report/html.ts'
import { rowLine, rowNotes } from '../../../labs/verdicts/judged-row.ts'
import { junitReport } from '../../../labs/report/junit.ts'
import { escapeMarkdown, markdownReport } from '../../../labs/report/markdown.ts'
import { reportRun } from '../../../labs/report/run-report.ts'
import { visible } from '../../../labs/timeline/visible.ts'
import { changed, lab, on, plus, without, write, type Entry } from '../verdicts/history.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from '../verdicts/rows.ts'
import { all, readXml, shape, textOf, type Element } from './read-xml.ts'
import { recording, reportOf } from './reports.ts'
import { cases } from '../../cases.ts'

const version = '9.9.9'
const splitBrain = plus(bothLinksFail, write('nodea', 3600, 6))
const reports = [
  reportOf(bothLinksFail, { name: 'first' }),
  reportOf(splitBrain, { name: 'second' }),
  reportOf(without(oneLinkFails, 'baseline'), { name: 'third' }),
  reportOf(bothLinksFail, { name: 'fourth', whole: false, problems: [{ file: 'verdict.json', what: 'changed' }] }),
  reportOf([], { name: 'fifth' }),
]
const words = reports.map(({ word }) => word)

describe('the three reports of the same runs', () => {
  it('are about a pass, a fail and three that are inconclusive', () => {
    expect(words).toEqual(['pass', 'fail', 'inconclusive', 'inconclusive', 'inconclusive'])
  })
})

/** What each of them says of the row and the revision that it is judged by. */
const judgedBy = (entries: Parameters<typeof reportOf>[0]): string => {
  const { row } = reportOf(entries).judged
  if (!row) throw new Error('a recording without its beginning')
  return [`Judged by the ${rowLine(row)}.`, ...rowNotes(row)].join(' ')
}

it('each says that the rows are none of this version, and by which revision they are judged', () => {
  const [first] = reports
  if (!first) throw new Error('there is no report')
  const [note = '', ofRevision = ''] = first.judged.row ? rowNotes(first.judged.row) : []
  expect(note).toMatch(/^This version has no row named/)
  expect(ofRevision).toMatch(/^The recording is of revision 1/)
  for (const text of [htmlReport([first], version), markdownReport([first], version), junitReport([first], version)]) {
    expect(text).toContain(note)
    expect(text).toContain(ofRevision)
  }
})

describe('JUnit', () => {
  it('has a suite for each testbed and a case for each run', () => {
    const text = junitReport(
      [reportOf(bothLinksFail), reportOf(without(oneLinkFails, 'baseline'), { name: 'run-2' })],
      version,
    )
    expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="test" package="fencelab" id="0" timestamp="2026-11-22T10:00:00" hostname="localhost" tests="2" failures="0" errors="1" time="9.500">
<properties>
<property name="judged by" value="fencelab 9.9.9"/>
<property name="recorded by" value="fencelab 0.1.0"/>
<property name="stack" value="reference, policy coordinator-race"/>
</properties>
<testcase name="both-links-fail (run-1)" classname="fencelab.test.both-links-fail" time="5.400"/>
<testcase name="one-link-fails (run-2)" classname="fencelab.test.one-link-fails" time="4.100"><error type="inconclusive" message="precondition: no baseline was taken before the fault">inconclusive precondition: no baseline was taken before the fault
inconclusive nobody-ejected: ${Array.from({ length: 8 }, () => 'there is no baseline or no end to compare').join('; ')}
pass expected-outcome: nodea is running (same boot as before the fault, and its stack is a member); nodeb is running (same boot as before the fault, and its stack is a member) [events 72-75]
pass everyone-was-probed: nodea was probed; nodeb was probed; coord1 was read; coord2 was read; coord3 was read; data1 was read [events 66-68, 70, 72-75]
pass group-runs-once-and-writes: the group runs on nodea, and it wrote until the lab stopped it [events 60, 72]
pass acknowledged-writes-on-disk: observer reads every acknowledged write (4 were due) in its own region [events 60, 71]
pass nothing-landed-after-takeover: the group was not taken over, and no node was fenced [events 71]
pass only-the-owner-writes: nobody but nodea wrote since the group runs there [events 33, 72]
pass data-disks-hold-members-keys: data1: exactly 0xa 0xb registered; data1: reserved by a node that continues [events 69, 70]
pass points-hold-members-keys: coord1: exactly 0xa 0xb registered; coord2: exactly 0xa 0xb registered; coord3: exactly 0xa 0xb registered [events 66-68]
pass viewers-agree: coord1: only observer looked in the end; coord2: only observer looked in the end; coord3: only observer looked in the end; data1: only observer looked in the end [events 66-70]
pass writes-are-refused: data1: observer, which must not write, was refused [events 76, 77]
pass all-continue: nodea continues; nodeb continues [events 72-75]
pass message-on-every-node: nodea told of the lost link; nodeb told of the lost link [events 44, 45]
pass link-used-again: nodea hears nodeb on priv1 again; nodeb hears nodea on priv1 again [events 57, 72, 73]
pass ledger-without-gap: nodea wrote 1 to 4 without a gap [events 33, 35, 60]
</error></testcase>
<system-out>run-1: pass; recording whole, 98 lines, sha256 ${'a'.repeat(64)}, last line ${'b'.repeat(64)}. ${judgedBy(bothLinksFail)}
run-2: inconclusive; recording whole, 79 lines, sha256 ${'a'.repeat(64)}, last line ${'b'.repeat(64)}. ${judgedBy(oneLinkFails)}
</system-out>
<system-err></system-err>
</testsuite>
</testsuites>
`)
  })

  it('keeps to the schema: elements, their order, required attributes and their types', () => {
    expect(() => checkJunit(readXml(junitReport(reports, version)))).not.toThrow()
    expect(() => checkJunit(readXml(junitReport([], version)))).not.toThrow()
  })

  it('has totals that add up, a failure for a fail and an error for what is inconclusive', () => {
    const suites = all(readXml(junitReport(reports, version)), 'testsuite')
    const sum = (name: string) => suites.reduce((total, { attributes }) => total + Number(attributes[name]), 0)
    expect([sum('tests'), sum('failures'), sum('errors')]).toEqual([5, 1, 3])
    const cases = suites.flatMap((suite) => all(suite, 'testcase'))
    expect(
      cases.map(({ children }) => children.map((child) => (typeof child === 'string' ? child : child.name))),
    ).toEqual([[], ['failure'], ['error'], ['error'], ['error']])
  })

  it('has no numbers with exponents, whatever the times', () => {
    const late = recording([...bothLinksFail.slice(0, 1), lab(1e300, { type: 'note', text: '' })])
    expect(() => checkJunit(readXml(junitReport([reportRun(late)], version)))).not.toThrow()
  })
})

describe('Markdown', () => {
  it('has the runs, the documented table and the reasons', () => {
    const text = markdownReport([reportOf(bothLinksFail)], version)
    const { reasons } = reportOf(bothLinksFail)
    expect(text.split('\n').slice(0, 7)).toEqual([
      '# I/O fencing report',
      '',
      '1 run: 1 pass, 0 fail, 0 inconclusive. Judged by fencelab 9.9.9 from the recordings alone.',
      '',
      '| Run | Row | Testbed | Observed | Recording | Verdict |',
      '| --- | --- | --- | --- | --- | --- |',
      '| 1 | both-links-fail | test | nodea: panicked, nodeb: running | whole | pass |',
    ])
    expect(text.split('\n').filter((line) => line.startsWith('- **pass** '))).toHaveLength(reasons.length)
  })

  it('keeps any text within its cell', () => {
    expect(escapeMarkdown('a|b\n<img src=x> [x](y) *z* `q` \\ & #')).toBe(
      'a\\|b \\<img src=x\\> \\[x\\](y) \\*z\\* \\`q\\` \\\\ &amp; \\#',
    )
    // a policy of another name has other invariants: the lines are those of the same recordings with a tame text
    const linesWith = (text: string) =>
      markdownReport(
        reports.map((report) =>
          reportRun(recording(spoiled(entriesOf(report.recording.name), text), pick(report.recording))),
        ),
        version,
      ).split('\n').length
    const lines = linesWith('y')
    fc.assert(
      fc.property(nasty, (text) => {
        expect(linesWith(text)).toBe(lines)
      }),
      { numRuns: cases(10) },
    )
  })
})

describe('the HTML page', () => {
  const page = readXml(htmlReport(reports, version))

  it('has totals that add up', () => {
    const [totals] = all(page, 'ul').filter(({ attributes }) => attributes['class'] === 'totals')
    expect(totals && all(totals, 'li').map(textOf)).toEqual(['5runs', '1✓ pass', '1✗ fail', '3? inconclusive'])
  })

  it('needs no network and no script', () => {
    const allowed = new Set(
      'html head meta title style body main header section h1 h2 h3 p ul li b strong span code a table caption thead tbody tr th td br div figure figcaption svg desc defs pattern rect line text polygon path circle'.split(
        ' ',
      ),
    )
    const visit = (element: Element): void => {
      expect(allowed).toContain(element.name)
      for (const [name, value] of Object.entries(element.attributes)) {
        expect(name).not.toMatch(/^on|^src|^xlink/)
        if (name === 'href') expect(value).toMatch(/^#run-\d+$/)
        if (name === 'fill') expect(value).toMatch(/^url\(#[\w-]+\)$/)
      }
      for (const child of element.children) if (typeof child !== 'string') visit(child)
    }
    visit(page)
    expect(textOf(all(page, 'style')[0] as Element)).not.toMatch(/@import|url\(|\/\//)
  })

  it('has every id once, and every reference leads somewhere', () => {
    const elements = ['section', 'h2', 'svg', 'title', 'desc', 'pattern', 'a', 'rect'].flatMap((name) =>
      all(page, name),
    )
    const ids = elements.flatMap(({ attributes }) => attributes['id'] ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    const wanted = elements.flatMap(({ attributes }) => [
      ...(attributes['aria-labelledby']?.split(' ') ?? []),
      ...(attributes['href'] ? [attributes['href'].slice(1)] : []),
      ...(/#([\w-]+)/.exec(attributes['fill'] ?? '')?.slice(1) ?? []),
    ])
    expect(wanted.filter((id) => !ids.includes(id))).toEqual([])
  })

  it('says of each run its verdict, its reasons with times, its versions, clocks and hashes', () => {
    const facts = on('nodea', 50, { type: 'host.facts', facts: { kernel: 'Linux 6.1' } })
    const text = textOf(readXml(htmlReport([reportOf(plus(bothLinksFail, facts))], version)))
    expect(text).toContain('nodeb continues, nobody else does')
    expect(text).toContain('63 at 3.30 s')
    expect(text).toContain('kernelLinux 6.1nodea')
    expect(text).toContain('nodeaboot-a-1-100000.0 ms± 2.0 ms± 2.0 ms1×')
    expect(text).toContain('a'.repeat(64))
    expect(text).toContain('b'.repeat(64))
  })

  it('cuts a reason that nobody would read to its end, and says so', () => {
    const checks = [{ text: 'y'.repeat(5000), ok: false, events: [] }]
    const report = reportOf(changed(bothLinksFail, 'baseline', (event) => ({ ...event, green: false, checks })))
    const text = textOf(readXml(htmlReport([report], version)))
    expect(text).toContain('more characters, see verdict.json')
    expect(text).not.toContain('y'.repeat(701))
  })

  it('says loudly what is not whole', () => {
    const text = textOf(page)
    expect(text).toContain('1 recording is not whole')
    expect(text).toContain('By its lines alone it would be judged: pass')
    expect(text).toContain('verdict.json: changed')
  })

  it('has times only where a row was run more than once', () => {
    expect(textOf(page)).toContain('Went on: nodeb in 1 run, not decided in')
    expect(textOf(readXml(htmlReport([reportOf(bothLinksFail), reportOf(nodeHangs)], version)))).not.toContain(
      'Went on',
    )
  })
})

const nasty = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc
    .array(
      fc.constantFrom(
        '<script>alert(1)</script>',
        '"',
        "'",
        '>',
        '</title>',
        '</style>',
        '-->',
        ']]>',
        '&',
        '\0',
        '\u202e',
        '\ud800',
        '\n',
        '|',
        '`',
        '](x)',
        'onload=x',
        '</svg>',
        '&#x3c;',
        '__proto__',
      ),
      { minLength: 1 },
    )
    .map((parts) => parts.join('')),
)

const sources: Readonly<Record<string, readonly Entry[]>> = {
  first: bothLinksFail,
  second: splitBrain,
  third: without(oneLinkFails, 'baseline'),
  fourth: bothLinksFail,
  fifth: [],
}
const entriesOf = (name: string) => sources[name] ?? []
const pick = ({ name, whole, problems }: ReturnType<typeof recording>) => ({ name, whole, problems })

/** Recordings with a text in every place that only people read. */
function spoiled(entries: readonly Entry[], text: string): readonly Entry[] {
  const t = `x${text}`
  let list = changed(entries, 'run.started', (event) => ({
    ...event,
    wall: t,
    fencelab: t,
    scenario: {
      ...event.scenario,
      title: t,
      document: { event: t, nodes: { A: t, B: t }, operatorAction: t },
      source: { document: t, place: t },
    },
    testbed: {
      ...event.testbed,
      name: t,
      luns: event.testbed.luns.map((lun) => ({ ...lun, wwid: t, array: t })),
      stack: { kind: t, policy: t, parameters: {} },
    },
  }))
  list = changed(list, 'fault', (event) => ({ ...event, evidence: t }))
  list = changed(list, 'panic-event', () => ({ type: 'panic-event', source: t }))
  list = changed(list, 'console', (event) => ({ ...event, text: `${event.text}${t}` }))
  list = changed(list, 'await', (event) => ({ ...event, condition: t }))
  list = changed(list, 'run.ended', (event) => ({ ...event, files: { [t]: t } }))
  return entries.length === 0
    ? list
    : plus(
        list,
        on('nodea', 30, { type: 'host.facts', facts: { [t]: t } }),
        on('nodeb', 2000, { type: 'stack.log', code: t, text: t }),
      )
}

/** Every string of a recording that is not a word of the format, replaced by another, the same everywhere. */
function renamed<T>(value: T, text: string): T {
  const names = new Set(['nodea', 'nodeb', 'observer', 'data1', 'coord1', 'priv1', 'priv2', 'cut-1', 'A', 'B', 'run-1'])
  const other = (word: string) => (names.has(word) ? `${word}${text}` : word)
  if (typeof value === 'string') return other(value) as T
  if (Array.isArray(value)) return value.map((one: unknown) => renamed(one, text)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [other(key), renamed(one as unknown, text)])) as T
}

describe('any text in the journal', () => {
  const some = reports.filter(({ recording: { name } }) => name !== 'first' && name !== 'fifth')
  const plain = some.map((report) =>
    reportRun(recording(spoiled(entriesOf(report.recording.name), 'y'), pick(report.recording))),
  )
  const htmlShape = JSON.stringify(shape(readXml(htmlReport(plain, version))))
  const junitShape = JSON.stringify(shape(readXml(junitReport(plain, version))))

  it('changes nothing but text in the HTML and the XML', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const made = some.map((report) =>
          reportRun(recording(spoiled(entriesOf(report.recording.name), text), pick(report.recording))),
        )
        const html = readXml(htmlReport(made, version))
        expect(JSON.stringify(shape(html))).toBe(htmlShape)
        expect(textOf(html)).toContain(visible(`x${text}`))
        const junit = readXml(junitReport(made, version))
        expect(JSON.stringify(shape(junit))).toBe(junitShape)
        expect(() => checkJunit(junit)).not.toThrow()
      }),
      { numRuns: cases(20) },
    )
  })

  it('can be the name of a node, a LUN, a link, a fault, a role or a folder', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const made = [bothLinksFail, oneLinkFails, nodeHangs].map((entries) => {
          const { lines, ...rest } = recording(entries)
          return reportRun({ ...rest, name: text, lines: renamed(lines, text) })
        })
        const html = readXml(htmlReport(made, version))
        const places = [html, ...['svg', 'a', 'section'].flatMap((name) => all(html, name))]
        for (const { attributes } of places) expect(Object.values(attributes).join(' ')).not.toContain(`nodea${text}`)
        expect(() => checkJunit(readXml(junitReport(made, version)))).not.toThrow()
      }),
      { numRuns: cases(15) },
    )
  })
})

/** What the schema of Ant's JUnit report asks for (Windy Road, JUnit.xsd). */
function checkJunit(root: Element): void {
  const children = (element: Element) => element.children.filter((child): child is Element => typeof child !== 'string')
  const check = (ok: boolean, what: string) => {
    if (!ok) throw new Error(what)
  }
  const attributes = (element: Element, patterns: Readonly<Record<string, RegExp>>) => {
    check(
      Object.keys(element.attributes).every((name) => Object.hasOwn(patterns, name)),
      `${element.name}: an attribute too many`,
    )
    for (const [name, pattern] of Object.entries(patterns))
      check(pattern.test(element.attributes[name] ?? '\0'), `${element.name}: ${name}="${element.attributes[name]}"`)
  }
  const token = /\S/
  const decimal = /^\d+(\.\d+)?$/
  check(root.name === 'testsuites' && Object.keys(root.attributes).length === 0, 'root')
  for (const [index, suite] of children(root).entries()) {
    check(suite.name === 'testsuite' && suite.attributes['id'] === String(index), 'suite')
    attributes(suite, {
      name: token,
      package: token,
      id: /^\d+$/,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
      hostname: token,
      tests: /^\d+$/,
      failures: /^\d+$/,
      errors: /^\d+$/,
      time: decimal,
    })
    const [properties, ...rest] = children(suite)
    const cases = rest.slice(0, -2)
    check(properties?.name === 'properties' && cases.every(({ name }) => name === 'testcase'), 'order')
    check(
      rest
        .slice(-2)
        .map(({ name }) => name)
        .join() === 'system-out,system-err',
      'streams',
    )
    for (const property of properties ? children(properties) : [])
      attributes(property, { name: token, value: /^[^\0]/ })
    for (const one of cases) {
      attributes(one, { name: token, classname: token, time: decimal })
      const inner = children(one)
      check(inner.length <= 1, 'one result at most')
      for (const result of inner) {
        check(result.name === 'failure' || result.name === 'error', result.name)
        attributes(result, { type: token, message: /^[^\0]/ })
      }
    }
  }
}
