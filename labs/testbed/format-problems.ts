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
  const { file, line, column, path, message, expected, source } = problem
  // Tabs are copied, so that the caret stands under its character however wide the terminal makes them.
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ')
  const kind = problem.severity === 'warning' ? 'warning: ' : ''
  const where = path === '' ? '' : `${path}: `
  const head = `${file}:${line}:${column}: ${kind}${where}${message}; expected ${expected}`
  const number = `${line}`.padStart(5)
  return `${head}\n${number} | ${source}\n      | ${indent}^\n`
}
