import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Hosts, openHosts, routeTo } from '../../../main/hosts/hosts.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'
import type { Transport } from '../../../main/transport/transport.ts'
import { filesFor, quickTimes } from '../../fakes/hosts.ts'
import { type FakeHost, fakeHost } from '../../fakes/ssh-server.ts'

let first: FakeHost, second: FakeHost, nodea: FakeHost, nodeb: FakeHost
let hosts: Hosts | undefined
beforeEach(async () => {
  ;[first, second, nodea, nodeb] = [await fakeHost(), await fakeHost(), await fakeHost(), await fakeHost()]
})
afterEach(async () => {
  await hosts?.close()
  hosts = undefined
  for (const host of [first, second, nodea, nodeb]) await host.close()
})

const say = async (transport: Transport, word: string) => {
  const channel = await transport.exec(`echo ${word}`)
  channel.stderr.resume()
  return text(channel.stdout)
}
const address = (host: FakeHost) => {
  const { key, knownHosts } = filesFor(host)
  return { address: '127.0.0.1', port: host.port, user: 'root', key, knownHosts }
}

test('hosts behind the same jump hosts share the connections to them', async () => {
  const jump = [address(first), address(second)]
  hosts = openHosts(
    [
      { name: 'nodea', transport: 'ssh', ssh: { ...address(nodea), jump } },
      { name: 'nodeb', transport: 'ssh', ssh: { ...address(nodeb), jump }, sudo: true },
      { name: 'here', transport: 'local' },
    ],
    { times: quickTimes },
  )
  const { all } = hosts
  expect(await Promise.all([...all.values()].map((one) => say(one, one.name)))).toEqual([
    'nodea\n',
    'nodeb\n',
    'here\n',
  ])
  expect([...all.values()].map((one) => one.sudo)).toEqual([false, true, false])
  expect([first, second, nodea, nodeb].map((host) => host.connections())).toEqual([1, 1, 1, 1])
})

test('an alias of the ssh configuration brings address, key, known hosts and its ways', async () => {
  const home = temporaryDirectory('home')
  mkdirSync(join(home, '.ssh'))
  writeFileSync(join(home, '.ssh', 'id'), nodea.clientKey, { mode: 0o600 })
  writeFileSync(join(home, '.ssh', 'known_hosts'), [first, second, nodea].map((host) => host.knownHostsLine()).join(''))
  writeFileSync(
    join(home, '.ssh', 'config'),
    [['hop1', first, 'none'] as const, ['hop2', second, 'none'] as const, ['rack', nodea, 'hop1,hop2'] as const]
      .map(([alias, host, jump]) => `Host ${alias}\n HostName 127.0.0.1\n Port ${host.port}\n ProxyJump ${jump}\n`)
      .join('') + 'Host *\n User root\n IdentityFile ~/.ssh/id\n ProxyJump hop1\n',
  )
  hosts = openHosts([{ name: 'nodea', transport: 'ssh', ssh: { configAlias: 'rack' } }], {
    times: quickTimes,
    config: { home, environment: {} },
  })
  expect(await say(hosts.get('nodea'), 'hello')).toBe('hello\n')
  expect([first, second, nodea].map((host) => host.connections())).toEqual([1, 1, 1])
})

test('`Host *` with a ProxyJump does not send the jump host through itself', () => {
  const home = temporaryDirectory('home')
  mkdirSync(join(home, '.ssh'))
  writeFileSync(join(home, '.ssh', 'config'), 'Host *\n ProxyJump bastion\n')
  const route = routeTo('nodea', { configAlias: 'nodea' }, { home, environment: {} })
  expect([route.target.address, route.through.map((hop) => hop.address)]).toEqual(['nodea', ['bastion']])
})

test('hops in a circle are found', () => {
  const home = temporaryDirectory('home')
  mkdirSync(join(home, '.ssh'))
  writeFileSync(join(home, '.ssh', 'config'), 'Host a\n ProxyJump b\nHost b\n ProxyJump a\n')
  expect(() => routeTo('nodea', { configAlias: 'a' }, { home, environment: {} })).toThrow(/in a circle/)
})

test('what cannot be used is said before anything is opened', () => {
  const good = { name: 'nodea', transport: 'ssh', ssh: address(nodea) } as const
  expect(() => openHosts([good, { name: 'nodeb', transport: 'ssh' }])).toThrow(
    /nodeb: has neither an address nor a configAlias/,
  )
  expect(() => openHosts([good, good])).toThrow(/nodea: there are two hosts of this name/)
  hosts = openHosts([good])
  expect(() => hosts?.get('nodec')).toThrow(/nodec: is no host of the testbed; it has nodea/)
})

test("defaults: ssh's own keys and known_hosts, the agent of the environment", () => {
  expect(
    routeTo('nodea', { address: 'a', user: 'u' }, { home: '/home/qa', environment: { SSH_AUTH_SOCK: '/agent' } }),
  ).toEqual({
    target: {
      name: 'nodea',
      address: 'a',
      port: 22,
      user: 'u',
      keys: ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((file) => ({ path: `/home/qa/.ssh/${file}`, required: false })),
      agent: '/agent',
      onlyTheseKeys: false,
      knownHosts: ['/home/qa/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
    },
    through: [],
  })
})
