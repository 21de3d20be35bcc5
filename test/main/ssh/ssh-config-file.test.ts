import { mkdirSync, writeFileSync } from 'node:fs'
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

  test('no command of the configuration is run', () => {
    const place = home({ config: 'Match exec "touch $HOME/ran"\n  Port 7\n' })
    expect(readSshConfig('nodea', place).port).toBe(22)
  })
})

test.each([
  ['host', { host: 'host' }],
  ['me@host:22', { host: 'host', port: 22, user: 'me' }],
  ['ssh://me@host:22', { host: 'host', port: 22, user: 'me' }],
  ['[fe80::1]:22', { host: 'fe80::1', port: 22 }],
  ['host:0', undefined],
  ['', undefined],
])('parseHop %s', (text, expected) => {
  expect(parseHop(text)).toEqual(expected)
})
