import { nodeKeys } from '../../labs/stacks/reference/keys.ts'
import { parseKeys } from '../../labs/scsi/parse-keys.ts'
import { decodeKey } from '../../labs/scsi/key-codec.ts'
import { sgPersistExit } from '../../labs/scsi/exit-status.ts'
import { nodesOf } from '../../labs/testbed/parts.ts'
import { HostError } from '../hosts/host-error.ts'
import { findVm } from '../hypervisor/process-state.ts'
import { findDevices, type Device } from './devices.ts'
import { nodeNames, viewerNames, type Lab } from './lab.ts'

/** One thing that was looked at. `missing` is what keeps rows from being run. */
export interface CheckItem {
  readonly subject: 'testbed' | 'host' | 'lun' | 'link' | 'vm' | 'console'
  readonly name: string
  /** where it was looked at */
  readonly host?: string
  readonly ok: boolean
  readonly text: string
}

const reachMilliseconds = 15_000
const commandMilliseconds = 20_000

/** Reaches every host and finds every LUN, link and VM of the testbed. Reads only; nothing is changed anywhere. */
export async function checkLab(lab: Lab, signal: AbortSignal): Promise<readonly CheckItem[]> {
  const items: CheckItem[] = [destructive(lab)]
  const reached = new Set<string>()
  await Promise.all(
    [...lab.hosts.all.values()].map(async (transport) => {
      const item = await reach(transport.name, () =>
        transport.connected(AbortSignal.any([signal, AbortSignal.timeout(reachMilliseconds)])),
      )
      if (item.ok) reached.add(transport.name)
      items.push(item)
    }),
  )
  const devices = new Map<string, readonly Device[]>()
  await Promise.all(
    viewerNames(lab.testbed)
      .filter((host) => reached.has(host))
      .map(async (host) => devices.set(host, await findDevices(lab, host, signal))),
  )
  const luns = await Promise.all(Object.keys(lab.testbed.luns).map((lun) => checkLun(lab, lun, devices, signal)))
  const nodes = await Promise.all(
    nodeNames(lab.testbed)
      .filter((node) => reached.has(node))
      .map((node) => checkNode(lab, node, reached, signal)),
  )
  return [...items, ...luns.flat(), ...nodes.flat()]
}

function destructive(lab: Lab): CheckItem {
  const ok = lab.testbed.destructive
  const text = ok
    ? 'is declared destructive: rows may write to its LUNs'
    : 'does not say "destructive: true": rows write to its LUNs and are refused until it does'
  return { subject: 'testbed', name: lab.testbed.name, ok, text }
}

async function reach(name: string, connect: () => Promise<void>): Promise<CheckItem> {
  try {
    await connect()
    return { subject: 'host', name, ok: true, text: 'is reached' }
  } catch (error) {
    const text = error instanceof HostError ? error.message : String(error)
    return { subject: 'host', name, ok: false, text }
  }
}

/** Every viewer must see the LUN, and the same one; it must know persistent reservations and belong to nobody else. */
async function checkLun(
  lab: Lab,
  lun: string,
  devices: ReadonlyMap<string, readonly Device[]>,
  signal: AbortSignal,
): Promise<readonly CheckItem[]> {
  const { wwid, use } = lab.testbed.luns[lun] ?? { wwid: '', use: 'data' as const }
  const items: CheckItem[] = []
  const seen: { readonly host: string; readonly device: Device }[] = []
  const item = (host: string | undefined, ok: boolean, text: string) =>
    items.push({ subject: 'lun', name: lun, ok, text, ...(host !== undefined && { host }) })
  for (const [host, found] of devices) {
    const device = found.find((one) => one.wwid === wwid)
    if (device) seen.push({ host, device })
    else item(host, false, `is not seen: no disk of ${host} has the WWID ${wwid}`)
  }
  const [first, ...others] = seen
  if (!first) return items
  for (const { host, device } of others) {
    if (device.sectors === first.device.sectors && device.serial === first.device.serial) continue
    item(
      host,
      false,
      `is not the same LUN as on ${first.host}, though the WWID is: ${described(device)} here, ${described(first.device)} there`,
    )
  }
  await Promise.all(seen.map(({ host, device }) => checkDevice(lab, lun, use, host, device, item, signal)))
  return items
}

const described = ({ sectors, serial }: Device) => `${sectors} sectors, serial number ${serial || 'unknown'}`

async function checkDevice(
  lab: Lab,
  lun: string,
  use: 'coordination' | 'data',
  host: string,
  { device, sectors }: Device,
  item: (host: string, ok: boolean, text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const ask = (purpose: string, argv: readonly string[]) =>
    lab.run(host, { purpose, argv, expected: [], timeoutMs: commandMilliseconds, signal })
  const bad = (text: string) => item(host, false, text)

  const capabilities = await ask(`does ${lun} know persistent reservations`, ['sg_persist', '-n', '-y', '-c', device])
  if (capabilities.exit === 127) return bad('cannot be asked: sg_persist is not installed (package sg3-utils or sg3_utils)')
  if (capabilities.exit !== 0) {
    return bad(`has no SCSI-3 persistent reservations: ${sgPersistExit(capabilities.exit).meaning} (exit ${capabilities.exit})`)
  }
  const content = await ask(`what is on ${lun}`, ['blkid', '-p', '-o', 'export', device])
  if (content.exit === 0) return bad(`carries ${contentOf(content.stdout)}; a LUN of a testbed is overwritten: use an empty one, or wipe it (wipefs -a)`)
  if (content.exit !== 2) return bad(`could not be looked into: blkid ended with ${content.exit}: ${content.stderr.trim()}`)

  const read = () => ask(`keys on ${lun}`, ['sg_persist', '-n', '-y', '-k', device])
  const once = await read()
  const keys = once.exit === 6 ? await read() : once
  const table = parseKeys(keys.stdout)
  if (keys.exit !== 0 || !table.ok) {
    return bad(`its keys could not be read: ${table.ok ? sgPersistExit(keys.exit).meaning : table.reason} (exit ${keys.exit})`)
  }
  const own = nodesOf(lab.testbed).map(({ node }) => nodeKeys(lab.testbed.stack, node.id)[use])
  const foreign = table.keys.filter((key) => !own.includes(key))
  if (foreign.length > 0) {
    return bad(`carries the foreign key ${foreign.map((key) => `${key} (${decodeKey(key).text})`).join(', ')}: is it used by another cluster?`)
  }
  const count = table.keys.length === 0 ? 'no keys' : `${table.keys.length} of the nodes' own keys`
  item(host, true, `${device}, ${Math.round(sectors / 2048)} MB, knows persistent reservations, ${count}`)
}

/** What blkid found: a partition table (PTTYPE) or something with a TYPE. */
function contentOf(text: string): string {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]
  const table = value('PTTYPE')
  return table !== undefined ? `a partition table (${table})` : `a file system or the like (${value('TYPE') ?? text.trim()})`
}

async function checkNode(lab: Lab, node: string, reached: ReadonlySet<string>, signal: AbortSignal): Promise<readonly CheckItem[]> {
  const part = nodesOf(lab.testbed).find(({ name }) => name === node)?.node
  if (!part) return []
  const items: CheckItem[] = []
  for (const [link, { interface: name, address }] of Object.entries(part.links)) {
    const { exit, stdout } = await lab.run(node, {
      purpose: `private link ${link}`,
      argv: ['ip', '-o', 'address', 'show', 'dev', name],
      expected: [],
      timeoutMs: commandMilliseconds,
      signal,
    })
    const has = stdout.includes(` ${address}/`)
    const text =
      exit !== 0
        ? `does not exist: ${node} has no interface ${name}`
        : has
          ? `${name} has ${address}`
          : `${name} does not have the address ${address}`
    items.push({ subject: 'link', name: link, host: node, ok: exit === 0 && has, text })
  }
  if (part.vm && reached.has(part.vm.hypervisor)) {
    const { vm } = part
    const hypervisor = { runner: lab.runner, transport: lab.host(vm.hypervisor) }
    try {
      const seen = await findVm(hypervisor, 'pidfile' in vm ? { pidFile: vm.pidfile } : { guest: vm.guest }, signal)
      items.push({ subject: 'vm', name: node, host: vm.hypervisor, ok: true, text: `process ${seen.pid}, state ${seen.state}` })
    } catch (error) {
      items.push({ subject: 'vm', name: node, host: vm.hypervisor, ok: false, text: (error as Error).message })
    }
  }
  if (part.console && 'file' in part.console && reached.has(part.console.host)) {
    const { host, file } = part.console
    const { exit } = await lab.run(host, {
      purpose: `console of ${node}`,
      argv: ['test', '-r', file],
      expected: [0, 1],
      timeoutMs: commandMilliseconds,
      signal,
    })
    items.push({ subject: 'console', name: node, host, ok: exit === 0, text: exit === 0 ? file : `${file} cannot be read` })
  }
  return items
}
