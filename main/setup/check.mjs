// npm run check: what one runs before a commit. Format, lint, types and unit tests; no machine is started.
import { prepareDependencies } from './prepare.mjs'
import { staticChecks } from './static-checks.mjs'
import { TestRun } from './test-run.mjs'

const tests = new TestRun()
try {
  await prepareDependencies()
  const checkText = async () => {
    for (const check of staticChecks) await tests.check(check)
  }
  await Promise.all([checkText(), tests.project('unit')])
} catch (error) {
  tests.fail(error.stack)
}
process.exit(tests.finish())
