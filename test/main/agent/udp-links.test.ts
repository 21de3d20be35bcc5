import { afterEach, expect, it } from 'vitest'
import type { EventLog } from '../../../main/agent/event-log.ts'
import type { Heartbeat } from '../../../labs/cluster/message.ts'
import type { UdpLinks } from '../../../main/agent/udp-links.ts'
import { createSocket } from 'node:dgram'
import { openUdpLinks } from '../../../main/agent/udp-links.ts'
import { readAgentConfig } from '../../../labs/cluster/config.ts'

const PORT = 7733
const open: UdpLinks[] = []
afterEach(() => open.splice(0).forEach((links) => links.close()))

function configOf(node: string) {
  return readAgentConfig({
    node,
    nodes: ['nodea', 'nodeb'].map((name, id) => ({
      name,
      id,
      keys: { coordination: `0x${id + 1}`, data: `0x${id + 1}` },
      // TEST-NET-1 (RFC 5737): no host has this address, so this link cannot even be opened.
      addresses: { priv1: `127.33.1.${id + 1}`, priv2: `192.0.2.${id + 1}` },
    })),
    links: [
      { name: 'priv1', port: PORT },
      { name: 'priv2', port: PORT },
    ],
    coordination: ['c1', 'c2', 'c3'].map((name) => ({ name, device: name })),
    data: [{ name: 'd1', device: 'd1' }],
    logFile: 'unused',
    socket: 'unused',
  })
}

function heartbeat(from: number, sequence: number): Heartbeat {
  return {
    cluster: 'fencelab',
    from,
    incarnation: 1,
    sequence,
    phase: 'joining',
    ready: false,
    forming: false,
    leaving: false,
    members: [],
    generation: [0, 0, 0],
    lost: [],
    fencing: false,
    race: 'none',
    group: { active: false, epoch: 0 },
    hears: [],
  }
}

/** Sends again and again until something arrives: UDP promises nothing, and sockets open in their own time. */
async function sendUntil(arrived: Promise<void>, send: () => void): Promise<void> {
  const timer = setInterval(send, 20)
  try {
    await arrived
  } finally {
    clearInterval(timer)
  }
}

it('carries heartbeats between the right addresses only, and survives a link that cannot be opened', async () => {
  const troubles: string[] = []
  let troubled: () => void = () => undefined
  const saidSo = new Promise<void>((resolve) => (troubled = resolve))
  const events: EventLog = {
    entry: () => undefined,
    log: (_level, code, text) => {
      troubles.push(`${code} ${text}`)
      troubled()
    },
    panic: () => undefined,
    close: () => undefined,
  }
  const received: [string, number, number][] = []
  let got: (from: number) => void = () => undefined
  const a = openUdpLinks(configOf('nodea'), events, () => undefined)
  const b = openUdpLinks(configOf('nodeb'), events, (link, message) => {
    received.push([link, message.from, message.sequence])
    got(message.sequence)
  })
  open.push(a, b)
  const arrival = (sequence: number): Promise<void> =>
    new Promise((resolve) => (got = (seen) => (seen === sequence ? resolve() : undefined)))

  await sendUntil(arrival(1), () => {
    a.send('priv1', heartbeat(0, 1))
    a.send('priv2', heartbeat(0, 1))
  })
  await saidSo
  expect(troubles[0]).toMatch(/^link-trouble private link priv2: .*EADDRNOTAVAIL/)

  // Garbage, a stranger's heartbeat and one under a false name: not heard. The last, proper one shows that they passed by.
  const stranger = createSocket('udp4')
  await new Promise<void>((resolve) => stranger.bind(0, '127.33.1.9', resolve))
  const toB = (data: string): Promise<void> =>
    new Promise((resolve, reject) => {
      stranger.send(data, PORT, '127.33.1.2', (error) => (error ? reject(error) : resolve()))
    })
  await toB('garbage')
  await toB(JSON.stringify(heartbeat(0, 66)))
  await toB(JSON.stringify({ ...heartbeat(0, 66), phase: 'dancing' }))
  a.send('priv1', heartbeat(1, 66))
  await sendUntil(arrival(2), () => a.send('priv1', heartbeat(0, 2)))
  stranger.close()
  expect(new Set(received.map((one) => one.join(' ')))).toEqual(new Set(['priv1 0 1', 'priv1 0 2']))
})

it('a muted link carries nothing in either direction until it is unmuted', async () => {
  const events: EventLog = {
    entry: () => undefined,
    log: () => undefined,
    panic: () => undefined,
    close: () => undefined,
  }
  const received: number[] = []
  let got: (sequence: number) => void = () => undefined
  const a = openUdpLinks(configOf('nodea'), events, () => undefined)
  const b = openUdpLinks(configOf('nodeb'), events, (_link, message) => {
    received.push(message.sequence)
    got(message.sequence)
  })
  open.push(a, b)
  const arrival = (sequence: number): Promise<void> =>
    new Promise((resolve) => (got = (seen) => (seen === sequence ? resolve() : undefined)))
  await sendUntil(arrival(1), () => a.send('priv1', heartbeat(0, 1)))
  a.mute('priv1', true)
  a.send('priv1', heartbeat(0, 2))
  a.mute('priv1', false)
  await sendUntil(arrival(3), () => a.send('priv1', heartbeat(0, 3)))
  expect(received).not.toContain(2)
})
