/** The interface in a browser on this computer: files over HTTP, everything else over one WebSocket. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import * as v from 'valibot'
import { mostBytes, type Channel } from '../../preload/contract/wire.ts'
import type { Engine } from '../services/engine.ts'
import { serveChannel } from '../services/serve-channel.ts'
import { isToken, mayConnect, mayRead } from './admission.ts'
import { contentPolicy, safeHeaders } from './content-policy.ts'
import { resolveFile } from './resolve-file.ts'

export interface ServeWebOptions {
  readonly engine: Engine
  /** folder of the built interface */
  readonly files: string
  /** 0: any that is free */
  readonly port?: number
  readonly token?: string
  readonly report: (error: unknown) => void
}

export interface Served {
  readonly port: number
  readonly token: string
  /** with the token: whoever has it may do everything */
  readonly address: string
  /** Drops the connections that there are; they come back by themselves. For tests of exactly that. */
  dropConnections(): void
  close(): Promise<void>
}

export const socketPath = '/engine'
/** how long a connection may take to show its token */
const admissionMilliseconds = 5000
/** connections that have not shown their token yet */
const mostStrangers = 8
const pingMilliseconds = 15_000

const admissionSchema = v.strictObject({ token: v.pipe(v.string(), v.maxLength(200)) })

/** Serves on 127.0.0.1 alone. */
export async function serveWeb({
  engine,
  files,
  port = 0,
  token = randomBytes(24).toString('base64url'),
  report,
}: ServeWebOptions): Promise<Served> {
  const server = createServer(
    (request, response) =>
      void answer(request, response, files, own()).catch((error: unknown) => {
        report(error)
        response.destroy()
      }),
  )
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostBytes, perMessageDeflate: false })
  const own = () => (server.address() as AddressInfo).port
  let strangers = 0

  server.on('upgrade', (request, socket, head) => {
    // from here on nobody else listens: who resets a connection that is being refused must not end the program
    socket.on('error', () => socket.destroy())
    const refusal = mayConnect(
      { host: request.headers.host, origin: request.headers.origin, path: request.url },
      own(),
      socketPath,
    )
    if (refusal !== undefined || strangers >= mostStrangers) {
      socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n${refusal ?? 'too many'}`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (connection) => {
      // counted here: of a handshake that fails nobody would ever say that it is over
      strangers += 1
      admit(
        connection,
        token,
        () => (strangers -= 1),
        (channel) => serveChannel(channel, { ...engine, report }),
      )
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port: own(),
    token,
    address: `http://127.0.0.1:${own()}/#token=${token}`,
    dropConnections() {
      for (const connection of sockets.clients) connection.terminate()
    },
    async close() {
      for (const connection of sockets.clients) connection.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, files: string, port: number): Promise<void> {
  const end = (status: number, text: string) =>
    response.writeHead(status, { ...safeHeaders, 'content-type': 'text/plain' }).end(text)
  if (!mayRead({ host: request.headers.host }, port)) return void end(403, 'not for this computer')
  if (request.method !== 'GET' && request.method !== 'HEAD') return void end(405, 'only GET')
  const wanted = resolveFile(new URL(request.url ?? '/', 'http://127.0.0.1').pathname)
  const bytes =
    wanted &&
    (await readFile(join(files, wanted.path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EISDIR') return undefined
      throw error
    }))
  if (!wanted || !bytes) return void end(404, 'no such file')
  const connect = [`ws://127.0.0.1:${port}`, `ws://localhost:${port}`]
  response.writeHead(200, {
    ...safeHeaders,
    'content-security-policy': contentPolicy(connect),
    'content-type': wanted.type,
    'content-length': bytes.length,
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** The first message must be the token; before it nothing is listened to and nothing is told. */
function admit(connection: WebSocket, token: string, known: () => void, serve: (channel: Channel) => void): void {
  let admitted = false
  const settle = () => {
    clearTimeout(timer)
    if (!admitted) known()
    admitted = true
  }
  const timer = setTimeout(() => connection.close(4401, 'no token in time'), admissionMilliseconds)
  connection.on('close', settle)
  connection.on('error', () => connection.terminate())
  connection.once('message', (data, isBinary) => {
    const read = v.safeParse(admissionSchema, isBinary ? undefined : parsed(String(data)))
    if (!read.success || !isToken(read.output.token, token)) return connection.close(4401, 'wrong token')
    settle()
    connection.send('{"admitted":true}')
    serve(channelOf(connection))
  })
}

function channelOf(connection: WebSocket): Channel {
  let heard = true
  const pinging = setInterval(() => {
    if (!heard) return connection.terminate()
    heard = false
    connection.ping()
  }, pingMilliseconds)
  connection.on('pong', () => (heard = true))
  connection.on('close', () => clearInterval(pinging))
  return {
    post: (text) => connection.send(text),
    on(listener) {
      const own = (data: unknown, isBinary: boolean) => {
        if (isBinary) return connection.close(4400, 'only text')
        heard = true
        listener(String(data))
      }
      connection.on('message', own)
      return () => void connection.off('message', own)
    },
    onClose(listener) {
      const own = (code: number) => listener(`closed with ${code}`)
      connection.once('close', own)
      return () => void connection.off('close', own)
    },
    close: () => connection.close(1000),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
