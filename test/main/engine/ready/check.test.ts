import { spawn } from 'node:child_process'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type CheckItem, checkLab } from '../../../../main/engine/ready/check.ts'
import { devices, type FakeLab, fakeLab, type HostName, wwids } from '../fake-lab.ts'

let here: FakeLab
let machine: ReturnType<typeof spawn>
const never = new AbortController().signal
const quickly = { reachMilliseconds: 1500 }

beforeEach(async () => {
  here = await fakeLab()
  machine = spawn('sleep', ['600'], { stdio: 'ignore' })
  for (const node of ['nodea', 'nodeb']) {
    here.put('here', `lab/${node}.pid`, `${machine.pid}\n`)
    here.put('here', `lab/${node}.console`, '')
  }
})
afterEach(async () => {
  machine.kill('SIGKILL')
  await here.close()
})

const check = async () => checkLab(here.lab, never, quickly)
const missing = (items: readonly CheckItem[]) => items.filter(({ ok }) => !ok)
const on = (items: readonly CheckItem[]) =>
  missing(items).map(({ subject, name, host, text }) => [subject, name, host, text])
const lun = (host: HostName, name: keyof typeof devices, file: string, text: string) =>
  here.put(host, `luns/${devices[name]}/${file}`, text)

test('a lab that has everything: every host, LUN on every viewer, link, machine and console', async () => {
  const items = await check()
  expect(missing(items)).toEqual([])
  const viewers = ['nodea', 'nodeb', 'observer']
  expect(items.map(({ subject, name, host, text }) => [subject, name, host, text])).toEqual([
    ['testbed', 'fake', undefined, 'is declared destructive: rows may write to its LUNs'],
    ...['nodea', 'nodeb', 'array1', 'observer', 'here'].map((name) => ['host', name, undefined, 'is reached']),
    ...(Object.keys(wwids) as (keyof typeof wwids)[]).flatMap((name) =>
      viewers.map((host) => [
        'lun',
        name,
        host,
        `/dev/${devices[name]}, 256 MB, knows persistent reservations, no keys`,
      ]),
    ),
    ...['nodea', 'nodeb'].flatMap((node, index) => [
      ['link', 'priv1', node, `eth1 has 10.77.1.1${index + 1}`],
      ['link', 'priv2', node, `eth2 has 10.77.2.1${index + 1}`],
      ['vm', node, 'here', `process ${machine.pid}, state S`],
      ['console', node, 'here', here.path('here', 'lab', `${node}.console`)],
    ]),
  ])
})

test('nothing is changed: nothing but reads goes to a device', async () => {
  await check()
  const words = here.commands.flatMap(({ argv }) => (argv[0] === 'sg_persist' ? [argv.slice(1, -1).join(' ')] : []))
  expect([...new Set(words)].sort()).toEqual(['-n -y -c', '-n -y -k -vvv'])
})

test('a host that cannot be reached', async () => {
  await here.servers.nodeb.refuse(true)
  here.servers.nodeb.drop()
  const items = missing(await check())
  expect(items.map(({ subject, name }) => [subject, name])).toEqual([['host', 'nodeb']])
  expect(items[0]?.text).toMatch(/^nodeb: .*(127\.0\.0\.1|cannot connect)/)
  expect(items[0]?.text).toContain('nothing listens there; is sshd running, is the port right?')
})

test('a host whose key changed: both fingerprints, and the line of the file', async () => {
  await here.close()
  here = await fakeLab()
  await here.servers.nodeb.changeHostKey()
  here.servers.nodeb.drop()
  const [item, ...others] = missing(await check()).filter(({ subject }) => subject === 'host')
  expect([item?.name, others]).toEqual(['nodeb', []])
  expect(item?.text).toMatch(
    /shows the key ssh-ed25519 SHA256:\S+, but \S+known_hosts line 1 knows it by ssh-ed25519 SHA256:/,
  )
  expect(item?.text).toMatch(/Either somebody is in between, or the host was reinstalled/)
})

test('a host that is not known yet: how to get its key', async () => {
  const { lab } = here
  const file = lab.testbed.hosts['nodeb']?.ssh?.knownHosts ?? ''
  writeFileSync(file, '')
  here.servers.nodeb.drop()
  const text = missing(await check()).find(({ name }) => name === 'nodeb')?.text
  expect(text).toContain(`ssh-keyscan -p ${here.servers.nodeb.port} 127.0.0.1 >> ${file}`)
})

test('a LUN that one host does not see', async () => {
  rmSync(here.path('nodeb', 'sys/block', devices.coord2), { recursive: true })
  expect(on(await check())).toEqual([
    ['lun', 'coord2', 'nodeb', `is not seen: no disk of nodeb has the WWID ${wwids.coord2}`],
  ])
})

test('a LUN that no host sees', async () => {
  for (const host of ['nodea', 'nodeb', 'observer'] as const)
    rmSync(here.path(host, 'sys/block', devices.data1), { recursive: true })
  expect(missing(await check()).map(({ name, host }) => [name, host])).toEqual(
    ['nodea', 'nodeb', 'observer'].map((host) => ['data1', host]),
  )
})

test.each([
  [
    'size',
    '1048576\n',
    '1048576 sectors, serial number serial-data1 here, 524288 sectors, serial number serial-data1 there',
  ],
  [
    'device/vpd_pg80',
    'another',
    '524288 sectors, serial number another here, 524288 sectors, serial number serial-data1 there',
  ],
])('the same WWID, but another disk: %s', async (file, text, difference) => {
  here.put('nodeb', `sys/block/${devices.data1}/${file}`, text)
  expect(on(await check())).toEqual([
    ['lun', 'data1', 'nodeb', `is not the same LUN as on nodea, though the WWID is: ${difference}`],
  ])
})

test.each([
  [
    '15',
    'could not be asked about persistent reservations: the device node cannot be opened or used (exit 15): cannot open',
  ],
  [
    '35',
    'could not be asked about persistent reservations: the driver or the interconnect failed (exit 35): cannot open',
  ],
  // getopt's words in English and in another language
  ...["invalid option -- 'y'", "ungültige Option -- 'y'", "option invalide -- 'y'"].map((words) => [
    '1',
    `could not be asked about persistent reservations: this sg_persist does not know an option: a newer sg3_utils is needed (1.40 will do) (exit 1): sg_persist: ${words}`,
    `sg_persist: ${words}\n`,
  ]),
  [
    '1',
    'cannot be asked: sudo -n does not let us run sg_persist (allow it with NOPASSWD in sudoers): a password is required',
    'sudo: a password is required\n',
  ],
  [
    '1',
    'cannot be asked: sudo -n does not let us run sg_persist (allow it with NOPASSWD in sudoers): ein Passwort ist notwendig',
    'sudo: ein Passwort ist notwendig\n',
  ],
])('sg_persist that ends with %s: %s', async (exit, text, words = 'cannot open\n') => {
  lun('nodea', 'coord1', 'c.exit', exit)
  lun('nodea', 'coord1', 'c.err', words)
  expect(on(await check())).toEqual([['lun', 'coord1', 'nodea', text]])
})

const noService =
  'PR in (Report capabilities): bad field in cdb or parameter list (perhaps unsupported service action)\n'
test.each(['5', '9', '17'])(
  'REPORT CAPABILITIES is optional: where it ends with %s and READ KEYS works, there are reservations',
  async (exit) => {
    lun('nodea', 'coord1', 'c.exit', exit)
    lun('nodea', 'coord1', 'c.err', noService)
    expect(missing(await check())).toEqual([])
  },
)

test.each([
  ['9', '', 'has no SCSI-3 persistent reservations: the device knows no persistent reservations (exit 9)'],
  [
    '5',
    'PR in (Read keys): bad field in cdb or parameter list (perhaps unsupported service action)\n',
    'has no SCSI-3 persistent reservations: the device refuses the service action or one of its fields (exit 5): PR in (Read keys): bad field in cdb or parameter list (perhaps unsupported service action)',
  ],
  [
    '5',
    'Persistent reservation in:\nFixed format, current; Sense key: Illegal Request\nAdditional sense: Logical unit not supported\n',
    'could not be asked about persistent reservations: the array no longer has this LUN for this host, or refuses it (exit 5): Persistent reservation in:\nFixed format, current; Sense key: Illegal Request\nAdditional sense: Logical unit not supported',
  ],
  [
    '5',
    'Additional sense: Insufficient registration resources\n',
    'could not be asked about persistent reservations: the device has no room for another registration until others unregister (exit 5): Additional sense: Insufficient registration resources',
  ],
])('REPORT CAPABILITIES ends with 5 and READ KEYS with %s: %j', async (exit, words, text) => {
  lun('nodea', 'coord1', 'c.exit', '5')
  lun('nodea', 'coord1', 'c.err', noService)
  lun('nodea', 'coord1', 'k.exit', exit)
  lun('nodea', 'coord1', 'k.err', words)
  expect(on(await check())).toEqual([['lun', 'coord1', 'nodea', text]])
})

test('a unit attention says nothing about support: asked again', async () => {
  for (const name of ['coord1', 'data1'] as const) lun('nodea', name, 'attention', '')
  expect(missing(await check())).toEqual([])
})

test('sg_persist is missing', async () => {
  for (const host of ['nodea', 'nodeb', 'observer'] as const) {
    // no program of that name is on the PATH of the hosts, whatever this computer has
    here.put(host, 'bin/sg_persist', '#!/bin/sh\nexit 127\n')
  }
  const found = missing(await check())
  expect(new Set(found.map(({ text }) => text))).toEqual(
    new Set(['cannot be asked: sg_persist is not installed (package sg3-utils or sg3_utils)']),
  )
  expect(found).toHaveLength(12)
})

test('sudo that finds no sg_persist ends with 1', async () => {
  lun('nodea', 'coord1', 'c.exit', '1')
  lun('nodea', 'coord1', 'c.err', 'sudo: sg_persist: command not found\n')
  expect(on(await check())).toEqual([
    ['lun', 'coord1', 'nodea', 'cannot be asked: sg_persist is not installed (package sg3-utils or sg3_utils)'],
  ])
})

test.each([
  ['DEVNAME=/dev/sdd\nPTUUID=0fe0\nPTTYPE=gpt\n', 'a partition table (gpt)'],
  ['DEVNAME=/dev/sdd\nUUID=ab\nVERSION=1.0\nTYPE=ext4\nUSAGE=filesystem\n', 'a file system or the like (ext4)'],
  ['DEVNAME=/dev/sdd\nUUID=ab\nTYPE=LVM2_member\nUSAGE=raid\n', 'a file system or the like (LVM2_member)'],
])('what lies on a LUN: %j', async (found, text) => {
  lun('observer', 'data1', 'blkid', found)
  expect(on(await check())).toEqual([
    [
      'lun',
      'data1',
      'observer',
      `carries ${text}; a LUN of a testbed is overwritten: use an empty one, or wipe it (wipefs -a)`,
    ],
  ])
})

test('a LUN that blkid cannot read is not an empty one, though blkid ends with 2 both times', async () => {
  lun('nodea', 'data1', 'blkid.err', 'blkid: error: /dev/sdd: Input/output error\n')
  expect(on(await check())).toEqual([
    [
      'lun',
      'data1',
      'nodea',
      'could not be looked into: blkid ended with 2: blkid: error: /dev/sdd: Input/output error',
    ],
  ])
})

test('blkid that is missing', async () => {
  lun('nodea', 'data1', 'blkid.exit', '127')
  expect(on(await check())).toEqual([
    ['lun', 'data1', 'nodea', 'could not be looked into: blkid is not installed (package util-linux)'],
  ])
})

test('a foreign key; the keys of the nodes themselves are none', async () => {
  const table = (...keys: string[]) =>
    `  PR generation=0x7, ${keys.length} registered reservation keys follow:\n${keys.map((key) => `    ${key}\n`).join('')}`
  lun('nodea', 'coord1', 'k', table('0x412d2d2d2d2d2d2d', '0x422d2d2d2d2d2d2d'))
  lun('nodea', 'coord2', 'k', table('0x412d2d2d2d2d2d2d', '0x5646444545443032'))
  const items = await check()
  expect(on(items)).toEqual([
    ['lun', 'coord2', 'nodea', 'carries the foreign key 0x5646444545443032 (VFDEED02): is it used by another cluster?'],
  ])
  expect(items.find(({ name, host }) => name === 'coord1' && host === 'nodea')?.text).toContain(
    "2 of the nodes' own keys",
  )
})

test('keys that cannot be read are not no keys', async () => {
  lun('nodea', 'coord1', 'k', '  PR generation=0x7, 2 registered reservation keys follow:\n')
  lun('nodea', 'coord2', 'k.exit', '24')
  lun('nodea', 'coord3', 'k', '')
  expect(on(await check())).toEqual([
    ['lun', 'coord1', 'nodea', 'its keys could not be read: announces 2 keys but lists 0 (exit 0)'],
    [
      'lun',
      'coord2',
      'nodea',
      'its keys could not be read: a reservation, or a missing registration, forbids the command (exit 24)',
    ],
    ['lun', 'coord3', 'nodea', 'its keys could not be read: the text is empty (exit 0)'],
  ])
})

test('a testbed that is not declared destructive', async () => {
  await here.close()
  here = await fakeLab({ change: (text) => text.replace('destructive: true', 'destructive: false') })
  const items = await check()
  expect(items[0]).toEqual({
    subject: 'testbed',
    name: 'fake',
    ok: false,
    text: 'does not say "destructive: true": rows write to its LUNs and are refused until it does',
  })
})

test('a private link that does not exist, one without its address, and one that cannot be looked at', async () => {
  rmSync(here.path('nodea', 'sys/class/net/eth1'), { recursive: true })
  here.put('nodea', 'sys/class/net/eth2/address4', '10.77.2.99\n')
  here.put('nodeb', 'bin/ip', '#!/bin/sh\necho "RTNETLINK answers: Operation not permitted" >&2\nexit 2\n')
  expect(on(await check())).toEqual([
    ['link', 'priv1', 'nodea', 'does not exist: nodea has no interface eth1'],
    ['link', 'priv2', 'nodea', 'eth2 does not have the address 10.77.2.11'],
    ...['priv1', 'priv2'].map((link) => [
      'link',
      link,
      'nodeb',
      'could not be looked at: ip ended with 2: RTNETLINK answers: Operation not permitted',
    ]),
  ])
})

test.each([
  ['fd00::11', 'FD00::11/64 scope global', true],
  ['FD00:0:0:0::11', 'fd00::11/64 scope global', true],
  ['fe80::1%eth1', 'fe80::1/64 scope link', true],
  ['fe80::1%2', 'fe80::1/64 scope link', true],
  ['fd00::11', 'fd00::11/64 scope global deprecated', true],
  ['fd00::11', 'fd00::111/64 scope global', 'eth1 does not have the address fd00::11'],
  ['fd00::1', 'fd00::11/64 scope global', 'eth1 does not have the address fd00::1'],
  ['fe80::1%eth9', 'fe80::1/64 scope link', 'eth1 does not have the address fe80::1%eth9'],
  [
    'fd00::11',
    'fd00::11/64 scope global dadfailed tentative',
    'eth1 cannot use fd00::11: duplicate address detection failed, another machine has it (dadfailed)',
  ],
  [
    'fd00::11',
    'fd00::11/64 scope global tentative',
    'eth1 cannot use fd00::11 yet: duplicate address detection has not ended (tentative)',
  ],
  ['10.77.1.11', '10.77.1.11 peer 10.77.1.12/32 scope global eth1', true],
  ['10.77.1.11', '10.77.1.12 peer 10.77.1.11/32 scope global eth1', 'eth1 does not have the address 10.77.1.11'],
  ['10.77.1.11', '10.77.1.111/24 scope global eth1', 'eth1 does not have the address 10.77.1.11'],
])('the address %s where ip says %s', async (address, words, expected) => {
  await here.close()
  here = await fakeLab({
    change: (text) => text.replace('address: 10.77.1.11 }', `address: "${address}" }`),
  })
  const family = words.includes(':') ? 'inet6' : 'inet'
  const script = `#!/bin/sh\ncase $5 in eth1) echo '2: eth1    ${family} ${words} ' ;; *) echo '3: eth2    inet 10.77.2.11/24 ' ;; esac\n`
  here.put('nodea', 'bin/ip', script)
  const links = (await check()).filter(({ name, host }) => name === 'priv1' && host === 'nodea')
  expect(links.map(({ ok, text }) => (ok ? true : text))).toEqual([expected])
})

test('a machine that does not run, a pid file that holds no number, a console that is not there', async () => {
  rmSync(here.path('here', 'lab/nodea.pid'))
  rmSync(here.path('here', 'lab/nodea.console'))
  here.put('here', 'lab/nodeb.pid', 'none')
  expect(on(await check())).toEqual([
    ['vm', 'nodea', 'here', expect.stringMatching(/cannot read the pid file .*nodea\.pid .*is the machine running\?/)],
    ['console', 'nodea', 'here', `${here.path('here', 'lab/nodea.console')} cannot be read`],
    ['vm', 'nodeb', 'here', expect.stringMatching(/the pid file .* holds 'none', which is no process number/)],
  ])
})

test('a host that dies while it is looked at is told, and the rest is looked at all the same', async () => {
  here.put('nodeb', `luns/${devices.coord1}/c.hang`, '')
  const checking = check()
  const dying = setInterval(() => {
    if (!here.servers.nodeb.commands.some((command) => command.includes('sg_persist'))) return
    clearInterval(dying)
    void here.servers.nodeb.refuse(true).then(() => here.servers.nodeb.drop())
  }, 10)
  onTestFinished(() => clearInterval(dying))
  const items = await checking
  expect(missing(items).find(({ name, host }) => name === 'coord1' && host === 'nodeb')?.text).toMatch(
    /^could not be looked at: nodeb: /,
  )
  expect(items.filter(({ host }) => host === 'nodea').every(({ ok }) => ok)).toBe(true)
  expect(items.filter(({ host }) => host === 'observer')).toHaveLength(4)
})

test('a host where commands fail is told: its disks cannot be listed', async () => {
  await here.close()
  here = await fakeLab({ change: (text) => text.replace(/(observer:\n {4}role: observer\n)/, '$1    sudo: true\n') })
  here.put('observer', 'bin/sudo', '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n')
  chmodSync(join(here.path('observer'), 'bin/sudo'), 0o755)
  const found = missing(await check()).filter(({ subject }) => subject === 'host')
  expect(found.map(({ name, text }) => [name, text])).toEqual([
    ['observer', expect.stringMatching(/^its disks cannot be listed: observer: .*sudo: a password is required/s)],
  ])
})
