import { stackOf } from '../stacks/stack-of.ts'
import type { StackChoice } from '../stacks/stack.ts'
import { withoutComments } from '../testbed/comments.ts'
import { nodesOf, panicWitnesses } from '../testbed/parts.ts'
import { outletsOf } from '../testbed/power-of.ts'
import { readTestbed } from './read-testbed.ts'
import type { TestbedRecord } from '../journal/event.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** What a testbed consists of, for whoever draws it: names and how they hang together, no ways in. */
export interface Bed {
  readonly name: string
  readonly description?: string
  readonly file: string
  readonly virtual: boolean
  readonly destructive: boolean
  readonly hosts: readonly BedHost[]
  readonly links: readonly {
    readonly name: string
    readonly description?: string
    readonly outlets: readonly string[]
  }[]
  /** in the form in which recordings have it */
  readonly record: TestbedRecord
  readonly power: readonly { readonly unit: string; readonly driver: string }[]
}

export interface BedHost {
  readonly name: string
  readonly role: readonly string[]
  readonly transport: string
  readonly description?: string
  readonly address?: string
  /** as `pdu1/3` */
  readonly outlets: readonly string[]
  /** host on which a node's virtual machine runs */
  readonly hypervisor?: string
}

export interface TestbedFile {
  readonly testbed: Testbed
  readonly file: string
  readonly text: string
}

/** @param choice the cluster that runs on it, where it is not the testbed's own */
export function bedOf(loaded: TestbedFile, choice?: StackChoice): Bed {
  const { testbed, file } = loaded
  return {
    name: testbed.name,
    ...(testbed.description !== undefined && { description: testbed.description }),
    file,
    virtual: testbed.virtual !== undefined,
    destructive: testbed.destructive,
    hosts: Object.entries(testbed.hosts).map(([name, host]): BedHost => {
      const address = host.ssh?.address ?? host.ssh?.alias
      return {
        name,
        role: host.role,
        transport: host.transport,
        ...(host.description !== undefined && { description: host.description }),
        ...(address !== undefined && { address }),
        outlets: outletsOf(testbed, name),
        ...(host.node?.vm && { hypervisor: host.node.vm.hypervisor }),
      }
    }),
    links: Object.entries(testbed.links).map(([name, link]) => ({
      name,
      ...(link.description !== undefined && { description: link.description }),
      outlets: outletsOf(testbed, name),
    })),
    record: recordOf(loaded, choice),
    power: Object.entries(testbed.power).map(([unit, { driver }]) => ({ unit, driver })),
  }
}

/**
 * The testbed in the form in which recordings have it.
 * @param choice the cluster that runs on it, where it is not the testbed's own
 */
export function recordOf({ testbed, file, text }: TestbedFile, choice?: StackChoice): TestbedRecord {
  const stack = stackOf(testbed)
  return {
    name: testbed.name,
    // where it lay on this computer is nobody's business who is given the recording
    file: file.split('/').at(-1) ?? file,
    // comments are for the people of this lab; they may say what no recording should
    text: withoutComments(text),
    nodes: nodesOf(testbed).map(({ name, node }) => {
      const outlets = outletsOf(testbed, name)
      return {
        name,
        id: node.id,
        keys: stack.nodeKeys(testbed.stack, node.id, choice),
        panicWitnesses: panicWitnesses(node),
        ...(outlets.length > 0 && { outlets }),
      }
    }),
    links: Object.keys(testbed.links),
    luns: Object.entries(testbed.luns).map(([name, { wwid, use, array }]) => ({
      name,
      wwid,
      use,
      ...(array !== undefined && { array }),
    })),
    stack: { kind: testbed.stack.kind, ...stack.recorded(testbed.stack, choice) },
    ...(testbed.scsiTimeout !== undefined && { scsiTimeout: testbed.scsiTimeout }),
  }
}

/**
 * The bed of a recorded run. The file's text is in the recording; where this version cannot read it, what judging needs
 * is there in any case.
 */
export function bedOfRecord(record: TestbedRecord): Bed {
  const read = readTestbed(record.text, record.file, { lab: '/lab', home: '/home' })
  if (read.ok) return { ...bedOf({ testbed: read.testbed, file: record.file, text: record.text }), record }
  const arrays = [...new Set(record.luns.flatMap(({ array }) => array ?? []))]
  const host = (name: string, role: string): BedHost => ({ name, role: [role], transport: '', outlets: [] })
  return {
    name: record.name,
    file: record.file,
    virtual: false,
    destructive: true,
    hosts: [...record.nodes.map(({ name }) => host(name, 'node')), ...arrays.map((name) => host(name, 'array'))],
    links: record.links.map((name) => ({ name, outlets: [] })),
    record,
    power: [],
  }
}
