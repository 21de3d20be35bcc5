import { createServer, type Server } from 'node:http'
import { rm } from 'node:fs/promises'

export interface Outlets {
  readonly count: number
  stateOf(outlet: number): 'on' | 'off'
  set(outlet: number, on: boolean): Promise<void>
}

/**
 * The PDU's web page, for the machines inside: `/outlet/3` says on or off, `/outlet/3/off` switches and says so when it has.
 * SNMP is UDP, which QEMU's user network does not carry to one address alone; this is what a node's fence command speaks.
 * It listens on a unix socket in the lab's own directory, so that nobody but the lab's user and its machines reaches it.
 */
export async function servePduPage(socket: string, outlets: Outlets): Promise<Server> {
  await rm(socket, { force: true })
  const server = createServer((request, response) => {
    const answer = (status: number, text: string) =>
      response.writeHead(status, { 'Content-Type': 'text/plain', Connection: 'close' }).end(text)
    const match = /^\/outlet\/([1-9]\d{0,3})(?:\/(on|off))?$/.exec(request.url ?? '')
    const outlet = Number(match?.[1])
    if (!match || outlet > outlets.count) return void answer(404, 'no such outlet')
    const wanted = match[2]
    if (wanted === undefined) return void answer(200, outlets.stateOf(outlet))
    outlets.set(outlet, wanted === 'on').then(
      () => answer(200, outlets.stateOf(outlet)),
      (error: Error) => answer(500, error.message),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
  return server
}
