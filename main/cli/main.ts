import { parseArgs } from 'node:util'
import { didYouMean } from '../../labs/testbed/did-you-mean.ts'
import { HostError } from '../transport/host-error.ts'
import { UserError } from '../load-testbed.ts'
import { log, openLog, type Log, type Program } from '../log/log.ts'
import { version } from '../version.ts'
import { keepGuard } from '../engine/inject/outlet-guard.ts'
import { keepLab } from '../virtual/keeper-process.ts'
import { monitorCommand } from '../virtual/monitor-command.ts'
import { check } from './commands/check.ts'
import { fault } from './commands/fault.ts'
import { judge, verify } from './commands/judge.ts'
import { keys } from './commands/keys.ts'
import { report } from './commands/report.ts'
import { run } from './commands/run.ts'
import { serve } from './commands/serve.ts'
import { table } from './commands/table.ts'
import { undo } from '../engine/inject/undo.ts'
import { down, reset, status, up } from './commands/virtual.ts'
import { exitStatus, type Context, type ExitStatus } from './context.ts'
import { errorDocument } from './error-document.ts'
import { help } from './help.ts'
import { processEnd } from './process-end.ts'
import { progressLine } from './progress-line.ts'
import { RunsEnded } from './runs-ended.ts'
import { Stopped } from './stopped.ts'

const options = {
  json: { type: 'boolean' },
  watch: { type: 'boolean' },
  all: { type: 'boolean' },
  repeat: { type: 'string' },
  out: { type: 'string' },
  html: { type: 'string' },
  junit: { type: 'string' },
  markdown: { type: 'string' },
  for: { type: 'string' },
  port: { type: 'string' },
  missing: { type: 'string' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const
type Options = keyof typeof options

/** which options a command takes */
const taken: Readonly<Record<string, readonly Options[]>> = {
  up: [],
  down: [],
  status: [],
  reset: [],
  table: ['json'],
  check: ['json'],
  keys: ['json', 'watch'],
  run: ['json', 'all', 'repeat', 'out'],
  judge: ['json'],
  verify: [],
  report: ['html', 'junit', 'markdown'],
  undo: [],
  fault: ['for'],
  serve: ['port', 'missing'],
}

/** options that every command takes */
const takenByAll: readonly Options[] = ['verbose']
/** commands that reach no host: they leave nothing in the log unless they fail */
const unlogged: readonly string[] = ['table', 'judge', 'verify', 'report']

/** Every command that a person can give. */
export const commands: readonly string[] = Object.keys(taken)

/** The command line. Sets the exit status of the process; what went wrong is said on standard error. */
export async function main(words: readonly string[]): Promise<void> {
  if (words[0] === 'keep-lab') {
    const [, directory = '', testbed = '', lifetime] = words
    return inBackground('keeper', () => keepLab(directory, testbed, lifetime === 'bound'))
  }
  if (words[0] === 'guard-outlets') return inBackground('guard', () => keepGuard(words[1] ?? ''))
  if (words[0] === 'monitor') {
    return monitorCommand(words.slice(1)).catch((error: Error) => {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = 1
    })
  }
  const line = progressLine()
  const say = (text: string) => {
    line.clear()
    process.stderr.write(`${text}\n`)
  }
  const end = processEnd(say)
  const written = openLog({
    program: 'cli',
    onUnwritable: (text) => say(`fencelab: ${text}`),
    ...(has(words, '--verbose') && { onLine: say }),
  })
  const began = performance.now()
  const command = commandOf(words)
  if (command !== undefined && !unlogged.includes(command)) log.info(`fencelab ${command} begins`, { words })
  const before = written.written
  const context: Context = {
    print(text) {
      line.clear()
      process.stdout.write(`${text}\n`)
    },
    say,
    onProgress: line.onProgress,
    signal: end.signal,
    readerGone: end.readerGone,
  }
  let status: ExitStatus
  try {
    status = await dispatch(words, context)
    // what was begun in the background and went wrong is no success of the command
    if (end.internal() !== undefined) {
      status = exitStatus.notRun
      const file = whereMoreIs(written, end.internal(), before, true)
      if (file !== undefined) say(`log: ${file}`)
    }
  } catch (thrown) {
    status = exitStatus.notRun
    const internal = end.internal()
    // what is thrown after an internal error, or after a stop, is only how the command ended
    const error = internal ?? (end.signal.aborted ? end.signal.reason : undefined) ?? causeOf(thrown)
    if (internal === undefined) say(error instanceof Stopped ? 'stopped' : explained(error))
    // going back to all green may fail after a stop as well
    const later = error !== causeOf(thrown) && !isAbort(causeOf(thrown)) ? causeOf(thrown) : undefined
    if (later !== undefined) say(explained(later))
    const files = [error, later].map((one) => whereMoreIs(written, one, before, one === internal))
    const file = files.find((one) => one !== undefined)
    if (has(words, '--json')) {
      const told = thrown instanceof RunsEnded ? new RunsEnded(error, thrown.runs) : error
      const document = errorDocument(told, command, { internal: internal !== undefined, log: file })
      context.print(JSON.stringify(document, null, words.includes('--watch') ? 0 : 2))
    }
    if (file !== undefined) say(`log: ${file}`)
  }
  if (written.written > 0)
    log.info(`fencelab ${command ?? ''} ended with exit ${status}`, {
      milliseconds: Math.round(performance.now() - began),
    })
  line.clear()
  end.finish(status)
}

const causeOf = (thrown: unknown) => (thrown instanceof RunsEnded ? thrown.cause : thrown)

const isAbort = (error: unknown) =>
  error instanceof Stopped ||
  (error instanceof HostError && error.code === 'aborted') ||
  (error instanceof Error && error.name === 'AbortError')

/** A process of fencelab's own: its output goes to a file or nowhere. */
function inBackground(program: Program, work: () => Promise<void>): Promise<void> {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  openLog({ program, onUnwritable: say })
  log.info('begins', { words: process.argv.slice(2) })
  process.on('exit', (status) => log.info(`ended with exit ${status}`))
  return work().catch((error: unknown) => {
    log.error('internal error', { error })
    say(error instanceof Error ? error.message : String(error))
    process.exit(exitStatus.notRun)
  })
}

/** Asked of the words themselves: also where they are no command that can be carried out. */
function has(words: readonly string[], option: `--${Options}`): boolean {
  const end = words.indexOf('--')
  return (end < 0 ? words : words.slice(0, end)).includes(option)
}

const commandOf = (words: readonly string[]) => words.find((word) => commands.includes(word))

/**
 * Writes down why the command failed.
 * @param before lines of the log before the command's work began
 * @returns the log's file, where it tells more than the error does: not for words or a file that are wrong, before any lab
 * was touched
 */
function whereMoreIs(written: Log, error: unknown, before: number, internal: boolean): string | undefined {
  if (error === undefined || error instanceof Stopped) return undefined
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof UserError && written.written === before) {
    if (before > 0) log.warning(message)
    return undefined
  }
  // an internal error was written down when it came
  if (!internal) log.error(message, { error })
  return written.file
}

/** People are told what happened; where it happened is shown on request. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const shown = process.env['FENCELAB_DEBUG'] && !(error instanceof UserError) ? error.stack : error.message
  return `fencelab: ${shown ?? error.message}`
}

async function dispatch(words: readonly string[], context: Context): Promise<ExitStatus> {
  const { values, positionals } = parse(words)
  const [command, ...rest] = positionals
  if (values.version) {
    context.print(version)
    return 0
  }
  if (values.help || command === undefined || command === 'help') {
    if (command === undefined && values.json && !values.help)
      throw new UserError('which command? "fencelab --help" lists them')
    context.print(help.trimEnd())
    return command === undefined && !values.help ? 3 : 0
  }
  const allowed = Object.hasOwn(taken, command) ? taken[command] : undefined
  if (!allowed) {
    const near = didYouMean(command, commands)
    throw new UserError(
      `there is no command "${command}"; ${near === undefined ? '' : `did you mean "${near}"? `}"fencelab --help" lists them`,
    )
  }
  const known = [...allowed, ...takenByAll]
  const wrong = (Object.keys(values) as Options[]).find((option) => !known.includes(option))
  if (wrong) throw new UserError(`"fencelab ${command}" takes no option --${wrong}`)
  const json = values.json ?? false
  const one = (what: string) => {
    if (rest.length !== 1 || rest[0] === undefined) throw new UserError(`"fencelab ${command}" takes one ${what}`)
    return rest[0]
  }
  const nothing = () => {
    if (rest.length > 0) throw new UserError(`"fencelab ${command}" takes no words, and was given "${rest.join(' ')}"`)
  }
  const testbed = () => (rest.length === 0 ? 'virtual' : one('testbed'))
  switch (command) {
    case 'up':
      return up(testbed(), context)
    case 'down':
      return down(testbed(), context)
    case 'status':
      return status(testbed(), context)
    case 'reset':
      return reset(testbed(), context)
    case 'table':
      nothing()
      return table(context, json)
    case 'check':
      return check(testbed(), context, json)
    case 'keys':
      return keys(testbed(), context, { json, watch: values.watch ?? false })
    case 'run': {
      const [name = 'virtual', ...rows] = rest
      const out = values.out
      return run(
        {
          testbed: name,
          rows,
          all: values.all ?? false,
          repeat: count(values.repeat),
          json,
          ...(out !== undefined && { out }),
        },
        context,
      )
    }
    case 'judge':
      return judge(one('folder of a run'), context, json)
    case 'verify':
      return verify(one('folder of a run'), context)
    case 'report':
      return report(one('folder of a run, or of several'), values, context)
    case 'fault': {
      const [name = 'virtual', what, ...target] = rest
      const lasting = values.for
      return fault(
        {
          testbed: name,
          target,
          ...(what !== undefined && { name: what }),
          ...(lasting !== undefined && { for: lasting }),
        },
        context,
      )
    }
    case 'undo':
      nothing()
      return (await undo(context)) ? exitStatus.passed : exitStatus.notRun
    case 'serve':
      return serve(
        {
          testbed: rest.length === 0 ? undefined : one('testbed'),
          port: portOf(values.port),
          missing: (values.missing ?? '').split(',').filter((name) => name !== ''),
        },
        context,
      )
    default:
      throw new Error(`the command ${command} is listed and not made`)
  }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UserError(`${(error as Error).message}. "fencelab --help" tells what there is`)
  }
}

function count(text: string | undefined): number {
  if (text === undefined) return 1
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new UserError(`--repeat takes a whole number from 1, not "${text}"`)
  return value
}

/** 0: any that is free. */
function portOf(text: string | undefined): number {
  if (text === undefined) return 0
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new UserError(`--port takes a port number, not "${text}"`)
  return port
}
