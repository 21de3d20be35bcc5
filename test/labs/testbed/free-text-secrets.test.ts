import { expect, test } from 'vitest'
import { recordOf } from '../../../labs/testbed-file/bed.ts'
import { commentsOf, withoutComments } from '../../../labs/testbed/comments.ts'
import { formatProblems } from '../../../labs/testbed/format-problems.ts'
import { looksSecret } from '../../../labs/testbed/free-text-secrets.ts'
import { readTestbed } from '../../../labs/testbed-file/read-testbed.ts'
import { exampleText, small } from './example.ts'

const problemsOf = (text: string) => {
  const read = readTestbed(text, 'x.yaml', { lab: '/lab', home: '/home' })
  return read.ok ? [] : read.problems
}

test.each([
  'password: hunter2',
  'Password = hunter2',
  'pw=x7',
  'pw: admin',
  'user root, pw calvin',
  'the root password is "calvin"',
  'SNMP community s3cr3t',
  'community public',
  'community string: fencelab',
  'snmp_community=fencelab',
  'api key: 0f93',
  'token -> abcdef',
  'log in with ssh://root:calvin@10.0.0.9/',
  'Kennwort: geheim',
  'idrac pass: calvin',
])('"%s" is refused in a comment and in a description, with its place, and is not repeated', (secret) => {
  const inComment = problemsOf(`${small}# ${secret}\n`)
  expect(inComment).toHaveLength(1)
  expect(inComment[0]).toMatchObject({ line: small.split('\n').length, column: 1 })
  const inDescription = problemsOf(small.replace('description: second', `description: ${JSON.stringify(secret)}`))
  expect(inDescription).toMatchObject([
    {
      line: small.split('description: second')[0]?.split('\n').length,
      message: 'this text looks as if it told a secret',
    },
  ])
  for (const problems of [inComment, inDescription])
    expect(formatProblems(problems)).not.toMatch(/hunter2|x7|calvin|s3cr3t|0f93|abcdef|geheim/)
})

test.each([
  'Its community is made with the lab and lies in its directory: no environment variable has to be set for it.',
  'the password is in the vault',
  'password: see the wiki',
  'password: $PDU_PASSWORD',
  'token: <ask Anna>',
  'community: PDU_COMMUNITY',
  'passwords do not work here',
  'no secret belongs here',
  'http://10.0.0.9:80/outlets',
  'the first pass of the table',
  'a secret: none',
])('"%s" is prose', (text) => {
  expect(looksSecret(text)).toBe(false)
  expect(problemsOf(`${small}# ${text}\n`)).toEqual([])
})

test.each(['virtual.yaml', 'virtual-four.yaml', 'rack-example.yaml'])(
  '%s tells none, and says the same without its comments',
  (file) => {
    const text = exampleText(file)
    const places = { lab: '/lab', home: '/home' }
    const read = readTestbed(text, file, places)
    expect(read.ok).toBe(true)
    const bare = withoutComments(text)
    expect(commentsOf(bare)).toEqual([])
    expect(readTestbed(bare, file, places)).toMatchObject({ ok: true, testbed: read.ok && read.testbed })
    expect(bare.split('\n')).toHaveLength(text.split('\n').length)
  },
)

test('a # in quotes or in a block of text is no comment', () => {
  const text = `a: '# one' # two\nb: |\n  # three\n  four # five\nc: x#y # six\n`
  expect(commentsOf(text).map(({ text }) => text)).toEqual(['# two', '# six'])
  expect(withoutComments(text)).toBe(`a: '# one'\nb: |\n  # three\n  four # five\nc: x#y\n`)
})

test('a recording holds the text without what its comments say', () => {
  const text = `# root / calvin\n${small}`
  const read = readTestbed(text, 'x.yaml', { lab: '/lab', home: '/home' })
  if (!read.ok) throw new Error(formatProblems(read.problems))
  expect(recordOf({ testbed: read.testbed, file: 'x.yaml', text }).text).toBe(`\n${small}`)
})

test('what is no text is told as that, and no message shows more than a part of a long line', () => {
  const utf16 = [...small].map((letter) => `${letter}\0`).join('')
  const cr = small.replaceAll('\n', '\r')
  for (const [text, what] of [
    [utf16, /UTF-16.*save it again as UTF-8/],
    [cr, /carriage return alone \(CR\)/],
  ] as const) {
    const said = formatProblems(problemsOf(text))
    expect(said).toMatch(what)
    expect(Math.max(...said.split('\n').map((line) => line.length))).toBeLessThan(200)
  }
  const long = formatProblems(problemsOf(`name: { ${'x'.repeat(500)}: 1, `.padEnd(5000, 'y')))
  expect(Math.max(...long.split('\n').map((line) => line.length))).toBeLessThanOrEqual(200)
})

test.each([
  ['brackets', '['.repeat(5000)],
  ['braces', '{a: '.repeat(5000)],
  ['closed ones', `${'['.repeat(5000)}${']'.repeat(5000)}`],
  ['a list in a list', '- '.repeat(5000)],
  ['a key of a key', '? '.repeat(5000)],
])('5000 nested %s are an error of the file', (_, text) => {
  const problems = problemsOf(`x: 1\ny: ${text}`)
  expect(problems.map(({ message }) => message).join()).not.toMatch(/call stack/)
  expect(problems.length).toBeGreaterThan(0)
  expect(
    problemsOf(text)
      .map(({ message }) => message)
      .join(),
  ).toMatch(/nests too deep/)
})
