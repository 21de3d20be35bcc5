/** From a testbed file to the machines that play it: pure data, no paths of this computer but those in the testbed. */
import { hostAddress } from '../testbed/host-address.ts'
import type { Testbed } from '../testbed/testbed.ts'

export interface Machine {
  readonly name: string
  /** last part of its addresses */
  readonly number: number
  /** MiB */
  readonly memory: number
  readonly ssh: { readonly address: string; readonly port: number }
  readonly cards: readonly Card[]
  /** what the machine is told of itself: shell assignments */
  readonly environment: string
}

export interface Card {
  readonly name: string
  /** which switch of the lab it is plugged into; `management` is QEMU's own user network */
  readonly network: string
  readonly mac: string
  /** address/prefix inside the machine */
  readonly address: string
}

const megabytes = { coordination: 8, data: 256 } as const
/** where a machine finds the web page of the lab's PDU, in QEMU's user network */
export const pduAddress = '10.0.2.100'
const storagePrefix = '10.77.0.'

/**
 * The machines of a virtual testbed, in the order of the file.
 * @throws Error where the testbed has no `virtual` section, or a LUN's WWID is not one that LIO can be given, or
 *   SSH addresses are not loopback addresses with a last number of their own
 */
export function virtualMachines(testbed: Testbed): Machine[] {
  const virtual = testbed.virtual
  if (!virtual) throw new Error(`testbed ${testbed.name} is not a virtual lab: it has no "virtual" section`)
  const hosts = Object.entries(testbed.hosts).filter(([, host]) => host.transport === 'ssh')
  const arrays = hosts.filter(([, host]) => host.role.includes('array')).map(([name]) => name)
  const lunCount = Object.values(testbed.luns).length
  const numberOf = (name: string) => lastOctet(name, testbed.hosts[name]?.ssh?.address)
  // addresses and MACs inside the lab are made of it
  const numbers = new Map<number, string>()
  for (const [name] of hosts) {
    const other = numbers.get(numberOf(name))
    if (other !== undefined) throw new Error(`the SSH addresses of ${other} and ${name} end with the same number`)
    numbers.set(numberOf(name), name)
  }
  const fenceable = hosts
    .filter(([, host]) => host.role.includes('node'))
    .map(
      ([name, host]) =>
        `${name}=${storagePrefix}${numberOf(name)}=${outletNumbers(host.node?.outlets, virtual.pdu).join(',')}`,
    )
  const managementAddresses = arrays.map((name) => `${storagePrefix}${numberOf(name)}`)
  const portals = arrays.map((name) => `${arrayName(name)}@${storagePrefix}${numberOf(name)}`)

  return hosts.map(([name, host]) => {
    const number = numberOf(name)
    const isArray = host.role.includes('array')
    const isNode = host.role.includes('node')
    const mac = (index: number) => `52:54:00:77:${hex(number)}:${hex(index)}`
    const cards: Card[] = [
      { name: 'management', network: 'management', mac: mac(0), address: '10.0.2.15/24' },
      { name: 'storage', network: 'storage', mac: mac(1), address: `${storagePrefix}${number}/24` },
      ...Object.entries(host.node?.links ?? {}).map(([link, port], index) => ({
        name: port.interface,
        network: link,
        mac: mac(index + 2),
        address: `${port.address}/24`,
      })),
      ...Object.entries(virtual.cards[name] ?? {}).map(([link, address], index) => ({
        name: link,
        network: link,
        mac: mac(index + 2),
        address: `${address}/24`,
      })),
    ]
    const luns = Object.entries(testbed.luns)
      .filter(([, lun]) => lun.array === name)
      .map(([lun, { wwid, use }]) => `${lun}=${serialOf(lun, wwid)}=${megabytes[use]}`)
    const variables: Record<string, string> = {
      NAME: name,
      NICS: cards.map((card) => `${card.name}=${card.mac}=${card.address}`).join(' '),
      ARRAY: isArray ? 'yes' : 'no',
      INITIATOR: isArray ? 'no' : 'yes',
      IQN: arrayName(name),
      LUNS: luns.join(' '),
      INITIATOR_IQN: `iqn.2026-11.fencelab:${name}`,
      PORTALS: portals.join(' '),
      LUN_COUNT: String(lunCount),
      // of a node, whole seconds; nothing: the kernel's own
      SCSI_TIMEOUT: testbed.scsiTimeout === undefined || !isNode ? '' : String(Math.ceil(testbed.scsiTimeout / 1000)),
      // who can be fenced, and how: name=address on the storage network=outlets
      PDU: pduAddress,
      FENCEABLE: isNode ? fenceable.join(' ') : '',
      MANAGEMENT: isNode ? managementAddresses.join(' ') : '',
    }
    return {
      name,
      number,
      memory: virtual.memory[isNode ? 'nodes' : isArray ? 'arrays' : 'observers'],
      ssh: { address: host.ssh?.address ?? '', port: hostAddress(testbed, name)?.ssh?.port ?? 22 },
      cards,
      environment: Object.entries(variables)
        .map(([key, value]) => `${key}='${value}'\n`)
        .join(''),
    }
  })
}

/** The networks that need a switch: all but the management network. */
export function networksOf(machines: readonly Machine[]): string[] {
  const names = machines.flatMap((machine) => machine.cards.map((card) => card.network))
  return [...new Set(names)].filter((name) => name !== 'management')
}

/** The numbers of a node's outlets on the PDU that the lab plays. */
function outletNumbers(
  outlets: readonly { readonly unit: string; readonly outlet: string }[] = [],
  pdu: string | undefined,
): string[] {
  return outlets.filter(({ unit }) => unit === pdu).map(({ outlet }) => outlet)
}

const arrayName = (name: string) => `iqn.2026-11.fencelab:${name}`
const hex = (value: number) => value.toString(16).padStart(2, '0')

/** LIO builds the WWID from NAA 6, its company id 001405 and the first 25 hexadecimal digits of the unit serial. */
function serialOf(lun: string, wwid: string): string {
  const match = /^naa\.6001405([0-9a-f]{25})$/.exec(wwid)
  if (!match?.[1]) {
    throw new Error(`LUN ${lun}: a virtual lab's WWID is naa.6001405 and 25 hexadecimal digits, not ${wwid}`)
  }
  return match[1]
}

function lastOctet(name: string, address: string | undefined): number {
  const match = /^127\.\d+\.\d+\.(\d+)$/.exec(address ?? '')
  if (!match?.[1]) throw new Error(`host ${name}: a virtual lab's SSH address is a loopback address (127.x.y.z)`)
  return Number(match[1])
}
