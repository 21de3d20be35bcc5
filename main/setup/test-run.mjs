/** Runs checks and test projects, counts what they found, and tells how long each part took. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newerNode, root } from './prepare.mjs'

export class TestRun {
  #passed = 0
  #failures = []
  #skipped = []
  #repeated = []
  #parts = []
  #work = mkdtempSync(join(tmpdir(), 'fencelab-test-'))

  /** A failure is named again at the end: what was printed in between may be cut where somebody reads it. */
  fail(what) {
    this.#failures.push(what)
  }

  /** Counted with its reason: a skip that says nothing looks like a pass. */
  skip(reason, tests = 1) {
    this.#skipped.push([reason, tests])
  }

  /**
   * One check that passes or fails as a whole. Its output is shown when it has ended, and failed; of one with `figures` the
   * last line is shown also where it passed.
   */
  async check({ name, words, figures = false }) {
    await this.#timed(name, async () => {
      const { code, output } = await run([newerNode(), ...words], 'pipe')
      const said = code !== 0 ? output : figures ? `${output.trim().split('\n').at(-1)}\n` : ''
      process.stdout.write(`\n== ${name}: ${code === 0 ? 'passed' : 'FAILED'}\n${said}`)
      if (code === 0) this.#passed += 1
      else this.fail(`${name}: ${output.trim().split('\n').slice(-12).join('\n  ')}`)
    })
  }

  /**
   * One project of vitest: every test counts.
   * @param env variables on top of this program's own
   * @param before words before the command, such as a program that gives it a display
   */
  async project(name, { env = {}, before = [] } = {}) {
    process.stdout.write(`\n== ${name} tests\n`)
    const file = join(this.#work, `${name}.json`)
    const words = ['node_modules/vitest/vitest.mjs', 'run', '--project', name]
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${file}`]
    await this.#timed(`${name} tests`, async () => {
      const { code } = await run([...before, newerNode(), ...words, ...reporters], 'inherit', env)
      this.#count(name, code, file)
    })
  }

  /** Prints skips, failures, what took how long, and last the one line that counts. @returns the exit status */
  finish() {
    rmSync(this.#work, { recursive: true, force: true })
    const say = (line) => process.stdout.write(`${line}\n`)
    for (const [reason, tests] of this.#skipped) say(`skipped: ${reason} (${tests})`)
    for (const repeat of this.#repeated) say(`repeated: ${repeat}`)
    for (const failure of this.#failures) say(`failed: ${failure}`)
    for (const [name, seconds] of this.#parts) say(`${String(Math.round(seconds)).padStart(6)} s  ${name}`)
    say(`${this.#repeated.length} repeated`)
    const skipped = this.#skipped.reduce((sum, [, tests]) => sum + tests, 0)
    say(`${this.#passed} passed, ${this.#failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
    return this.#failures.length > 0 ? 1 : 0
  }

  async #timed(name, work) {
    const began = performance.now()
    await work()
    this.#parts.push([name, (performance.now() - began) / 1000])
  }

  #count(name, code, file) {
    let report
    try {
      report = JSON.parse(readFileSync(file, 'utf8'))
    } catch (error) {
      this.fail(`the ${name} tests left no report: ${error.message}`)
      return
    }
    this.#passed += report.numPassedTests
    const all = report.testResults.flatMap(({ assertionResults }) => assertionResults)
    for (const { fullName, failureMessages } of all.filter(({ status }) => status === 'failed')) {
      const text = failureMessages.join(' ').replace(/\x1b\[\d+m/g, '')
      this.fail(`${fullName}: ${text.split('\n').slice(0, 12).join('\n  ')}`)
    }
    for (const { fullName, meta } of all)
      for (const why of meta?.repeated ?? []) this.#repeated.push(`${fullName}: ${why}`)
    const counted = new Map()
    for (const one of all.filter(({ status }) => ['skipped', 'pending', 'todo'].includes(status))) {
      const reason = one.meta?.reason
      const words =
        reason === undefined
          ? `${one.fullName}: the test gives its reason above`
          : `${one.ancestorTitles[0]}: ${reason}`
      counted.set(words, (counted.get(words) ?? 0) + 1)
    }
    for (const [reason, tests] of counted) this.skip(reason, tests)
    // a file that does not load, or an error outside any test, counts even where no test failed
    if (code !== 0 && report.numFailedTests === 0) {
      const broken = report.testResults.filter(({ status }) => status === 'failed')
      const files = broken.map(({ name: path, message }) => `${path}: ${message}`)
      this.fail(`the ${name} tests: ${files.join('; ') || 'an error outside any test, see above'}`)
    }
  }
}

/** @param output `inherit` shows it as it comes; `pipe` returns it */
function run([command, ...words], output, env = {}) {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, stdio: ['ignore', output, output], env: { ...process.env, ...env } }
    const child = spawn(command, words, options)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output: text }))
  })
}
