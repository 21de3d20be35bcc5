import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface HttpCall {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** More than this no power unit has to say. */
const longest = 256 * 1024

/** One request, one answer, to the host of that URL and no other: a redirect is an answer like any other. */
export function httpCall({ method, url, headers, body, signal }: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest
    const outgoing = request(url, { method, headers, signal, agent: false }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (piece: string) => {
        text += piece
        if (text.length > longest) incoming.destroy(new Error(`the answer is longer than ${longest} characters`))
      })
      incoming.once('error', reject)
      incoming.once('end', () => resolve({ status: incoming.statusCode ?? 0, body: text }))
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
