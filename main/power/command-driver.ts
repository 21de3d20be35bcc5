import { isUsage, readStatus } from '../../labs/power/read-status.ts'
import { fillText } from '../../labs/power/templates.ts'
import type { PowerUnit } from '../../labs/testbed/testbed.ts'
import type { PowerDriver } from './power-driver.ts'
import { PowerError } from './power-error.ts'
import type { CommandEnd, RunCommand } from './run-local.ts'
import { within } from './within.ts'

type CommandUnit = Extract<PowerUnit, { driver: 'command' }>
type Action = 'on' | 'off' | 'status'

export interface CommandDriverOptions {
  readonly run: RunCommand
  /** the longest that one command may take; agents of fence-agents wait for the state themselves (20 s) */
  readonly commandMs?: number
}

/**
 * Somebody else's commands, with the ends of fence-agents (fence-agents 4.12.1, fencing.py): 0 is done, and for
 * `status` 0 is on and 2 is off, or what the testbed says that it prints. What is an answer and what is none:
 * `readStatus`.
 */
export function commandDriver(unit: string, commands: CommandUnit, options: CommandDriverOptions): PowerDriver {
  const { run, commandMs = 60_000 } = options
  const act = async (action: Action, outlet: string, signal: AbortSignal) => {
    const filling = { outlet, action }
    const argv = templateFor(commands, action).map((argument) => fillText(argument, filling))
    const stdin = commands.input === undefined ? {} : { stdin: fillText(commands.input, filling) }
    const late = () =>
      new PowerError('no-answer', unit, `${argv.join(' ')}: no end within ${commandMs / 1000} s; it was killed`)
    try {
      return { argv, end: await within(commandMs, signal, late, (limited) => run(argv, { ...stdin, signal: limited })) }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOENT' && code !== 'EACCES') throw error
      throw new PowerError('configuration', unit, `cannot start ${argv[0]}: ${code}`, { cause: error })
    }
  }
  return {
    unit,
    async state(outlet, signal) {
      const { argv, end } = await act('status', outlet, signal)
      const reading = readStatus(end, commands.says)
      if (reading.ok) return reading.state
      const expected = commands.says === undefined ? '0 for on or 2 for off' : '0'
      const advice =
        commands.says === undefined && end.exit === 0
          ? '. Where it ends with 0 whatever the state is, give what it prints as says: { on: …, off: … }'
          : ''
      throw failure(unit, argv, end, expected, `${reading.reason}${advice}`)
    },
    async set(outlet, on, signal) {
      const { argv, end } = await act(on ? 'on' : 'off', outlet, signal)
      if (end.exit !== 0) throw failure(unit, argv, end, '0')
      if (isUsage(`${end.stdout}\n${end.stderr}`)) {
        throw failure(unit, argv, end, '0', 'it printed its usage, so it did not understand its arguments')
      }
    },
  }
}

function templateFor(commands: CommandUnit, action: Action): readonly string[] {
  const template = commands[action] ?? commands.command
  if (template === undefined) throw new Error(`no command for ${action}`)
  return template
}

function failure(
  unit: string,
  argv: readonly string[],
  { exit, stdout, stderr }: CommandEnd,
  expected: string,
  reason?: string,
): PowerError {
  const said = [stdout.trim(), stderr.trim()].join('\n').trim().split('\n').slice(-8).join('\n')
  const ended = exit === null ? 'by a signal' : `with exit ${exit}`
  return new PowerError(
    'failed',
    unit,
    `${argv.join(' ')} ended ${ended}, expected ${expected}. ${said === '' ? 'It said nothing' : `It said: ${said}`}` +
      (reason === undefined ? '' : `. This is no answer: ${reason}`),
  )
}
