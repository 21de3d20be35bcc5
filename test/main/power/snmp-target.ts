import type { SnmpAccess, SnmpTarget } from '../../../main/power/snmp-session.ts'

/** Quick, so that tests are: an answer that is not there after a fifth of a second never comes on loopback. */
export function targetAt(port: number, access: Partial<{ version: '1' | '2c'; community: string }> = {}): SnmpTarget {
  return target(port, { version: '1', community: 'right', ...access })
}

export function target(port: number, access: SnmpAccess): SnmpTarget {
  const secretName = 'the community in PDU_COMMUNITY'
  return { unit: 'pdu1', address: '127.0.0.1', port, access, secretName, tryMs: 200, retries: 1 }
}

export const never = new AbortController().signal

/** The error that a promise rejects with; fails where it resolves. */
export async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: unknown }> {
  return promise.then(
    (value) => {
      throw new Error(`no error, but ${JSON.stringify(value)}`)
    },
    (error: unknown) => error as Error,
  )
}
