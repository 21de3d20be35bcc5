import type { Testbed } from '../testbed/testbed.ts'

/** What hangs on an outlet of a virtual lab's PDU. A network's switch feeds all of its ports: without power no card has a link. */
export type Load = { readonly kind: 'machine' | 'network'; readonly name: string }

export interface VirtualPdu {
  readonly unit: string
  readonly address: string
  readonly port: number
  /** the environment variable by which the testbed names its community */
  readonly communityVariable: string
  /** the loads of each outlet, outlet 1 first; an outlet may feed the switches of several networks, or nothing */
  readonly outlets: readonly (readonly Load[])[]
}

const snmpPort = 161

/**
 * The PDU that a virtual lab plays itself, as its testbed describes it; undefined where it plays none.
 * @throws Error where the unit is not one that it can play
 */
export function virtualPdu(testbed: Testbed): VirtualPdu | undefined {
  const name = testbed.virtual?.pdu
  if (name === undefined) return undefined
  const unit = testbed.power[name]
  if (
    unit?.driver !== 'apc-snmp' ||
    unit.model !== 'rpdu' ||
    unit.version === '3' ||
    unit.communityVariable === undefined
  ) {
    throw new Error(
      `virtual.pdu: the lab plays an apc-snmp unit of model rpdu with SNMP version 1 or 2c, and ${name} is none`,
    )
  }
  const loads: Load[][] = []
  const hang = (outlets: readonly { unit: string; outlet: string }[] | undefined, load: Load) => {
    for (const one of outlets ?? []) {
      if (one.unit !== name) continue
      const number = Number(one.outlet)
      while (loads.length < number) loads.push([])
      loads[number - 1]?.push(load)
    }
  }
  for (const [host, { node, array }] of Object.entries(testbed.hosts)) {
    hang(node?.outlets, { kind: 'machine', name: host })
    hang(array?.outlets, { kind: 'machine', name: host })
  }
  for (const [link, part] of Object.entries(testbed.links)) hang(part.switch?.outlets, { kind: 'network', name: link })
  if (loads.length === 0) throw new Error(`virtual.pdu: nothing in the testbed hangs on an outlet of ${name}`)
  return {
    unit: name,
    address: unit.address,
    port: unit.port ?? snmpPort,
    communityVariable: unit.communityVariable,
    outlets: loads,
  }
}
