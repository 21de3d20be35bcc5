import type { Problem } from './problem.ts'

/**
 * Text for people, a few lines for each problem:
 * `file:line:column: path: what; expected …`, the line of the file, and a caret under the place.
 */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n').replace(control, '\uFFFD')
}

/** A file must not be able to steer the terminal on which its errors are shown. */
const control = /(?![\t\n])\p{Cc}/gu

function formatProblem(problem: Problem): string {
  const { file, line, column, path, message, expected } = problem
  const { source, before } = clipped(problem.source, problem.column)
  // Tabs are copied, so that the caret stands under its character however wide the terminal makes them.
  const indent = source.slice(0, before).replace(/[^\t]/g, ' ')
  const kind = problem.severity === 'warning' ? 'warning: ' : ''
  const where = path === '' ? '' : `${path}: `
  const head = `${file}:${line}:${column}: ${kind}${where}${message}; expected ${expected}`
  const number = `${line}`.padStart(5)
  return `${head}\n${number} | ${source}\n      | ${indent}^\n`
}

/** what is shown of a line */
const shownCharacters = 160

/** The part of a long line around its place, and how many characters of what is shown stand before that. */
function clipped(source: string, column: number): { readonly source: string; readonly before: number } {
  if (source.length <= shownCharacters) return { source, before: column - 1 }
  const from = Math.max(0, Math.min(column - 1 - shownCharacters / 2, source.length - shownCharacters))
  const part = source.slice(from, from + shownCharacters)
  const [left, right] = [from > 0 ? '…' : '', from + shownCharacters < source.length ? '…' : '']
  return { source: `${left}${part}${right}`, before: Math.max(0, column - 1 - from) + left.length }
}
