import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { listSshHosts } from '../../../main/services/ssh-hosts.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'

function list(files: Readonly<Record<string, string>>) {
  const home = temporaryDirectory('home')
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, '.ssh', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return listSshHosts(home).hosts.map(({ alias, address, error }) => [alias, error ?? address])
}

test.each([
  ['a pattern', 'Include config.d/*\n', 'config.d/lab'],
  ['a pattern in a directory', 'Include conf/*/config\n', 'conf/x/config'],
  ['quotes', 'Include "my conf/a"\n', 'my conf/a'],
  ['CRLF', 'Include config.d/*\r\n', 'config.d/lab'],
  ['a home directory', 'Include ~/.ssh/a\n', 'a'],
  ['an equals sign', 'Include=a\n', 'a'],
  ['several words', 'Include none a\n', 'a'],
  ['a block', 'Match all\n  Include a\n', 'a'],
])('hosts of an Include with %s', (_what, config, file) => {
  const lab = 'Host node1 node2\r\n  HostName %h.lab\r\n\r\nHost * !node3 n?\r\n  User qa\r\n'
  expect(list({ config, [file]: lab })).toEqual([
    ['node1', 'node1.lab'],
    ['node2', 'node2.lab'],
  ])
})

test('a host that cannot be evaluated says why, beside the others', () => {
  const hosts = list({ config: 'Host a\n  Port 7\nHost b\n  ProxyCommand nc %h %p\n' })
  expect(hosts).toEqual([
    ['a', 'a'],
    ['b', expect.stringContaining('ProxyCommand of b is not supported')],
  ])
})

test('a file that includes itself', () => {
  expect(() => list({ config: 'Include config\n' })).toThrow('Include goes deeper than 16 files')
})
