/**
 * A lab of fake hosts: real SSH servers whose commands are real shells, each in a file tree of its own (its /sys, /run and
 * boot id), with programs first on its PATH that play the network and the disks.
 *
 * A tree holds: `sys/`, `run/` and `dev/` as the host's own; `luns/DEVICE/` with what `sg_persist` prints (`k`, `r`, `s`, `c`; with
 * `.err` and `.exit`; `attention`: a unit attention comes first) and `blkid` finds (`blkid`, `blkid.err`, `blkid.exit`);
 * `nothing`: `ip link set` succeeds and does nothing.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readTestbed } from '../../../labs/testbed-file/read-testbed.ts'
import { hostAddresses } from '../../../labs/testbed/host-address.ts'
import type { Lab } from '../../../main/lab/lab.ts'
import { openPower } from '../../../main/lab/power.ts'
import { type Hosts, openHosts } from '../../../main/hosts/hosts.ts'
import { createRunner, type CommandRecord } from '../../../main/hosts/runner.ts'
import type { Transport } from '../../../main/transport/transport.ts'
import { driverOf } from '../../../main/stacks/drivers.ts'
import { type Files, filesFor, quickTimes } from '../../fakes/hosts.ts'
import { type FakeHost, fakeHost } from '../../fakes/ssh-server.ts'

export const nodes = ['nodea', 'nodeb'] as const
export const sshHosts = [...nodes, 'array1', 'observer'] as const
export type HostName = (typeof sshHosts)[number]

export const wwids = {
  coord1: 'naa.6001405fe1ab0000000000000000c001',
  coord2: 'naa.6001405fe1ab0000000000000000c002',
  coord3: 'naa.6001405fe1ab0000000000000000c003',
  data1: 'naa.6001405fe1ab0000000000000000d001',
} as const
export const devices = { coord1: 'sda', coord2: 'sdb', coord3: 'sdc', data1: 'sdd' } as const
export type LunName = keyof typeof wwids

export const noKeys = '  PR generation=0x0, there are NO registered reservation keys\n'
export const noReservation = '  PR generation=0x0, there is NO reservation held\n'

export interface FakeLab {
  readonly lab: Lab
  /** the testbed file as it lies on disk */
  readonly file: string
  readonly servers: Readonly<Record<HostName, FakeHost>>
  /** a file of a host's tree; the hypervisor `here` has one, too */
  path(host: HostName | 'here', ...parts: readonly string[]): string
  /** writes it, folders included */
  put(host: HostName | 'here', path: string, text: string): void
  readonly commands: CommandRecord[]
  close(): Promise<void>
}

export interface FakeLabOptions {
  /** changes the testbed's text before it is read */
  readonly change?: (text: string) => string
  /** how soon a silent host counts as lost; on a busy computer 300 ms are soon over */
  readonly keepaliveMs?: number
}

export async function fakeLab({ change = (text) => text, keepaliveMs }: FakeLabOptions = {}): Promise<FakeLab> {
  const base = mkdtempSync(join(tmpdir(), 'fencelab-lab-'))
  const path = (host: HostName | 'here', ...parts: readonly string[]) => join(base, host, ...parts)
  const put: FakeLab['put'] = (host, name, text) => {
    mkdirSync(dirname(path(host, name)), { recursive: true })
    writeFileSync(path(host, name), text)
  }
  const entries = await Promise.all(sshHosts.map(async (name) => [name, await fakeHost()] as const))
  const servers = Object.fromEntries(entries) as unknown as Record<HostName, FakeHost>
  for (const name of sshHosts) buildTree(base, name, put)
  mkdirSync(path('here', 'run'), { recursive: true })
  put('here', 'proc-sys/kernel/random/boot_id', 'boot-of-here\n')

  const folders = [base]
  const text = change(
    testbedText(servers, (name) => {
      const files = filesFor(servers[name])
      folders.push(files.directory)
      return files
    }),
  )
  const file = join(base, 'fake.yaml')
  writeFileSync(file, text)
  const directory = path('here', 'lab')
  const read = readTestbed(text, file, { lab: directory, home: base })
  if (!read.ok) throw new Error(JSON.stringify(read.problems, null, 2))
  const times = { ...quickTimes, ...(keepaliveMs !== undefined && { keepaliveMs }) }
  const opened = openHosts(hostAddresses(read.testbed), { times, config: { home: base, environment: {} } })
  const all = new Map([...opened.all].map(([name, transport]) => [name, inTree(transport, join(base, name))]))
  const hosts: Hosts = { ...opened, all, get: (name) => all.get(name) ?? opened.get(name) }
  const commands: CommandRecord[] = []
  let record: (event: CommandRecord) => number | void = () => undefined
  const runner = createRunner({
    record(event) {
      commands.push(event)
      return record(event)
    },
  })
  const run: Lab['run'] = (name, options) => runner.run(hosts.get(name), { sudo: true, ...options })
  const runOn =
    (name: string) =>
    async (argv: readonly string[], { signal }: { readonly signal: AbortSignal }) => {
      const { exit, stdout, stderr } = await run(name, {
        purpose: 'switch an outlet',
        argv,
        expected: [],
        timeoutMs: 15_000,
        signal,
      })
      return { exit, stdout, stderr }
    }
  const lab: Lab = {
    testbed: read.testbed,
    file,
    text,
    directory,
    warnings: '',
    hosts,
    runner,
    setRecord(next) {
      record = next ?? (() => undefined)
    },
    host: (name) => hosts.get(name),
    run,
    stack: driverOf(read.testbed),
    power: openPower({ testbed: read.testbed, directory }, { runOn }),
    close: () => opened.close(),
  }
  return {
    lab,
    file,
    servers,
    path,
    put,
    commands,
    async close() {
      await opened.close()
      for (const server of Object.values(servers)) await server.close()
      endTimers(base)
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Dead-man timers that a test left: this computer's /run is not theirs, but its processes are. */
function endTimers(base: string): void {
  for (const host of [...sshHosts, 'here']) {
    for (const file of timers(join(base, host))) {
      try {
        process.kill(-Number(readFileSync(file, 'utf8')), 'SIGKILL')
      } catch (error) {
        if (!['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      }
    }
  }
}

/** The files of the dead-man timers in a host's tree. */
export function timers(tree: string): readonly string[] {
  const place = join(tree, 'run', 'fencelab')
  if (!existsSync(place)) return []
  return readdirSync(place)
    .filter((name) => /^dead-man-.*(?<!\.renewed)$/.test(name))
    .map((name) => join(place, name))
}

/** The host's shell sees its own tree instead of this computer's. */
function inTree(transport: Transport, tree: string): Transport {
  const own = (line: string) =>
    `PATH=${tree}/bin:$PATH; export PATH; ${line
      .replaceAll(/(?<!\/proc)\/sys\//g, `${tree}/sys/`)
      .replaceAll('-w /run ', `-w ${tree}/run `)
      .replaceAll('/run/fencelab', `${tree}/run/fencelab`)
      .replaceAll('/proc/sys/', `${tree}/proc-sys/`)
      .replaceAll('=/dev/', `=${tree}/dev/`)}`
  return {
    name: transport.name,
    sudo: transport.sudo,
    state: () => transport.state(),
    reason: () => transport.reason(),
    onState: (listener) => transport.onState(listener),
    connected: (signal) => transport.connected(signal),
    exec: (line, options) => transport.exec(own(line), options),
    openUnixSocket: (path, signal) => transport.openUnixSocket(path, signal),
    poke: (reason) => transport.poke(reason),
    close: () => transport.close(),
  }
}

const interfaces = { priv1: 'eth1', priv2: 'eth2' } as const
const addressOf = (host: string, link: string) => `10.77.${link.slice(-1)}.${host === 'nodea' ? 11 : 12}`

function buildTree(base: string, host: HostName, put: FakeLab['put']): void {
  const tree = join(base, host)
  mkdirSync(join(tree, 'run'), { recursive: true })
  put(host, 'proc-sys/kernel/random/boot_id', `boot-of-${host}\n`)
  for (const lun of Object.keys(wwids) as LunName[]) {
    const block = `sys/block/${devices[lun]}`
    put(host, `${block}/device/wwid`, `${wwids[lun]}\n`)
    put(host, `${block}/device/vpd_pg80`, `serial-${lun}`)
    put(host, `${block}/size`, '524288\n')
    put(host, `dev/${devices[lun]}`, '')
    put(host, `luns/${devices[lun]}/c`, 'Report capabilities response:\n')
    put(host, `luns/${devices[lun]}/k`, noKeys)
    put(host, `luns/${devices[lun]}/r`, noReservation)
    put(host, `luns/${devices[lun]}/s`, '  PR generation=0x0\n    No full status descriptors\n')
  }
  if (host === 'nodea' || host === 'nodeb') {
    for (const [link, name] of Object.entries(interfaces)) {
      put(host, `sys/class/net/${name}/flags`, '0x1003\n')
      put(host, `sys/class/net/${name}/address4`, `${addressOf(host, link)}\n`)
    }
  }
  const program = (name: string, script: string) => {
    put(host, `bin/${name}`, `#!/bin/sh\nroot=${tree}\nbase=${base}\n${script}`)
    chmodSync(join(tree, 'bin', name), 0o755)
  }
  program(
    'sg_persist',
    `for device; do :; done
here="$root/luns/\${device##*/}"
for word; do case $word in -[krsc]) part=\${word#-} ;; -o) part=out ;; esac; done
echo "$*" >>"$root/sg_persist.calls"
if [ -e "$here/attention" ]; then rm "$here/attention"; echo 'PR in: Unit attention' >&2; exit 6; fi
[ -e "$here/$part.hang" ] && exec sleep 600
[ -e "$here/$part" ] && cat "$here/$part"
# what -vvv shows of an empty answer of generation 0
case "$*" in *-vvv*)
  if grep -qs 'generation=0x0, there \\(are\\|is\\) NO' "$here/$part"; then
    printf '    Persistent reservation in: response:\\n00 00 00 00 00 00 00 00\\n' >&2
  fi ;;
esac
[ -e "$here/$part.err" ] && cat "$here/$part.err" >&2
[ -e "$here/$part.exit" ] && exit "$(cat "$here/$part.exit")"
exit 0
`,
  )
  program(
    'blkid',
    `for device; do :; done
here="$root/luns/\${device##*/}"
[ -e "$here/blkid.err" ] && cat "$here/blkid.err" >&2
[ -e "$here/blkid.exit" ] && exit "$(cat "$here/blkid.exit")"
[ -e "$here/blkid" ] || exit 2
cat "$here/blkid"
`,
  )
  program(
    'ip',
    `if [ "$1" = -o ]; then
  there="$root/sys/class/net/$5"
  [ -d "$there" ] || { echo "Device \\"$5\\" does not exist." >&2; exit 1; }
  echo "2: $5    inet $(cat "$there/address4")/24 scope global $5"
  exit 0
fi
there="$root/sys/class/net/$4"
[ -d "$there" ] || { echo "Cannot find device \\"$4\\"" >&2; exit 1; }
[ -e "$root/nothing" ] && exit 0
case $5 in up) echo 0x1003 ;; down) echo 0x1002 ;; esac >"$there/flags"
`,
  )
  program(
    'ping',
    `for address; do :; done
for there in "$base"/*/sys/class/net/*; do
  [ "$(cat "$there/address4")" = "$address" ] || continue
  [ "$(cat "$there/flags")" = 0x1003 ] && exit 0
done
exit 1
`,
  )
}

function testbedText(
  servers: Readonly<Record<HostName, FakeHost>>,
  filesOf: (name: HostName) => Pick<Files, 'key' | 'knownHosts'>,
): string {
  const ssh = (name: HostName) => {
    const { key, knownHosts } = filesOf(name)
    return `{ address: 127.0.0.1, port: ${servers[name].port}, user: root, key: ${key}, knownHosts: ${knownHosts} }`
  }
  const node = (name: 'nodea' | 'nodeb', id: number) => `  ${name}:
    role: node
    ssh: ${ssh(name)}
    node:
      id: ${id}
      links:
        priv1: { interface: eth1, address: ${addressOf(name, 'priv1')} }
        priv2: { interface: eth2, address: ${addressOf(name, 'priv2')} }
      console: { host: here, file: '\${lab}/${name}.console' }
      vm: { hypervisor: here, pidfile: '\${lab}/${name}.pid', events: '\${lab}/${name}.events' }
`
  return `name: fake
destructive: true
hosts:
${node('nodea', 0)}${node('nodeb', 1)}  array1:
    role: array
    ssh: ${ssh('array1')}
    array: { view: lio }
  observer:
    role: observer
    ssh: ${ssh('observer')}
  here:
    role: hypervisor
    transport: local
links: { priv1: {}, priv2: {} }
luns:
${Object.entries(wwids)
  .map(
    ([name, wwid]) =>
      `  ${name}: { wwid: ${wwid}, use: ${name === 'data1' ? 'data' : 'coordination'}, array: array1 }\n`,
  )
  .join('')}stack: { kind: reference, policy: coordinator-race, cluster: fe01, keys: letter }
restore: { kind: restart }
sampling: { nodes: 100ms, observer: 100ms }
`
}
