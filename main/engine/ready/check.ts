import { readKeysTraced, readKeyTable } from '../../../labs/scsi/read-key-table.ts'
import { readTrace } from '../../../labs/scsi/read-trace.ts'
import { decodeKey } from '../../../labs/scsi/key-codec.ts'
import { mostAttentions, sgPersistMeaning } from '../../../labs/scsi/exit-status.ts'
import { interfaceAddresses, normalAddress, zoneOf } from './interface-addresses.ts'
import { nodesOf } from '../../../labs/testbed/parts.ts'
import { environmentRefusal } from '../../hosts/environment-refusal.ts'
import { HostError } from '../../transport/host-error.ts'
import type { RunResult } from '../../hosts/runner.ts'
import { findDevices, type Device } from './devices.ts'
import { findNodeProcess, nodeNames, viewerNames, type Lab } from '../../lab/lab.ts'

/** One thing that was looked at. `missing` is what keeps rows from being run. */
export interface CheckItem {
  readonly subject: 'testbed' | 'host' | 'lun' | 'link' | 'vm' | 'console'
  readonly name: string
  /** where it was looked at */
  readonly host?: string
  readonly ok: boolean
  readonly text: string
}

const commandMilliseconds = 20_000

export interface CheckTimes {
  /** how long a host may take to be reached, milliseconds */
  readonly reachMilliseconds: number
}

/**
 * Reaches every host and finds every LUN, link and VM of the testbed. Reads only; nothing is changed anywhere. What
 * cannot be looked at is an item that is missing, with the reason. Rejects only when `signal` fires.
 */
export async function checkLab(
  lab: Lab,
  signal: AbortSignal,
  { reachMilliseconds }: CheckTimes = { reachMilliseconds: 15_000 },
): Promise<readonly CheckItem[]> {
  const hosts = await Promise.all(
    [...lab.hosts.all.values()].map((transport) =>
      reach(transport.name, () =>
        transport.connected(AbortSignal.any([signal, AbortSignal.timeout(reachMilliseconds)])),
      ),
    ),
  )
  signal.throwIfAborted()
  const reached = new Set(hosts.flatMap(({ ok, name }) => (ok ? [name] : [])))
  const seers = await Promise.all(
    viewerNames(lab.testbed)
      .filter((host) => reached.has(host))
      .map(async (host) => {
        try {
          return { host, found: await findDevices(lab, host, signal) }
        } catch (error) {
          return { host, problem: said(error, signal) }
        }
      }),
  )
  const blind = seers.flatMap(({ host, problem }): CheckItem[] =>
    problem === undefined
      ? []
      : [{ subject: 'host', name: host, ok: false, text: `its disks cannot be listed: ${problem}` }],
  )
  const devices = new Map(seers.flatMap(({ host, found }) => (found ? [[host, found] as const] : [])))
  const luns = await Promise.all(Object.keys(lab.testbed.luns).map((lun) => checkLun(lab, lun, devices, signal)))
  const nodes = await Promise.all(
    nodeNames(lab.testbed)
      .filter((node) => reached.has(node))
      .map((node) => checkNode(lab, node, reached, signal)),
  )
  return [destructive(lab), ...hosts, ...blind, ...luns.flat(), ...nodes.flat()]
}

/** The reason of a failed look. @throws the signal's reason when that is why */
function said(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted()
  // a mistake of the program is no finding about the testbed
  if (!(error instanceof Error) || error instanceof TypeError) throw error
  return error.message
}

/** Items as lines for people. */
export const formatItems = (items: readonly CheckItem[]) =>
  items
    .map(({ subject, name, host, text }) => `  ${subject} ${name}${host === undefined ? '' : ` on ${host}`}: ${text}`)
    .join('\n')

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
    if (!(error instanceof HostError)) throw error
    return { subject: 'host', name, ok: false, text: error.message }
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
  const answers = await Promise.all(
    seen.map(async ({ host, device }) => {
      try {
        return await checkDevice(lab, lun, use, host, device, signal)
      } catch (error) {
        return { host, ok: false, text: `could not be looked at: ${said(error, signal)}` }
      }
    }),
  )
  for (const { host, ok, text } of answers) item(host, ok, text)
  return items
}

const described = ({ sectors, serial }: Device) => `${sectors} sectors, serial number ${serial || 'unknown'}`

async function checkDevice(
  lab: Lab,
  lun: string,
  use: 'coordination' | 'data',
  host: string,
  { device, sectors }: Device,
  signal: AbortSignal,
): Promise<Pick<CheckItem, 'ok' | 'text'> & { readonly host: string }> {
  const ask = (purpose: string, argv: readonly string[]) =>
    lab.run(host, { purpose, argv, expected: [], timeoutMs: commandMilliseconds, signal })
  /** A unit attention (exit 6) is told once; several may be queued, after a reset and a change of the LUN. */
  const askDevice = async (purpose: string, argv: readonly string[]) => {
    let answer = await ask(purpose, argv)
    for (let attempt = 1; answer.exit === 6 && attempt <= mostAttentions; attempt++) answer = await ask(purpose, argv)
    return answer
  }
  const bad = (text: string) => ({ host, ok: false, text })

  const capabilities = await askDevice(`does ${lun} know persistent reservations`, [
    'sg_persist',
    '-n',
    '-y',
    '-c',
    device,
  ])
  const refused = environmentRefusal(['sg_persist'], capabilities)
  if (refused !== undefined) return bad(`cannot be asked: ${refused}`)
  const known = sgPersistMeaning(capabilities.exit, capabilities.stderr)
  const ended = ({ exit, ...answer }: RunResult) => `(exit ${exit})${quoted(answer)}`
  if (known.outcome === 'unsupported') {
    // REPORT CAPABILITIES is optional before SPC-4; -v prints the sense data, which tells a LUN that is gone
    const basic = await askDevice(`does ${lun} know READ KEYS`, ['sg_persist', '-n', '-y', '-v', '-k', device])
    const reading = sgPersistMeaning(basic.exit, basic.stderr)
    if (reading.outcome === 'unsupported') {
      return bad(`has no SCSI-3 persistent reservations: ${reading.meaning} ${ended(basic)}`)
    }
    if (reading.outcome !== 'good') {
      return bad(`could not be asked about persistent reservations: ${reading.meaning} ${ended(basic)}`)
    }
  } else if (known.outcome !== 'good') {
    return bad(`could not be asked about persistent reservations: ${known.meaning} ${ended(capabilities)}`)
  }
  const content = await ask(`what is on ${lun}`, ['blkid', '-p', '-o', 'export', device])
  if (content.exit === 0)
    return bad(
      `carries ${contentOf(content.stdout)}; a LUN of a testbed is overwritten: use an empty one, or wipe it (wipefs -a)`,
    )
  // blkid ends with 2 where it found nothing, and where it could not look: then it says why
  if (content.exit !== 2 || content.stderr.trim() !== '') {
    const unavailable = environmentRefusal(['blkid'], content)
    return bad(`could not be looked into: ${unavailable ?? `blkid ended with ${content.exit}${quoted(content)}`}`)
  }

  const keys = await askDevice(`keys on ${lun}`, [...readKeysTraced, device])
  const table = readKeyTable(keys)
  if (!table.ok) {
    // the bytes that -vvv shows are no part of the reason
    const { rest } = readTrace(keys.stderr)
    return bad(`its keys could not be read: ${table.why} ${ended({ ...keys, stderr: rest })}`)
  }
  const own = nodesOf(lab.testbed).flatMap(({ node }) => lab.stack.pure.everyKey(lab.testbed.stack, node.id, use))
  const foreign = table.keys.filter((key) => !own.includes(key))
  if (foreign.length > 0) {
    return bad(
      `carries the foreign key ${foreign.map((key) => `${key} (${decodeKey(key).text})`).join(', ')}: is it used by another cluster?`,
    )
  }
  const count = table.keys.length === 0 ? 'no keys' : `${table.keys.length} of the nodes' own keys`
  return {
    host,
    ok: true,
    text: `${device}, ${Math.round(sectors / 2048)} MB, knows persistent reservations, ${count}`,
  }
}

const quoted = ({ stderr }: Pick<RunResult, 'stderr'>) => (stderr.trim() === '' ? '' : `: ${stderr.trim()}`)

/** What blkid found: a partition table (PTTYPE) or something with a TYPE. */
function contentOf(text: string): string {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]
  const table = value('PTTYPE')
  return table !== undefined
    ? `a partition table (${table})`
    : `a file system or the like (${value('TYPE') ?? text.trim()})`
}

async function checkNode(
  lab: Lab,
  node: string,
  reached: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly CheckItem[]> {
  const part = nodesOf(lab.testbed).find(({ name }) => name === node)?.node
  if (!part) return []
  const items: CheckItem[] = []
  const look = async (
    subject: CheckItem['subject'],
    name: string,
    host: string,
    seen: () => Promise<readonly [ok: boolean, text: string]>,
  ) => {
    try {
      const [ok, text] = await seen()
      items.push({ subject, name, host, ok, text })
    } catch (error) {
      items.push({ subject, name, host, ok: false, text: said(error, signal) })
    }
  }
  for (const [link, port] of Object.entries(part.links)) {
    await look('link', link, node, () => seeLink(lab, node, link, port, signal))
  }
  const { vm, console } = part
  if (vm && reached.has(vm.hypervisor)) {
    await look('vm', node, vm.hypervisor, async () => {
      const seen = await findNodeProcess(lab, vm, signal)
      return [true, `process ${seen.pid}, state ${seen.state}`]
    })
  }
  if (console && 'file' in console && reached.has(console.host)) {
    const { host, file } = console
    await look('console', node, host, async () => {
      const { exit } = await lab.run(host, {
        purpose: `console of ${node}`,
        argv: ['test', '-r', file],
        expected: [0, 1],
        timeoutMs: commandMilliseconds,
        signal,
      })
      return [exit === 0, exit === 0 ? file : `${file} cannot be read`]
    })
  }
  return items
}

/** Is the interface of a private link there, with its address? */
async function seeLink(
  lab: Lab,
  node: string,
  link: string,
  { interface: name, address }: { readonly interface: string; readonly address: string },
  signal: AbortSignal,
): Promise<readonly [ok: boolean, text: string]> {
  const answer = await lab.run(node, {
    purpose: `private link ${link}`,
    argv: ['ip', '-o', 'address', 'show', 'dev', name],
    expected: [],
    timeoutMs: commandMilliseconds,
    signal,
  })
  const unavailable = environmentRefusal(['ip'], answer)
  if (unavailable !== undefined) return [false, `cannot be looked at: ${unavailable}`]
  // the words of iproute2, and of busybox
  if (/does not exist|can't find device/i.test(answer.stderr))
    return [false, `does not exist: ${node} has no interface ${name}`]
  if (answer.exit !== 0) return [false, `could not be looked at: ip ended with ${answer.exit}${quoted(answer)}`]
  const zone = zoneOf(address)
  // a zone is the interface's name, or the number that ip shows before it
  const sameZone = zone === undefined || zone === name || answer.stdout.startsWith(`${zone}: `)
  const found = interfaceAddresses(answer.stdout).find((one) => one.address === normalAddress(address))
  if (found === undefined || !sameZone) return [false, `${name} does not have the address ${address}`]
  if (found.flags.includes('dadfailed')) {
    return [
      false,
      `${name} cannot use ${address}: duplicate address detection failed, another machine has it (dadfailed)`,
    ]
  }
  if (found.flags.includes('tentative') && !found.flags.includes('optimistic')) {
    return [false, `${name} cannot use ${address} yet: duplicate address detection has not ended (tentative)`]
  }
  return [true, `${name} has ${address}`]
}
