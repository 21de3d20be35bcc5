import type { BaseIssue } from 'valibot'
import { didYouMean } from './did-you-mean.ts'
import type { Finding } from './finding.ts'
import type { Path } from './yaml-source.ts'

/** valibot's issues as findings. Every text of the schema says what is expected; what was found is in the issue. */
export function schemaFindings(issues: readonly BaseIssue<unknown>[]): Finding[] {
  return issues.flatMap(findingsOf)
}

function findingsOf(issue: BaseIssue<unknown>): Finding[] {
  const items = issue.path ?? []
  const path = items.map((item) => item.key as string | number)
  const error = (found: Omit<Finding, 'severity'>): Finding[] => [{ severity: 'error', ...found }]

  const last = items.at(-1)
  if (last === undefined)
    return error({ path, at: 'value', message: found(issue.input, path), expected: issue.message })
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    // Only the first unknown key is an issue; whoever mistyped two wants to hear of both.
    const known = issue.message.split(', ')
    const unknown = Object.keys(last.input as object).filter((key) => !known.includes(key))
    return unknown.flatMap((key) => {
      const near = didYouMean(key, known)
      const expected = `one of ${known.join(', ')}${near === undefined ? '' : `; did you mean "${near}"?`}`
      return error({ path: [...path.slice(0, -1), key], at: 'key', message: 'unknown key', expected })
    })
  }
  const missing = typeof last.input === 'object' && last.input !== null && !Object.hasOwn(last.input, `${last.key}`)
  if (missing) return error({ path, at: 'value', message: 'is missing', expected: issue.message })
  // The key of a mapping from names is itself checked: then the issue is about the key.
  if ('origin' in last && last.origin === 'key') {
    return error({ path, at: 'key', message: 'this cannot be a name', expected: issue.message })
  }
  return error({ path, at: 'value', message: found(issue.input, path), expected: expected(issue) })
}

function expected(issue: BaseIssue<unknown>): string {
  const words = /^one of ([^;]+)$/.exec(issue.message)?.[1]?.split(', ')
  const near = words && typeof issue.input === 'string' ? didYouMean(issue.input, words) : undefined
  if (near !== undefined) return `${issue.message}; did you mean "${near}"?`
  const bare = issue.type === 'string' && (typeof issue.input === 'number' || typeof issue.input === 'boolean')
  return bare ? `${issue.message} (in quotes, if it looks like a number)` : issue.message
}

/** What was found, in words. What should name a secret's variable may be the secret: it is not repeated. */
function found(input: unknown, path: Path): string {
  if (/variable$/i.test(`${path.at(-1)}`))
    return 'found something else (not repeated here: it may be the secret itself)'
  if (input === undefined || input === null) return 'found nothing'
  if (Array.isArray(input)) return 'found a list'
  if (typeof input === 'object') return 'found a mapping'
  const text = typeof input === 'string' ? JSON.stringify(input) : `${String(input)}`
  return `found ${text.length > 60 ? `${text.slice(0, 57)}…"` : text}`
}
