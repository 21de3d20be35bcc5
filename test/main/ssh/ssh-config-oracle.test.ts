/** What OpenSSH itself says of the same files (`ssh -G`): the oracle for readSshConfig. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSshConfig } from '../../../main/ssh/ssh-config-file.ts'
import { describeUnless } from '../../describe-unless.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'

const version = spawnSync('ssh', ['-V'], { encoding: 'utf8' }).stderr ?? ''
const noSsh = /OpenSSH_(8\.[7-9]|9|1\d)/.test(version) ? undefined : 'no ssh of OpenSSH 8.7 or later on this computer'

/** Files below one directory; `{dir}` in a text stands for it. */
function files(texts: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory('ssh-oracle')
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text.replaceAll('{dir}', directory))
  }
  return directory
}

interface Way {
  readonly address: string
  readonly port: string
  readonly user: string
  readonly jump: string
  readonly keys: readonly string[]
}

function oracle(directory: string, alias: string): Way | string {
  const { status, stdout, stderr } = spawnSync('ssh', ['-G', '-F', join(directory, 'config'), alias], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (status !== 0) return stderr.trim()
  const all = (keyword: string) =>
    [...stdout.matchAll(new RegExp(`^${keyword} (.*)$`, 'gm'))].map((match) => match[1] ?? '')
  const one = (keyword: string) => all(keyword)[0] ?? ''
  const keys = all('identityfile').filter((key) => key !== 'none' && !key.startsWith('~/.ssh/id_'))
  return { address: one('hostname'), port: one('port'), user: one('user'), jump: one('proxyjump'), keys }
}

function ours(directory: string, alias: string): Way | string {
  try {
    const { address, port, user, jump, keys } = readSshConfig(alias, { file: join(directory, 'config') })
    const hop = (one: (typeof jump)[number]) =>
      `${one.user === undefined ? '' : `${one.user}@`}${one.host}${one.port === undefined ? '' : `:${one.port}`}`
    return { address: address.toLowerCase(), port: String(port), user, jump: jump.map(hop).join(','), keys }
  } catch (error) {
    return (error as Error).message
  }
}

const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  [
    'Include with a glob in a directory',
    { config: 'Include {dir}/conf/*/config\n', 'conf/a/config': 'Host node1\n HostName 10.0.0.1\n' },
    'node1',
  ],
  [
    'Include in quotes, with a blank',
    { config: 'Include "{dir}/my conf/a"\n', 'my conf/a': 'Host node1\n HostName 10.0.0.1\n' },
    'node1',
  ],
  [
    'Include with a backslash',
    { config: 'Include {dir}/my\\ conf/a\n', 'my conf/a': 'Host node1\n HostName 10.0.0.1\n' },
    'node1',
  ],
  ['Include with =', { config: 'Include={dir}/a\n', a: 'Host node1\n HostName=10.0.0.1\n' }, 'node1'],
  [
    'Include of several',
    {
      config: 'include {dir}/none {dir}/a  "{dir}/b"\n',
      a: 'Host node1\n Port 7\n',
      b: 'Host node1\n Port 8\n User u\n',
    },
    'node1',
  ],
  [
    'Include with a set',
    { config: 'Include {dir}/[ab]?.conf\n', 'a1.conf': 'Host node1\n Port 7\n', 'c1.conf': 'User x\n' },
    'node1',
  ],
  [
    'a directory and hidden files',
    { config: 'Include {dir}/d/*\n', 'd/.a': 'Port 1\n', 'd/sub/x': 'Port 2\n', 'd/b': 'Port 3\n' },
    'node1',
  ],
  [
    'Include nested',
    {
      config: 'Include {dir}/a\nPort 9\n',
      a: 'Host node1\nInclude {dir}/b\nHost *\nUser u\n',
      b: 'HostName 10.0.0.1\nHost other\nPort 4\n',
    },
    'node1',
  ],
  [
    'Include below host *, with blocks',
    { config: 'host *\n Include {dir}/a\nUser z\n', a: 'Host node1\n Port 7\nHost other\n User o\n' },
    'node1',
  ],
  [
    'Include below Host  *, with blocks',
    { config: 'Host  *\n Include {dir}/a\nUser z\n', a: 'Host node1\n Port 7\n' },
    'node1',
  ],
  [
    'Include below Match all, with blocks',
    { config: 'Match all\n Include {dir}/a\nUser z\n', a: 'Host node1\n Port 7\n' },
    'node1',
  ],
  [
    'Include below another host',
    { config: 'Host other\n Include {dir}/a\nHost *\nUser z\n', a: 'Host node1\n Port 7\nMatch all\n Port 8\n' },
    'node1',
  ],
  [
    'Include below its host',
    { config: 'Host node1\n Include {dir}/a\n User z\n', a: 'Port 7\nHost other\n User o\n' },
    'node1',
  ],
  ['CRLF', { config: 'Host node1\r\n  HostName 10.0.0.1\r\n  Include "{dir}/a"\r\n', a: 'Port 7\r\n' }, 'node1'],
  [
    'Match host and !host',
    {
      config: 'Host fin\n HostName fin.example.org\nMatch host *.example.org !host jump.example.org\n ProxyJump jump\n',
    },
    'fin',
  ],
  [
    'Match host and !host, the excepted one',
    { config: 'Match host *.example.org !host jump.example.org\n ProxyJump jump\n' },
    'jump.example.org',
  ],
  [
    'Match originalhost',
    { config: 'Match originalhost fin,fan\n Port 7\nMatch originalhost fi* !originalhost fin\n User u\n' },
    'fin',
  ],
  ['Match a list with !', { config: 'Match host *,!fin\n Port 7\nMatch host fin\n Port 8\n' }, 'fin'],
  ['Match user', { config: 'Host fin\n User qa\nMatch user qa\n Port 7\nMatch !user qa\n Port 8\n' }, 'fin'],
  ['Match !user', { config: 'Match !user qa\n Port 8\n' }, 'fin'],
  ['Match localuser', { config: `Match localuser ${userInfo().username}\n Port 7\n` }, 'fin'],
  [
    'Match all after others',
    { config: 'Match originalhost fin all\n Port 7\nMatch user nobody-of-this-name all\n Port 8\n' },
    'fin',
  ],
  ['Match with =', { config: 'Match host=fin originalhost=fin\n Port 7\n' }, 'fin'],
  ['IdentityFile none and another', { config: 'IdentityFile none\n' }, 'fin'],
  ['Match all is the whole', { config: 'Host other\n Port 1\nMatch all\n Port 7\n' }, 'fin'],
  ['Match !all', { config: 'Match !all\n Port 7\n' }, 'fin'],
  ['Match final', { config: 'Match final host fin.example.org\n Port 7\nHost fin\n HostName %h.example.org\n' }, 'fin'],
  ['Match final all', { config: 'Match final all\n Port 7\nHost fin\n Port 8\n' }, 'fin'],
  ['Match !final', { config: 'Match !final all\n Port 7\n' }, 'fin'],
  ['Match canonical', { config: 'Match canonical all\n Port 7\n' }, 'fin'],
  [
    'Host in the final pass',
    { config: 'Match final all\n User u\nHost fin.example.org\n Port 7\nHost fin\n HostName fin.example.org\n' },
    'fin',
  ],
  [
    'Match host after HostName',
    { config: 'Host FIN\n HostName %h.Example.org\nMatch host fin.example.org\n Port 7\n' },
    'FIN',
  ],
  ['Host is not the same in capitals', { config: 'Host FIN\n Port 7\n' }, 'fin'],
  ['Host with !', { config: 'Host * !fin\n Port 7\nHost fin\n Port 8\n' }, 'fin'],
  ['Host with ! first', { config: 'Host !fin *\n Port 7\n' }, 'fin'],
  ['Host quoted', { config: 'Host "fin" "two words"\n Port 7\n' }, 'fin'],
  ['Host with ?', { config: 'Host n?de[1]\n Port 7\nHost n?de1\n Port 8\n' }, 'node1'],
  ['a comment at the end', { config: 'Host fin # the end\n Port 7 # seven\n' }, 'fin'],
  ['capital keywords and tabs', { config: 'HOST\tfin\n\tPORT\t7\n\tHostNAME = 10.0.0.1\n' }, 'fin'],
  [
    'ProxyJump before ProxyCommand',
    { config: 'Host node1\n ProxyJump jump\nHost *\n ProxyCommand nc %h %p\n' },
    'node1',
  ],
  [
    'ProxyJump none before ProxyCommand',
    { config: 'Host node1\n ProxyJump none\nHost *\n ProxyCommand nc %h %p\n' },
    'node1',
  ],
  [
    'ProxyCommand none before ProxyJump',
    { config: 'Host node1\n ProxyCommand none\nHost *\n ProxyJump jump\n' },
    'node1',
  ],
  ['hops', { config: 'ProxyJump me@jump1:2200,jump2\n' }, 'node1'],
  ['a domain user in quotes', { config: 'User "LAB\\\\qa"\n' }, 'node1'],
  ['a domain user', { config: 'User LAB\\qa\n' }, 'node1'],
  ['a user in single quotes', { config: "User 'two words'\n" }, 'node1'],
  [
    'two identity files',
    { config: 'Host *\n IdentityFile {dir}/a\n IdentityFile "{dir}/b c"\n IdentityFile {dir}/a\n' },
    'node1',
  ],
  ['the first value counts', { config: 'Port 7\nHost node1\n Port 8\n User u\nHost *\n User v\n' }, 'node1'],
]

describeUnless(noSsh, 'as ssh -G says it', () => {
  test.each(cases)('%s', (_what, texts, alias) => {
    const directory = files(texts)
    expect(ours(directory, alias)).toEqual(oracle(directory, alias))
  })

  test.each([
    ['an open quote', 'Host "fin\n Port 7\n'],
    ['Match without a criterion', 'Match\n Port 7\n'],
    ['a keyword with two letters swapped', 'HostNmae 10.0.0.1\n'],
    ['Match all before others', 'Match all user x\n Port 7\n'],
    ['a criterion that nobody knows', 'Match colour red\n Port 7\n'],
    ['a criterion without a value', 'Match host\n Port 7\n'],
    ['Host without a pattern', 'Host\n Port 7\n'],
    ['a token in HostName', 'HostName %d\n'],
  ])('refused by both: %s', (_what, config) => {
    const directory = files({ config })
    expect(typeof oracle(directory, 'fin')).toBe('string')
    expect(typeof ours(directory, 'fin')).toBe('string')
  })

  test('any files', () => {
    const name = fc.constantFrom('a', 'b', 'ab', 'a.lab')
    const pattern = fc.constantFrom('a', 'b', '*', 'a*', '!a', '?', '*.lab', '!*b', 'A', '"a"')
    const list = fc.array(pattern, { minLength: 1, maxLength: 3 })
    const criterion = fc.oneof(
      fc
        .tuple(fc.constantFrom('host', '!host', 'originalhost', '!originalhost', 'user'), list)
        .map(([word, patterns]) => `${word} ${patterns.join(',').replaceAll('"', '')}`),
      fc.constantFrom('final', 'canonical', '!final'),
    )
    const line = fc.oneof(
      list.map((patterns) => `Host ${patterns.join(' ')}`),
      fc.array(criterion, { minLength: 1, maxLength: 2 }).map((criteria) => `Match ${criteria.join(' ')}`),
      fc.constant('Match all'),
      fc.constantFrom('Port 1', 'Port 2', 'User a', 'User b', 'HostName %h.lab', 'HostName b', 'HostName 10.0.0.1'),
      fc.constantFrom('ProxyJump j', 'ProxyJump none', 'ProxyCommand none', 'IdentityFile {dir}/k', 'Include {dir}/i*'),
    )
    const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.map((one) => `${one}\n`).join(''))
    const leaf = text.map((lines) => lines.replaceAll('{dir}/i*', '{dir}/none'))
    fc.assert(
      fc.property(text, leaf, leaf, name, (config, i1, i2, alias) => {
        const directory = files({ config, i1, i2 })
        expect(ours(directory, alias)).toEqual(oracle(directory, alias))
      }),
      { numRuns: 60 },
    )
  })
})
