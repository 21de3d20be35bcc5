import * as v from 'valibot'
import { stackOf } from '../stacks/stack-of.ts'
import { stackSchema } from '../stacks/stack-schema.ts'
import { checkHosts } from '../testbed/check-hosts.ts'
import { checkNodes } from '../testbed/check-nodes.ts'
import { checkPower } from '../testbed/check-power.ts'
import { checkStorage } from '../testbed/check-storage.ts'
import { checkUse } from '../testbed/check-use.ts'
import type { Finding } from '../testbed/finding.ts'
import { findFreeTextSecrets } from '../testbed/free-text-secrets.ts'
import type { Places } from '../testbed/places.ts'
import type { Problem } from '../testbed/problem.ts'
import { schemaFindings } from '../testbed/schema-findings.ts'
import { coverSecrets, findPrivateKeyText, findSecrets } from '../testbed/secrets.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { testbedSchema } from '../testbed/testbed-schema.ts'
import { whyNoText } from '../testbed/why-no-text.ts'
import { readYaml, type Path } from '../testbed/yaml-source.ts'

export type TestbedReading =
  | { readonly ok: true; readonly testbed: Testbed; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Reads a testbed file.
 *
 * @param text the file's text (YAML 1.2)
 * @param file what to call it in problems; it is not opened
 * @param places what `${lab}` and `~/` in paths stand for
 * @returns the testbed with all defaults filled in and every name it mentions resolved, or every problem that was found
 *   at this stage (YAML, then secrets and schema, then what must hold between the parts), in the order of the file.
 *   Never throws. No problem repeats a secret.
 */
export function readTestbed(text: string, file: string, places: Places = {}): TestbedReading {
  const yaml = readYaml(text)
  const secrets = findSecrets(yaml.entries)
  const told = findFreeTextSecrets(text, yaml.entries)
  const lines = coverSecrets(text, [...secrets, ...told]).split(/\r?\n/)

  const noText = whyNoText(text)
  if (noText) {
    const [source = ''] = lines
    return { ok: false, problems: [{ severity: 'error', file, line: 1, column: 1, path: '', ...noText, source }] }
  }

  function problem(offset: number, found: Omit<Finding, 'at'>): Problem {
    const { severity, path, message, expected } = found
    const { line, column } = yaml.position(offset)
    return { severity, file, line, column, path: dotted(path), message, expected, source: lines[line - 1] ?? '' }
  }
  const ofFinding = (finding: Finding) => problem(yaml.offsetOf(finding.path, finding.at), finding)
  const secretProblems = [
    ...secrets.map(({ path, message, expected }) =>
      problem(yaml.offsetOf(path, 'key'), { severity: 'error', path, message, expected }),
    ),
    ...told.map(({ offset, path, message, expected }) =>
      problem(offset, { severity: 'error', path, message, expected }),
    ),
    ...keyInComment(text, secrets.length > 0, problem),
  ]
  const refused = (problems: readonly Problem[]): TestbedReading => ({
    ok: false,
    problems: [...problems].sort(byPlace),
  })

  if (yaml.complaints.length > 0) {
    const complaints = yaml.complaints.map(({ offset, ...complaint }) => {
      const said = problem(offset, { severity: 'error', ...complaint })
      // The parser's own words may quote the text they stumble over.
      return said.source.includes('•') ? { ...said, message: 'this is not YAML' } : said
    })
    return refused([...secretProblems, ...complaints])
  }

  const read = v.safeParse(testbedSchema(places, stackSchema), yaml.value)
  if (!read.success || secretProblems.length > 0) {
    const findings = read.success ? [] : schemaFindings(read.issues)
    // A secret is also an unknown key or a strange path: one problem is enough, and this one does not show it.
    const others = findings.filter(({ path }) => !secrets.some((secret) => startsWith(path, secret.path)))
    return refused([...secretProblems, ...others.map(ofFinding)])
  }
  const testbed: Testbed = read.output
  const findings = [checkHosts, checkNodes, checkStack, checkStorage, checkPower, checkUse].flatMap((check) =>
    check(testbed),
  )
  const problems = findings.map(ofFinding)
  if (problems.some(({ severity }) => severity === 'error')) return refused(problems)
  return { ok: true, testbed, warnings: problems.sort(byPlace) }
}

const checkStack = (testbed: Testbed) => stackOf(testbed).check(testbed)

function keyInComment(
  text: string,
  foundAlready: boolean,
  problem: (offset: number, found: Omit<Finding, 'at'>) => Problem,
) {
  const at = foundAlready ? undefined : findPrivateKeyText(text)
  if (at === undefined) return []
  const expected = 'the path of the key file, or the ssh-agent'
  return [problem(at, { severity: 'error', path: [], message: 'the file contains a private key', expected })]
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((key, index) => path[index] === key)
}

function dotted(path: Path): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${key}`)).join('')
}

function byPlace(one: Problem, other: Problem): number {
  return one.line - other.line || one.column - other.column
}
