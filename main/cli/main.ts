import { parseArgs } from 'node:util'
import { didYouMean } from '../../labs/testbed/did-you-mean.ts'
import { HostError } from '../hosts/host-error.ts'
import { UserError } from '../load-testbed.ts'
import { RecordingFailed } from '../recorder/recording-failed.ts'
import { version } from '../version.ts'
import { keepGuard } from '../engine/outlet-guard.ts'
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
import { undo } from './commands/undo.ts'
import { down, reset, status, up } from './commands/virtual.ts'
import type { Context, ExitStatus } from './context.ts'
import { help } from './help.ts'
import { progressLine } from './progress-line.ts'

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

/** Every command that a person can give. */
export const commands: readonly string[] = Object.keys(taken)

/** The command line. Sets the exit status of the process; what went wrong is said on standard error. */
export async function main(words: readonly string[]): Promise<void> {
  if (words[0] === 'keep-lab') {
    const [, directory = '', testbed = '', lifetime] = words
    return keepLab(directory, testbed, lifetime === 'bound')
  }
  if (words[0] === 'guard-outlets') return keepGuard(words[1] ?? '')
  if (words[0] === 'monitor') {
    return monitorCommand(words.slice(1)).catch((error: Error) => {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = 1
    })
  }
  const stop = new AbortController()
  const line = progressLine()
  const context: Context = {
    print(text) {
      line.clear()
      process.stdout.write(`${text}\n`)
    },
    say(text) {
      line.clear()
      process.stderr.write(`${text}\n`)
    },
    onProgress: line.onProgress,
    signal: stop.signal,
  }
  // a reader that has seen enough (head) must not end a program that has something injected
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(3)
    context.say('stopping: taking back what is injected (once more to stop at once)')
    stop.abort(new Error('stopped'))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  try {
    process.exitCode = await dispatch(words, context)
  } catch (error) {
    context.say(stop.signal.aborted ? 'stopped' : explained(error))
    process.exitCode = 3
  }
  line.clear()
  // a connection that hangs must not keep a program that is done
  setTimeout(() => process.exit(), 3000).unref()
}

/** People are told what happened; only what nobody foresaw shows where it happened. */
function explained(error: unknown): string {
  if (error instanceof UserError || error instanceof HostError || error instanceof RecordingFailed)
    return `fencelab: ${error.message}`
  if (error instanceof Error) return process.env['FENCELAB_DEBUG'] ? String(error.stack) : `fencelab: ${error.message}`
  return String(error)
}

async function dispatch(words: readonly string[], context: Context): Promise<ExitStatus> {
  const { values, positionals } = parse(words)
  const [command, ...rest] = positionals
  if (values.version) {
    context.print(version)
    return 0
  }
  if (values.help || command === undefined || command === 'help') {
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
  const wrong = (Object.keys(values) as Options[]).find((option) => !allowed.includes(option))
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
      return undo(context)
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
