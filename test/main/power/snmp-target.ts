import type { SnmpAccess, SnmpTarget } from '../../../main/power/snmp-session.ts'

/** An agent on loopback. It is asked once and patiently: under load a second question would be a second command. */
export function targetAt(port: number, access: Partial<{ version: '1' | '2c'; community: string }> = {}): SnmpTarget {
  return target(port, { version: '1', community: 'right', ...access })
}

export function target(port: number, access: SnmpAccess): SnmpTarget {
  const secretName = 'the community in PDU_COMMUNITY'
  return { unit: 'pdu1', address: '127.0.0.1', port, access, secretName, tryMs: 15_000, retries: 0 }
}

/** For where no answer will come. */
export function impatient(patient: SnmpTarget): SnmpTarget {
  return { ...patient, tryMs: 200, retries: 1 }
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
