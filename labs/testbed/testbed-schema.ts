import * as v from 'valibot'
import { ipAddress } from './address.ts'
import { duration } from './duration.ts'
import { fields, freeText, name, named, textLike, whole, word, yesOrNo } from './fields.ts'
import { hostSchema, sshDefaultsSchema } from './host-schema.ts'
import { outlets } from './outlet.ts'
import { pathSchemas, type Places } from './places.ts'
import { powerSchema } from './power-schema.ts'
import type { StackPart } from './stack-part.ts'
import { wwid } from './wwid.ts'

const linkFields = fields({
  description: v.exactOptional(freeText),
  /** the switch that carries it, where the lab may power it off */
  switch: v.exactOptional(fields({ outlets })),
})
const emptyLink = v.pipe(
  v.null_(),
  v.transform((): v.InferOutput<typeof linkFields> => ({})),
)
/** A private link. `priv1:` with nothing after it is one too: often there is nothing more to say. */
const link = v.pipe(
  v.lazy((input): typeof linkFields | typeof emptyLink => (input === null ? emptyLink : linkFields)),
  v.description('a mapping with description and switch, or nothing'),
)

const lun = fields({
  /** what it is known by, never by sdX; in sysfs form when read. Nothing else is ever written to */
  wwid,
  /** `coordination`: one of an odd number of points, holds registrations and no data. `data`: the shared disk */
  use: word(['coordination', 'data']),
  /** the host of role array that it lies on, if that is in this file */
  array: v.exactOptional(name),
  description: v.exactOptional(freeText),
})

/** How the lab gets back to all green between runs: load a snapshot (virtual lab), or restart nodes and stack. */
const restore = fields({ kind: word(['snapshot', 'restart']) })

/** How often key tables are read, milliseconds when read: looking costs, so nodes look less than observers. */
const sampling = fields({ nodes: v.optional(duration, 2000), observer: v.optional(duration, 500) })

const megabytes = whole(64, 65_536, 'memory in MB')
/** Only in a lab that fencelab builds itself from virtual machines. */
const virtual = fields({
  /** memory of each machine, MB */
  memory: v.optional(
    fields({
      nodes: v.optional(megabytes, 256),
      arrays: v.optional(megabytes, 256),
      observers: v.optional(megabytes, 256),
    }),
    {},
  ),
  /** further network cards: {observer: {priv1: 10.77.1.254}}, a host that answers on a private link as a tie-breaker */
  cards: v.optional(named('hosts with further cards', named('addresses by private link', ipAddress)), {}),
  /** the unit of `power` that the lab itself plays: a PDU that speaks SNMP and really switches machines and networks */
  pdu: v.exactOptional(name),
  /** the loopback network (its .0 address) on which the machines' SSH ports appear */
  addressBase: v.optional(textLike(/^127\.\d{1,3}\.\d{1,3}\.0$/, 'a loopback network, like 127.0.77.0'), '127.0.77.0'),
})

/**
 * The testbed file.
 * @param places what `${lab}` and `~/` in its paths stand for
 * @param stackSchema how the part of its stack is read
 */
export function testbedSchema(places: Places, stackSchema: v.GenericSchema<unknown, StackPart>) {
  const path = pathSchemas(places)
  return fields({
    /** its name on the command line and in reports */
    name,
    description: v.exactOptional(freeText),
    /** must be true before the lab writes to a LUN or injects a fault; absent is false, and then it only reads */
    destructive: v.optional(yesOrNo, false),
    ssh: v.optional(sshDefaultsSchema(path), {}),
    hosts: named('hosts', hostSchema(path)),
    /** the private links between the nodes, in the order in which faults number them */
    links: named('private links', link),
    /** the shared LUNs; coordination points are raced for in this order */
    luns: named('LUNs', lun),
    /** units with switchable outlets */
    power: v.optional(named('power units', powerSchema), {}),
    stack: stackSchema,
    /**
     * how long a write of a node may be on its way before its kernel gives it up: so long after a takeover the ledger is read
     * again. The machines of a virtual lab are set to it; elsewhere it can only make the wait longer than what the nodes' disks
     * say (/sys/block/…/device/timeout; 30 s where they say nothing)
     */
    scsiTimeout: v.exactOptional(duration),
    restore: v.optional(restore, { kind: 'restart' }),
    sampling: v.optional(sampling, {}),
    virtual: v.exactOptional(virtual),
  })
}
