// npm test: sets up what is missing, then lint, types, unit tests, the window and the runs on the real lab. Ends with a line
// "N passed, N failed" (", N skipped"), and prints the reason of every skip.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainMissing, newerNode, prepareDependencies, preparePackages, root } from './prepare.mjs'

const results = { passed: 0, failed: 0, skipped: [] }
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
  else results.failed += 1
}

async function suite(project) {
  const file = join(work, `${project}.json`)
  const code = await run(`${project} tests`, [
    'node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile=${file}`,
  ])
  let report
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    process.stdout.write(`the ${project} tests left no report: ${error.message}\n`)
    results.failed += 1
    return
  }
  results.passed += report.numPassedTests
  results.failed += report.numFailedTests
  const skipped = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'skipped' || status === 'pending' || status === 'todo'),
  )
  results.skipped.push(...skipped.map(({ fullName, meta }) => `${fullName}: ${meta?.reason ?? 'the test gives its reason above'}`))
  // a file that does not load, or an error outside any test, counts even where no test failed
  if (code !== 0 && report.numFailedTests === 0) results.failed += 1
}

try {
  // what the tests alone need: a browser, and the fence agent that must be able to drive the lab's power unit. Without
  // them those tests say so and are skipped
  const forTests = { chromium: 'chromium', fence_apc_snmp: 'fence-agents', snmpget: 'snmp' }
  const notThere = await preparePackages(forTests)
  const missing = notThere.filter((name) => !Object.values(forTests).includes(name))
  await prepareDependencies()
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
    if (process.env.CI) results.failed += 1
    else results.skipped.push(`the runs on the virtual lab: not installed: ${missing.join(', ')}`)
  }
  // after the lab's own tests: by then the image of its machines is built
  await suite('e2e')
  if (process.env.CI && notThere.some((name) => !missing.includes(name))) results.failed += 1
} catch (error) {
  process.stdout.write(`${error.stack}\n`)
  results.failed += 1
} finally {
  rmSync(work, { recursive: true, force: true })
}
for (const reason of results.skipped) process.stdout.write(`skipped: ${reason}\n`)
const skips = results.skipped.length > 0 ? `, ${results.skipped.length} skipped` : ''
process.stdout.write(`${results.passed} passed, ${results.failed} failed${skips}\n`)
process.exit(results.failed > 0 ? 1 : 0)
