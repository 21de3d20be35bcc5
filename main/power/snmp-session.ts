/** Questions to one SNMP agent as promises, with errors that say what is wrong without saying a secret. */
import * as snmp from 'net-snmp'
import { PowerError, type PowerErrorCode } from './power-error.ts'

/** How a unit is asked, secrets included: it lives in memory only. */
export type SnmpAccess =
  | { readonly version: '1' | '2c'; readonly community: string }
  | {
      readonly version: '3'
      readonly user: string
      readonly authentication: { readonly protocol: 'md5' | 'sha' | 'sha256' | 'sha512'; readonly password: string }
      readonly privacy?: { readonly protocol: 'des' | 'aes'; readonly password: string }
    }

export interface SnmpTarget {
  /** the unit's name in the testbed, for errors */
  readonly unit: string
  readonly address: string
  readonly port: number
  readonly access: SnmpAccess
  /** what to set right where the unit does not know us, in words: 'the community in PDU_COMMUNITY' */
  readonly secretName: string
  /** UDP loses packets: how long to wait for an answer, and how often to ask again */
  readonly tryMs?: number
  readonly retries?: number
}

export interface SnmpSession {
  /** The value of one variable: a number, or text for an OID; undefined where the unit has no such variable. */
  get(oid: string): Promise<unknown>
  /** Writes one INTEGER. Asking again after a lost answer writes it again. */
  set(oid: string, value: number): Promise<void>
}

/** Opens a session, does the work, closes it. Rejects with the signal's reason when that fires. */
export async function withSnmp<T>(
  target: SnmpTarget,
  signal: AbortSignal,
  work: (session: SnmpSession) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const session = open(target)
  let broken: (error: Error) => void = () => undefined
  session.on('error', (error: Error) => broken(error))
  const onAbort = () => broken(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })

  const ask = (doing: string, send: (answered: snmp.GetSetCallback) => void) =>
    new Promise<snmp.Varbind | undefined>((resolve, reject) => {
      signal.throwIfAborted()
      broken = (error) => reject(signal.aborted ? error : explain(target, doing, error))
      send((error, varbinds) => {
        if (error) reject(explain(target, doing, error))
        else resolve(varbinds?.[0])
      })
    })
  try {
    return await work({
      async get(oid) {
        try {
          const varbind = await ask(`reading ${oid}`, (answered) => session.get([oid], answered))
          if (varbind === undefined || snmp.isVarbindError(varbind)) return undefined
          return varbind.value
        } catch (error) {
          // SNMPv1 has no other way to say so
          if (error instanceof PowerError && status(error.cause) === snmp.ErrorStatus.NoSuchName) return undefined
          throw error
        }
      },
      async set(oid, value) {
        await ask(`writing ${value} to ${oid}`, (answered) =>
          session.set([{ oid, type: snmp.ObjectType.Integer, value }], answered),
        )
      },
    })
  } finally {
    signal.removeEventListener('abort', onAbort)
    broken = () => undefined
    session.close()
  }
}

function open({ address, port, access, tryMs = 1000, retries = 3 }: SnmpTarget): snmp.Session {
  const options = {
    port,
    timeout: tryMs,
    retries,
    transport: address.includes(':') ? ('udp6' as const) : ('udp4' as const),
    // an answer about another variable is no answer
    reportOidMismatchErrors: true,
  }
  if (access.version !== '3') {
    const version = access.version === '1' ? snmp.Version1 : snmp.Version2c
    return snmp.createSession(address, access.community, { ...options, version })
  }
  const { user, authentication, privacy } = access
  return snmp.createV3Session(
    address,
    {
      name: user,
      level: privacy === undefined ? snmp.SecurityLevel.authNoPriv : snmp.SecurityLevel.authPriv,
      authProtocol: snmp.AuthProtocols[authentication.protocol],
      authKey: authentication.password,
      ...(privacy && { privProtocol: snmp.PrivProtocols[privacy.protocol], privKey: privacy.password }),
    },
    { ...options, version: snmp.Version3 },
  )
}

/** net-snmp's own texts can carry the community, so an error is told in our words, with its kind alone as the cause. */
function explain(target: SnmpTarget, doing: string, error: Error & { code?: unknown }): PowerError {
  const { unit, secretName, tryMs = 1000, retries = 3 } = target
  const where = `${target.address}:${target.port}`
  const tell = (code: PowerErrorCode, message: string) =>
    new PowerError(code, unit, `${doing}: ${message}`, { cause: new SnmpFailure(error.name, status(error)) })

  if (error.name === 'RequestTimedOutError') {
    const waited = ((tryMs * (retries + 1)) / 1000).toFixed(1)
    return tell(
      'no-answer',
      `no answer from ${where} in ${waited} s. The unit is off, or not reachable by UDP, or its SNMP (version ` +
        `${target.access.version}) is disabled, or ${secretName} is wrong: SNMP does not answer whom it does not know`,
    )
  }
  if (error.name === 'RequestFailedError') {
    const name = snmp.ErrorStatus[status(error) ?? -1] ?? 'an unknown error'
    const readOnly = doing.startsWith('writing') ? ` Often ${secretName} may read, but not write.` : ''
    return tell('refused', `${where} answers ${name}.${readOnly}`)
  }
  if (error.name === 'ResponseInvalidError') {
    if (error.code === snmp.ResponseInvalidCode.EAuthFailure) return tell('refused', unknownUser(where, secretName))
    return tell(
      'failed',
      `${where} answers what is no answer (${snmp.ResponseInvalidCode[Number(error.code)] ?? 'unknown'})`,
    )
  }
  // what the operating system says about the socket or the name; it knows no secret
  if (typeof error.code === 'string') return tell('no-answer', `cannot send to ${where}: ${error.code}`)
  return tell('failed', `the exchange with ${where} broke (${error.name})`)
}

function unknownUser(where: string, secretName: string): string {
  return `${where} does not accept us: ${secretName}, or a protocol, is not what the unit has`
}

class SnmpFailure extends Error {
  override readonly name = 'SnmpFailure'
  readonly status: number | undefined

  constructor(kind: string, status: number | undefined) {
    super(status === undefined ? kind : `${kind} ${status}`)
    this.status = status
  }
}

function status(error: unknown): number | undefined {
  const found = error instanceof Error ? (error as Error & { status?: unknown }).status : undefined
  return typeof found === 'number' ? found : undefined
}
