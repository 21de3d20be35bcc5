import * as v from 'valibot'
import { ContractError, type ErrorCode } from '../../preload/contract/contract-error.ts'
import type { CallContext, Method } from '../../preload/contract/method.ts'
import { services as contract, type Services } from '../../preload/contract/services.ts'
import type { Request, Result } from '../../preload/contract/wire.ts'
import { log, logFile } from '../log/log.ts'
import { asContractError } from './as-contract-error.ts'

/** what went wrong in the engine or on a host; of what was asked for, the message says all there is to say */
const isLogged: ReadonlySet<ErrorCode> = new Set(['host', 'power', 'lab', 'recording', 'internal'])

/**
 * Carries out one request: only methods of the contract, only with an input that its schema takes. Never rejects: what
 * goes wrong is data. `report` hears of mistakes of the program, whose traces must not cross the boundary.
 */
export async function callService(
  services: Services,
  { service, method, input }: Request,
  context: CallContext,
  report: (error: unknown) => void,
): Promise<Result> {
  try {
    const declared = methodOf(service, method)
    const read = v.safeParse(declared.input, input)
    if (!read.success) throw new ContractError('invalid-request', `${service}.${method}: ${describe(read.issues[0])}`)
    context.signal.throwIfAborted()
    const own = services[service as keyof Services] as unknown as Record<
      string,
      (input: unknown, context: CallContext) => Promise<unknown>
    >
    return { ok: true, value: await own[method]?.(read.output, context) }
  } catch (error) {
    const known = context.signal.aborted
      ? new ContractError('stopped', 'it was stopped', undefined, error)
      : asContractError(error)
    if (known.code === 'internal') report(error)
    if (!isLogged.has(known.code)) return { ok: false, error: known.toData() }
    log[known.code === 'internal' ? 'error' : 'warning'](`${service}.${method}: ${known.message}`, { error })
    const file = logFile()
    return {
      ok: false,
      error: { ...known.toData(), ...(file !== undefined && { data: { ...known.data, log: file } }) },
    }
  }
}

/** Looked up among the contract's own names: `constructor` and the like are not methods. */
function methodOf(service: string, method: string): Method {
  const found = Object.hasOwn(contract, service) ? contract[service as keyof typeof contract] : undefined
  if (found && Object.hasOwn(found, method)) return (found as Readonly<Record<string, Method>>)[method] as Method
  throw new ContractError('unknown-method', `there is no method ${service}.${method}`)
}

function describe(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue)
  return place === null ? issue.message : `${place}: ${issue.message}`
}
