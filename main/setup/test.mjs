// npm test: sets up what is missing, then format, lint, types, unit tests, the mutation test of the judge, the runs on the
// virtual lab, and the window. Ends with a line "N passed, N failed" (", N skipped"), and prints the reason of every skip.
import { displayPackages, electronForTests } from './electron-for-tests.mjs'
import { explainMissing, prepareDependencies, preparePackages } from './prepare.mjs'
import { staticChecks } from './static-checks.mjs'
import { TestRun } from './test-run.mjs'

const tests = new TestRun()

try {
  // what the tests alone need: a browser, a display, and the fence agent that must be able to drive the lab's power unit.
  // Without them those tests say so and are skipped
  const forTests = {
    chromium: 'chromium',
    fence_apc_snmp: 'fence-agents',
    snmpget: 'snmp',
    jq: 'jq',
    ...displayPackages,
  }
  const notThere = await preparePackages(forTests)
  const missing = notThere.filter((name) => !Object.values(forTests).includes(name))
  await prepareDependencies()
  // each of the two keeps one processor busy
  const checkText = async () => {
    for (const check of staticChecks) await tests.check(check)
  }
  const mutation = { name: 'mutation test of the judge', words: ['test/mutate/mutate.ts'], figures: true }
  await Promise.all([checkText(), tests.check(mutation)])
  await tests.project('unit')
  // nothing runs beside the lab: its machines starve where they have to share the processors
  if (missing.length === 0) await tests.project('lab')
  else {
    process.stdout.write(explainMissing(missing))
    const why = `the runs on the virtual lab: not installed: ${missing.join(', ')}`
    if (process.env.CI) tests.fail(why)
    else tests.skip(why)
  }
  // after the lab's own tests: by then the image of its machines is built
  await tests.project('e2e', await electronForTests())
  if (process.env.CI && notThere.some((name) => !missing.includes(name)))
    tests.fail(`programs of the tests that could not be installed: ${notThere.join(', ')}`)
} catch (error) {
  tests.fail(error.stack)
}
process.exit(tests.finish())
