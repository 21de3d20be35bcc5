import { ofType } from './run.ts'
import type { Line, RunStarted } from './event.ts'

/** Who has which role at the end of these lines: a row may bind its roles anew when it is known who survived. */
export function rolesAt(started: Pick<RunStarted, 'roles'>, lines: readonly Line[]): Readonly<Record<string, string>> {
  return ofType(lines, 'roles').at(-1)?.roles ?? started.roles
}
