import { readFileSync } from 'node:fs'
import type { Problem } from '../../../labs/testbed/problem.ts'
import { readTestbed } from '../../../labs/testbed-file/read-testbed.ts'
import type { Testbed } from '../../../labs/testbed/testbed.ts'

/** A testbed file that is part of the repository. */
export function exampleText(file: string): string {
  return readFileSync(new URL(`../../../labs/testbeds/${file}`, import.meta.url), 'utf8')
}

/** A small valid testbed that uses most of what there is. Tests break it in one place. */
export const small = `name: small
destructive: true
ssh: { user: root, key: ~/.ssh/id }
hosts:
  a:
    role: node
    ssh: { address: 10.0.0.1 }
    node:
      id: 0
      links: { p1: { interface: eth1, address: 10.1.0.1 }, p2: { interface: eth2, address: 10.2.0.1 } }
      outlets: [pdu/1]
      console: { host: here, file: '\${lab}/a.console' }
  b:
    role: node
    ssh: { address: 10.0.0.2 }
    node:
      id: 1
      links: { p1: { interface: eth1, address: 10.1.0.2 }, p2: { interface: eth2, address: 10.2.0.2 } }
      vm: { hypervisor: here, guest: b, events: /run/b.qmp }
  store:
    role: array
    ssh: { address: 10.0.0.3, jump: eye }
    array: { view: lio }
  eye:
    role: observer
    ssh: { address: 10.0.0.4 }
  here:
    role: hypervisor
    transport: local
links:
  p1:
  p2: { description: second }
luns:
  c1: { wwid: naa.6001405fe1ab0000000000000000c001, use: coordination, array: store }
  c2: { wwid: naa.6001405fe1ab0000000000000000c002, use: coordination, array: store }
  c3: { wwid: naa.6001405fe1ab0000000000000000c003, use: coordination }
  d1: { wwid: naa.6001405fe1ab0000000000000000d001, use: data, array: store }
power:
  pdu: { driver: apc-snmp, address: 10.0.0.9, model: rpdu, communityVariable: PDU_COMMUNITY }
stack:
  kind: reference
  policy: coordinator-race
  cluster: fe01
  times: { heartbeatInterval: 200ms, peerTimeout: 1.6s }
`

/** The small testbed with one piece of its text replaced. Fails where the piece is not there exactly once. */
export function smallWith(piece: string, replacement: string): string {
  const parts = small.split(piece)
  if (parts.length !== 2) throw new Error(`${JSON.stringify(piece)} is in the small testbed ${parts.length - 1} times`)
  return parts.join(replacement)
}

/** `line:column path: message; expected …` of everything that is wrong (or to be warned of) in a text. */
export function said(text: string): string[] {
  const reading = readTestbed(text, 'small.yaml', { lab: '/lab' })
  return (reading.ok ? reading.warnings : reading.problems).map(inShort)
}

export function inShort({ severity, line, column, path, message, expected }: Problem): string {
  return `${severity === 'warning' ? 'warning ' : ''}${line}:${column} ${path}: ${message}; expected ${expected}`
}

/** The testbed of a text that must be valid. */
export function read(text: string): Testbed {
  const reading = readTestbed(text, 'small.yaml', { lab: '/lab' })
  if (!reading.ok) throw new Error(reading.problems.map(inShort).join('\n'))
  return reading.testbed
}
