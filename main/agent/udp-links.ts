/** Heartbeats over the private links: unicast UDP to each peer, from a socket bound to the link's local address. */
import * as v from 'valibot'
import type { AgentConfig } from '../../labs/cluster/config.ts'
import type { EventLog } from './event-log.ts'
import type { Heartbeat } from '../../labs/cluster/message.ts'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { heartbeatSchema } from '../../labs/cluster/message.ts'

/** How long to wait before a link's socket is opened again (its interface or address may be missing). */
const REOPEN_AFTER = 500

export interface UdpLinks {
  /** To all peers on the link. What cannot be sent is lost, as on a cut cable. */
  send(link: string, message: Heartbeat): void
  /** Test hook: a muted link carries nothing in either direction. */
  mute(link: string, muted: boolean): void
  close(): void
}

export function openUdpLinks(
  config: AgentConfig,
  events: EventLog,
  received: (link: string, message: Heartbeat) => void,
): UdpLinks {
  const links = new Map(config.links.map(({ name, port }) => [name, openLink(config, name, port, events, received)]))
  return {
    send: (link, message) => links.get(link)?.send(message),
    mute(link, muted) {
      const known = links.get(link)
      if (!known) throw new Error(`no link ${link}; there are ${[...links.keys()].join(', ')}`)
      known.mute(muted)
    },
    close: () => links.forEach((link) => link.close()),
  }
}

interface Link {
  send(message: Heartbeat): void
  mute(muted: boolean): void
  close(): void
}

function openLink(
  config: AgentConfig,
  name: string,
  port: number,
  events: EventLog,
  received: (link: string, message: Heartbeat) => void,
): Link {
  const own = config.nodes.find((node) => node.name === config.node)?.addresses[name] ?? ''
  const peers = config.nodes.filter((node) => node.name !== config.node)
  const addressOf = new Map(peers.map((node) => [node.id, node.addresses[name]]))
  let socket: Socket | null = null
  let reopen: NodeJS.Timeout | null = null
  let trouble = ''
  let muted = false
  let closed = false

  /** Said once per kind of trouble, not five times a second. */
  function note(now: string): void {
    if (now === trouble) return
    trouble = now
    if (now) events.log('warning', 'link-trouble', `private link ${name}: ${now}`)
    else events.log('info', 'link-trouble', `private link ${name}: packets leave again`)
  }

  function open(): void {
    reopen = null
    // Addresses are numbers: without a look-up a packet leaves within `send`, before a panic can stop it.
    const fresh = createSocket({
      type: own.includes(':') ? 'udp6' : 'udp4',
      lookup: (host, _options, found) => found(null, host, own.includes(':') ? 6 : 4),
    })
    fresh.on('error', (error) => {
      note(error.message)
      fresh.close()
      if (socket === fresh) socket = null
      if (!closed) reopen = setTimeout(open, REOPEN_AFTER)
    })
    fresh.on('message', (data, from) => {
      if (muted) return
      const message = parseHeartbeat(data)
      if (message && addressOf.get(message.from) === from.address) received(name, message)
    })
    fresh.bind({ address: own, port, exclusive: true }, () => (socket = fresh))
  }

  open()
  return {
    send(message) {
      if (!socket || muted) return
      const data = Buffer.from(JSON.stringify(message))
      for (const address of addressOf.values()) {
        if (address !== undefined) socket.send(data, port, address, (error) => note(error ? error.message : ''))
      }
    },
    mute: (now) => (muted = now),
    close() {
      closed = true
      if (reopen) clearTimeout(reopen)
      socket?.close()
      socket = null
    },
  }
}

function parseHeartbeat(data: Buffer): Heartbeat | null {
  let value: unknown
  try {
    value = JSON.parse(data.toString('utf8'))
  } catch {
    // Not ours: anybody may send to a port.
    return null
  }
  const read = v.safeParse(heartbeatSchema, value)
  return read.success ? read.output : null
}
