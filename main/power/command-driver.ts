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
 * Somebody else's commands, with the ends of fence-agents (fence-agents 4.12.1, fencing.py): 0 is done, and for `status`
 * 0 is on and 2 is off. Many programs end with 2 when they do not understand their arguments: a 2 that comes with
 * complaints and without the word "off" is no answer.
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
      if (end.exit === 0) return 'on'
      const complains = end.stderr.trim() !== '' && !/\boff\b/i.test(end.stdout)
      if (end.exit === 2 && !complains) return 'off'
      throw failure(unit, argv, end, '0 for on or 2 for off')
    },
    async set(outlet, on, signal) {
      const { argv, end } = await act(on ? 'on' : 'off', outlet, signal)
      if (end.exit !== 0) throw failure(unit, argv, end, '0')
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
): PowerError {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-8).join('\n')
  const ended = exit === null ? 'by a signal' : `with exit ${exit}`
  return new PowerError(
    'failed',
    unit,
    `${argv.join(' ')} ended ${ended}, expected ${expected}. ${said === '' ? 'It said nothing' : `It said: ${said}`}`,
  )
}
