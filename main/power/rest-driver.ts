import { pointedTo } from '../../labs/power/json-pointer.ts'
import { fillBody, fillUrl, isJson, originOf } from '../../labs/power/templates.ts'
import type { PowerUnit } from '../../labs/testbed/testbed.ts'
import { httpCall, type HttpAnswer } from './http-call.ts'
import type { PowerDriver } from './power-driver.ts'
import { PowerError } from './power-error.ts'
import { within } from './within.ts'

type RestUnit = Extract<PowerUnit, { driver: 'rest' }>

export interface RestDriverOptions {
  /** bearer token: it goes into one header, and nowhere else */
  readonly token?: string
  readonly answerMs?: number
}

/** Whatever speaks HTTP, by templates. It talks to the host in the testbed and follows nobody elsewhere. */
export function restDriver(unit: string, rest: RestUnit, { token, answerMs = 10_000 }: RestDriverOptions): PowerDriver {
  const call = async (
    { method, url, body }: { method: string; url: string; body?: string | undefined },
    outlet: string,
    signal: AbortSignal,
  ) => {
    const filled = fillUrl(url, { outlet })
    const doing = `${method} ${filled}`
    const content = body === undefined ? undefined : fillBody(body, { outlet })
    const type = isJson(body ?? '') ? 'application/json' : 'application/x-www-form-urlencoded'
    const headers = {
      accept: 'application/json, */*',
      ...(content !== undefined && { 'content-type': type, 'content-length': `${Buffer.byteLength(content)}` }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    if (originOf(filled) === undefined || originOf(filled) !== originOf(url)) {
      throw new PowerError('configuration', unit, `${doing}: the outlet must not stand in the host of the URL`)
    }
    const late = () => new PowerError('no-answer', unit, `${doing}: no answer within ${answerMs / 1000} s`)
    let answer: HttpAnswer
    try {
      answer = await within(answerMs, signal, late, (limited) =>
        httpCall({ method, url: filled, headers, ...(content !== undefined && { body: content }), signal: limited }),
      )
    } catch (error) {
      signal.throwIfAborted()
      throw error instanceof PowerError ? error : unreachable(unit, doing, error as NodeJS.ErrnoException)
    }
    if (answer.status >= 200 && answer.status < 300) return { doing, body: answer.body }
    throw refusal(unit, doing, answer, rest.tokenVariable, token)
  }
  return {
    unit,
    async state(outlet, signal) {
      const { pointer, on, off } = rest.status
      const { doing, body } = await call({ method: 'GET', url: rest.status.url }, outlet, signal)
      const said =
        pointer === undefined ? body.trim() : plain(readPointer(unit, doing, body, fillPointer(pointer, outlet)))
      if (said === on) return 'on'
      return said === off ? 'off' : 'unknown'
    },
    async set(outlet, on, signal) {
      await call(on ? rest.on : rest.off, outlet, signal)
    },
  }
}

/** An outlet `1/7` is one step of a pointer. */
function fillPointer(pointer: string, outlet: string): string {
  return pointer.replaceAll('{outlet}', outlet.replaceAll('~', '~0').replaceAll('/', '~1'))
}

function readPointer(unit: string, doing: string, body: string, pointer: string): unknown {
  let document: unknown
  try {
    document = JSON.parse(body)
  } catch (error) {
    throw new PowerError('failed', unit, `${doing}: the answer is no JSON`, { cause: error })
  }
  const value = pointedTo(document, pointer)
  if (value !== undefined) return value
  throw new PowerError('failed', unit, `${doing}: the answer has nothing at ${pointer}`)
}

/** `true`, `1` and `"on"` as a testbed writes them. */
function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function unreachable(unit: string, doing: string, error: NodeJS.ErrnoException): PowerError {
  const why = error.code ?? error.message
  const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(why)
    ? '. Its certificate is not trusted: put the one that signed it into a file and start with NODE_EXTRA_CA_CERTS=FILE'
    : ''
  return new PowerError('no-answer', unit, `${doing}: ${why}${certificate}`, { cause: error })
}

function refusal(
  unit: string,
  doing: string,
  answer: HttpAnswer,
  variable: string | undefined,
  token: string | undefined,
) {
  const said = hide(answer.body.trim().slice(0, 300), token)
  const tail = said === '' ? '' : ` and says: ${said}`
  if (answer.status === 401 || answer.status === 403) {
    const what = variable === undefined ? 'it wants a token: set tokenVariable' : `is the token in ${variable} right?`
    return new PowerError('refused', unit, `${doing}: it answers ${answer.status}; ${what}`)
  }
  if (answer.status >= 300 && answer.status < 400) {
    const message = `${doing}: it answers ${answer.status}, a way to somewhere else, which is not followed; write the final URL`
    return new PowerError('configuration', unit, message)
  }
  return new PowerError('failed', unit, `${doing}: it answers ${answer.status}${tail}`)
}

function hide(text: string, secret: string | undefined): string {
  return secret === undefined || secret === '' ? text : text.replaceAll(secret, '•••')
}
