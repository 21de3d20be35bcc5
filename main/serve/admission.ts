/** Who may speak to the engine over the network: pure decisions. This socket switches power. */
import { timingSafeEqual } from 'node:crypto'

export interface Asking {
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly path: string | undefined
}

export type Refusal = 'wrong-host' | 'wrong-origin' | 'wrong-path'

/** The names under which a server on loopback is reached. Anything else is a name that was bent to this computer. */
export const ownHosts = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`]

/** Is a plain request for a file meant for us? (A name that was rebound to 127.0.0.1 shows itself by its Host.) */
export function mayRead({ host }: Pick<Asking, 'host'>, port: number): boolean {
  return host !== undefined && ownHosts(port).includes(host.toLowerCase())
}

/** May this upgrade become a connection? Programs without an Origin are refused, too: only our own page has the right one. */
export function mayConnect({ host, origin, path }: Asking, port: number, socketPath: string): Refusal | undefined {
  if (!mayRead({ host }, port)) return 'wrong-host'
  if (origin === undefined || !ownHosts(port).some((own) => origin.toLowerCase() === `http://${own}`))
    return 'wrong-origin'
  // the page's own origin and the address that it speaks to are one and the same
  if (origin.toLowerCase() !== `http://${host?.toLowerCase()}`) return 'wrong-origin'
  return path === socketPath ? undefined : 'wrong-path'
}

/** Compares without telling by its time how much of it is right. */
export function isToken(given: unknown, token: string): boolean {
  if (typeof given !== 'string') return false
  const [one, other] = [Buffer.from(given), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}
