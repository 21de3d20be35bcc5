import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contentPolicy, safeHeaders } from '../serve/content-policy.ts'
import { resolveFile } from '../serve/resolve-file.ts'
import { isOwn } from './origin.ts'

/** Answers requests for the interface's own scheme: files of one folder, each with the content policy. Nothing else. */
export function interfaceFiles(folder: string): (request: Pick<Request, 'url' | 'method'>) => Promise<Response> {
  return async ({ url, method }) => {
    if (method !== 'GET') return refused(405, 'only GET')
    const wanted = isOwn(url) ? resolveFile(new URL(url).pathname) : undefined
    if (!wanted) return refused(404, 'no such file')
    const bytes = await readFile(join(folder, wanted.path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EISDIR') return undefined
      throw error
    })
    if (!bytes) return refused(404, 'no such file')
    return new Response(new Uint8Array(bytes), {
      headers: { ...safeHeaders, 'content-security-policy': contentPolicy(), 'content-type': wanted.type },
    })
  }
}

const refused = (status: number, text: string) =>
  new Response(text, { status, headers: { ...safeHeaders, 'content-type': 'text/plain' } })
