import { commandLine } from '../transport/quote.ts'
import type { Level, LogFields } from './log.ts'

/** A line of the log as a person reads it (`--verbose`): one line, and below it what was run, what it said, where it broke. */
export function showLine(level: Level, text: string, fields: LogFields): string {
  const { lab, host, argv, stderr, error } = fields
  const where = [lab, host].filter((one) => one !== undefined).join(' ')
  const below = [
    ...(isWords(argv) ? [`$ ${commandLineOf(argv)}`] : []),
    ...(isWords(stderr) ? stderr : []),
    ...(hasStack(error) ? error.stack.split('\n') : []),
  ]
  const head = `${new Date().toISOString()} ${level} ${where === '' ? '' : `${where}: `}${text}`
  return [head, ...below.map((line) => `    ${line}`)].join('\n')
}

const isWords = (value: unknown): value is readonly string[] => Array.isArray(value) && value.length > 0

const hasStack = (error: unknown): error is { readonly stack: string } =>
  typeof error === 'object' && error !== null && 'stack' in error && typeof error.stack === 'string'

function commandLineOf(argv: readonly string[]): string {
  try {
    return commandLine(argv)
  } catch (error) {
    // what no shell could be given can be shown all the same
    if (error instanceof RangeError) return argv.join(' ')
    throw error
  }
}
