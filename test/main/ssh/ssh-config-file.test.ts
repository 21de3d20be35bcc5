import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseHop, readSshConfig } from '../../../main/ssh/ssh-config-file.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'

/** A home directory with these files under .ssh. */
function home(files: Readonly<Record<string, string>>) {
  const directory = temporaryDirectory('home')
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, '.ssh', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return { home: directory, environment: { SSH_AUTH_SOCK: '/run/agent', LAB: '/lab' } }
}

describe('readSshConfig', () => {
  test('takes what the host and the patterns say, the first value first', () => {
    const place = home({
      config: [
        'Host nodea nodeb',
        '  HostName %h.lab.example',
        '  Port 2222',
        '  User qa',
        '  identityfile ~/.ssh/lab_%r',
        '  IdentitiesOnly yes',
        '  UserKnownHostsFile ${LAB}/kh ~/.ssh/kh2',
        '  ProxyJump me@jump1:2200,jump2',
        '  HostKeyAlias Rack-A',
        '  StrictHostKeyChecking no',
        'Host *',
        '  User other',
        '  IdentityFile ~/.ssh/all',
        '  IdentityAgent SSH_AUTH_SOCK',
      ].join('\n'),
    })
    expect(readSshConfig('nodea', place)).toEqual({
      address: 'nodea.lab.example',
      port: 2222,
      user: 'qa',
      keys: [`${place.home}/.ssh/lab_qa`, `${place.home}/.ssh/all`],
      agent: '/run/agent',
      onlyTheseKeys: true,
      knownHosts: ['/lab/kh', `${place.home}/.ssh/kh2`],
      hostKeyAlias: 'rack-a',
      jump: [{ host: 'jump1', port: 2200, user: 'me' }, { host: 'jump2' }],
    })
  })

  test('a host without configuration is what its name says', () => {
    expect(readSshConfig('nodea', home({}))).toEqual({
      address: 'nodea',
      port: 22,
      user: userInfo().username,
      keys: [],
      onlyTheseKeys: false,
      jump: [],
    })
  })

  test('IdentityAgent none is no agent', () => {
    expect(readSshConfig('nodea', home({ config: 'IdentityAgent none\n' })).agent).toBe(null)
  })

  test('Include is followed, and what follows it is not taken into its last section', () => {
    const place = home({
      config: 'Include conf.d/*.conf\nUser everyone\n',
      'conf.d/10-a.conf': 'Host nodea\n  Port 1111\n',
      'conf.d/20-b.conf': 'Host nodeb\n  Port 2222\n  User b\n',
      'conf.d/ignored': 'Port 9\n',
    })
    const seen = ['nodea', 'nodeb', 'nodec']
      .map((alias) => readSshConfig(alias, place))
      .map(({ port, user }) => [port, user])
    expect(seen).toEqual([
      [1111, 'everyone'],
      [2222, 'b'],
      [22, 'everyone'],
    ])
  })

  test('an Include in a section belongs to it', () => {
    const place = home({ config: 'Host nodea\n  Include a\n  User qa\nHost *\n  Port 3\n', a: 'Port 1111\n' })
    const seen = ['nodea', 'nodeb'].map((alias) => readSshConfig(alias, place)).map(({ port, user }) => [port, user])
    expect(seen).toEqual([
      [1111, 'qa'],
      [3, userInfo().username],
    ])
  })

  test.each([
    ['ProxyCommand', 'Host nodea\n  ProxyCommand nc %h %p\n', /ProxyCommand of nodea.*ProxyJump/],
    ['Port', 'Port 99999\n', /no port number/],
    ['ProxyJump', 'ProxyJump a:b:c\n', /'a:b:c' is not \[user@\]host\[:port\]/],
    ['an Include that goes round', 'Include config\n', /deeper than 16/],
  ])('says what it cannot use: %s', (_title, config, message) => {
    expect(() => readSshConfig('nodea', home({ config }))).toThrow(message)
  })

  describe('what needs a command or the network to be decided', () => {
    test.each([
      'Match exec "touch ${LAB}/ran"',
      'Match host node* exec "touch ${LAB}/ran"',
      'Match !exec "touch ${LAB}/ran"',
      'Match localnetwork 10.0.0.0/8',
    ])('%s', (match) => {
      const place = home({})
      const config = (text: string) => home({ config: text.replaceAll('${LAB}', place.home) })
      const block = (inside: string, before = '') => config(`${before}${match}\n  ${inside}\n`)
      expect(() => readSshConfig('nodea', block('Port 7'))).toThrow(
        `config: line 2: whether port applies to nodea depends on '${match.replaceAll('${LAB}', place.home)}': fencelab runs nothing`,
      )
      expect(() => readSshConfig('nodea', block('ProxyJump jump'))).toThrow(/whether proxyjump applies/)
      expect(() => readSshConfig('nodea', block('IdentityFile x'))).toThrow(/whether identityfile applies/)
      // what is not read here, or is settled before, may depend on anything
      expect(readSshConfig('nodea', block('ForwardAgent yes')).port).toBe(22)
      expect(readSshConfig('nodea', block('Port 7', 'Port 6\n')).port).toBe(6)
      expect(existsSync(join(place.home, 'ran'))).toBe(false)
    })

    test('another criterion that fails settles it', () => {
      const config = 'Match exec "true" host other\n  Port 7\nMatch originalhost other exec "true"\n  Port 8\n'
      expect(readSshConfig('nodea', home({ config })).port).toBe(22)
    })

    test('a file that is included there', () => {
      const place = home({
        config: 'Match exec "true"\n  Include a\n',
        a: 'Host nodea\n  Port 7\nHost other\n  Port 8\n',
      })
      expect(() => readSshConfig('nodea', place)).toThrow(/a: line 2: whether port applies to nodea/)
      expect(readSshConfig('nodeb', place).port).toBe(22)
    })

    test('CanonicalizeHostname', () => {
      expect(() => readSshConfig('nodea', home({ config: 'CanonicalizeHostname yes\n' }))).toThrow(
        /CanonicalizeHostname is not supported for nodea/,
      )
      expect(readSshConfig('nodea', home({ config: 'CanonicalizeHostname no\n' })).port).toBe(22)
    })
  })

  test('relative Includes start from ~/.ssh, wherever they stand', () => {
    const place = home({
      config: 'Include "my conf/a" conf/*/config\nInclude ~/.ssh/tilde\nInclude ${HOSTS}/b\n',
      'my conf/a': 'Host nodea\n  Port 1\nInclude sub\n',
      sub: 'Host nodeb\n  Port 2\n',
      'conf/x/config': 'Host nodec\n  Port 3\n',
      tilde: 'Host noded\n  Port 4\n',
      'vars/b': 'Host nodee\n  Port 5\n',
    })
    const environment = { HOSTS: join(place.home, '.ssh', 'vars') }
    const ports = ['nodea', 'nodeb', 'nodec', 'noded', 'nodee'].map(
      (alias) => readSshConfig(alias, { ...place, environment }).port,
    )
    // sub is included below Host nodea, so it says nothing of nodeb
    expect(ports).toEqual([1, 22, 3, 4, 5])
    expect(() => readSshConfig('nodea', place)).toThrow('line 3: ${HOSTS} in Include ${HOSTS}/b is not known')
  })

  test("the system's file comes after the user's", () => {
    const place = home({ config: 'Host nodea\n  Port 7\n', 'sys/ssh_config': 'Include more\nHost *\n  Port 8\n' })
    writeFileSync(join(place.home, '.ssh/sys/more'), 'User qa\n')
    const system = join(place.home, '.ssh/sys/ssh_config')
    const seen = ['nodea', 'nodeb'].map((alias) => readSshConfig(alias, { ...place, system }))
    expect(seen.map(({ port, user }) => [port, user])).toEqual([
      [7, 'qa'],
      [8, 'qa'],
    ])
  })

  test('IdentityFile none: no keys at all', () => {
    expect(readSshConfig('nodea', home({ config: 'IdentityFile none\n' }))).toMatchObject({ keys: [], noKeys: true })
    expect(readSshConfig('nodea', home({}))).not.toHaveProperty('noKeys')
  })

  test('IdentityFile tokens', () => {
    const place = home({ config: 'Host nodea\n  HostName 10.0.0.1\n  IdentityFile %d/k_%h_%n_%p\n' })
    expect(readSshConfig('nodea', place).keys).toEqual([`${place.home}/k_10.0.0.1_nodea_22`])
    expect(() => readSshConfig('nodea', home({ config: 'IdentityFile %z\n' }))).toThrow('%z in %z is not known')
    expect(() => readSshConfig('nodea', home({ config: 'IdentityFile ${NONE}/k\n' }))).toThrow('${NONE} in')
  })
})

test.each([
  ['host', { host: 'host' }],
  ['me@host:22', { host: 'host', port: 22, user: 'me' }],
  ['ssh://me@host:22', { host: 'host', port: 22, user: 'me' }],
  ['qa@lab.example@host', { host: 'host', user: 'qa@lab.example' }],
  ['[fe80::1]:22', { host: 'fe80::1', port: 22 }],
  ['host:0', undefined],
  ['', undefined],
])('parseHop %s', (text, expected) => {
  expect(parseHop(text)).toEqual(expected)
})
