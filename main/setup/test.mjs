// npm test: sets up what is missing, then lint, types, unit tests, the window and the runs on the real lab. Ends with a line
// "N passed, N failed" (", N skipped"), and prints the reason of every skip.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainMissing, newerNode, prepareDependencies, preparePackages, root } from './prepare.mjs'

const results = { passed: 0, failed: 0, skipped: [], failures: [] }
const work = mkdtempSync(join(tmpdir(), 'fencelab-test-'))

function run(text, words) {
  process.stdout.write(`\n== ${text}\n`)
  return new Promise((resolve, reject) => {
    const child = spawn(newerNode(), words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

async function one(text, words) {
  const code = await run(text, words)
  if (code === 0) results.passed += 1
  else fail(text)
}

/** Counts, and is named again at the end: what was printed in between may be cut where somebody reads it. */
function fail(what) {
  results.failed += 1
  results.failures.push(what)
}

async function suite(project) {
  const file = join(work, `${project}.json`)
  const code = await run(`${project} tests`, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${file}`,
  ])
  let report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    fail(`the ${project} tests left no report: ${error.message}`)
    return
  }
  results.passed += report.numPassedTests
  const all = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  for (const { fullName, failureMessages } of all.filter(({ status }) => status === 'failed')) {
    fail(
      `${fullName}: ${failureMessages
        .join(' ')
        .replace(/\x1b\[\d+m/g, '')
        .split('\n')
        .slice(0, 12)
        .join('\n  ')}`,
    )
  }
  const skipped = all.filter(({ status }) => status === 'skipped' || status === 'pending' || status === 'todo')
  const counted = new Map()
  for (const { fullName, ancestorTitles, meta } of skipped) {
    const words =
      meta?.reason === undefined
        ? `${fullName}: the test gives its reason above`
        : `${ancestorTitles[0]}: ${meta.reason}`
    counted.set(words, (counted.get(words) ?? 0) + 1)
  }
  results.skipped.push(...counted)
  // a file that does not load, or an error outside any test, counts even where no test failed
  if (code !== 0 && report.numFailedTests === 0) {
    const files = report.testResults
      .filter(({ status }) => status === 'failed')
      .map(({ name, message }) => `${name}: ${message}`)
    fail(`the ${project} tests: ${files.join('; ') || 'an error outside any test, see above'}`)
  }
}

try {
  // what the tests alone need: a browser, and the fence agent that must be able to drive the lab's power unit. Without
  // them those tests say so and are skipped
  const forTests = { chromium: 'chromium', fence_apc_snmp: 'fence-agents', snmpget: 'snmp' }
  const notThere = await preparePackages(forTests)
  const missing = notThere.filter((name) => !Object.values(forTests).includes(name))
  await prepareDependencies()
  await one('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '.'])
  await one('lint', ['node_modules/eslint/bin/eslint.js', '.'])
  await one('types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'])
  await one('types of the pure room', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'labs'])
  await one('types of the contract and its bridge', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'preload'])
  await one('types of the interface', ['node_modules/vue-tsc/bin/vue-tsc.js', '--noEmit', '-p', 'renderer'])
  await one('types of its tests', ['node_modules/vue-tsc/bin/vue-tsc.js', '--noEmit', '-p', 'test/renderer'])
  await one('types of the end-to-end tests', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'test/e2e'])
  await suite('unit')
  if (missing.length === 0) await suite('lab')
  else {
    process.stdout.write(explainMissing(missing))
    if (process.env.CI) fail(`the runs on the virtual lab: not installed: ${missing.join(', ')}`)
    else results.skipped.push([`the runs on the virtual lab: not installed: ${missing.join(', ')}`, 1])
  }
  // after the lab's own tests: by then the image of its machines is built
  await suite('e2e')
  if (process.env.CI && notThere.some((name) => !missing.includes(name)))
    fail(`programs of the tests that could not be installed: ${notThere.join(', ')}`)
} catch (error) {
  fail(error.stack)
} finally {
  rmSync(work, { recursive: true, force: true })
}
for (const [reason, tests] of results.skipped) process.stdout.write(`skipped: ${reason} (${tests})\n`)
for (const failure of results.failures) process.stdout.write(`failed: ${failure}\n`)
const skippedTests = results.skipped.reduce((sum, [, tests]) => sum + tests, 0)
const skips = skippedTests > 0 ? `, ${skippedTests} skipped` : ''
process.stdout.write(`${results.passed} passed, ${results.failed} failed${skips}\n`)
process.exit(results.failed > 0 ? 1 : 0)
