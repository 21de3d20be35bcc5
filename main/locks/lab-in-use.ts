import { UserError } from '../load-testbed.ts'

/** A program that changes a lab, as the lock shows it to others. */
export interface LabUser {
  /** the words it was started with */
  readonly program: string
  readonly pid: number
  readonly user: string
  /** name of the computer on which it runs */
  readonly host: string
  /** when it began, ISO 8601 */
  readonly since: string
}

/** Another program works with the lab: nothing was changed. */
export class LabInUse extends UserError {
  readonly user: LabUser

  /** @param howToGoOn what the person can do about it */
  constructor(lab: string, user: LabUser, howToGoOn: string) {
    super(`the lab "${lab}" is in use by ${describeUser(user)}. Nothing was changed. ${howToGoOn}`)
    this.user = user
  }
}

/** `fencelab run virtual --all (process 4711 of anna on lab-1), since 2026-11-29 12:35:29 UTC` */
export function describeUser({ program, pid, user, host, since }: LabUser): string {
  const time = since.replace('T', ' ').replace(/\.\d+Z$|Z$/, ' UTC')
  return `"${program}" (process ${pid} of ${user} on ${host}), since ${time}`
}
