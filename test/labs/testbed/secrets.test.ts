import { describe, expect, test } from 'vitest'
import { formatProblems } from '../../../labs/testbed/format-problems.ts'
import { readTestbed } from '../../../labs/testbed-file/read-testbed.ts'
import { small, smallWith } from './example.ts'

const secret = 'hunter2'
const pem = ['-----BEGIN OPENSSH PRIVATE KEY-----', `      ${secret}`, '      -----END OPENSSH PRIVATE KEY-----'].join(
  '\n',
)

/** What is printed about a text that must be refused. */
function printed(text: string): string {
  const reading = readTestbed(text, 'small.yaml', { lab: '/lab' })
  return reading.ok ? '' : formatProblems(reading.problems)
}

describe('a secret is refused, and not repeated', () => {
  test.each([
    ['a password', 'user: root', `user: root, password: ${secret}`, 'a secret has no place in a testbed file'],
    ['under any name', 'user: root', `user: root, SSH_Pass-Phrase: "${secret}"`, 'a secret has no place'],
    ['a community', 'communityVariable: PDU_COMMUNITY', `community: ${secret}`, 'a secret has no place'],
    ['a token as a mapping', 'model: rpdu', `model: rpdu, accessToken: { value: ${secret} }`, 'a secret has no place'],
    ['on several lines', 'name: small\n', `name: small\nsecret: >\n  ${secret}\n`, 'a secret has no place'],
    ['a private key', 'name: small\n', `name: small\ndescription: |\n      ${pem}\n`, 'this is a private key'],
    [
      'a key where its path belongs',
      'key: ~/.ssh/id',
      `key: "-----BEGIN PRIVATE KEY-----${secret}"`,
      'this is a private key',
    ],
    [
      'a private key in a comment',
      'name: small\n',
      `name: small\n# ${pem.replaceAll('\n', '\n# ')}\n`,
      'contains a private key',
    ],
    [
      'in a URL',
      'name: small\n',
      `name: small\ndescription: https://qa:${secret}@pdu/x\n`,
      'this URL carries a password',
    ],
    [
      'in a command',
      "file: '${lab}/a.console'",
      `command: [ipmitool, -U, qa, -P, ${secret}, sol]`,
      'carries a secret in its arguments',
    ],
    [
      'in a command behind sudo',
      "file: '${lab}/a.console'",
      `command: [sudo, /usr/bin/ipmitool, -P${secret}]`,
      'carries a secret',
    ],
    [
      'in a long option',
      "file: '${lab}/a.console'",
      `command: [x, --password=${secret}]`,
      'carries a secret in its arguments',
    ],
    ['as the name of a variable', 'PDU_COMMUNITY', secret, 'found something else (not repeated here'],
    ['twice', 'user: root', `user: root, password: ${secret}, password: ${secret}`, 'every key once'],
    ['in a broken file', 'user: root', `user: [root, password: ${secret}`, 'not YAML'],
    ['as an alias', 'user: root', `user: root, password: *${secret}`, 'an anchor (&name)'],
    [
      'in a request',
      'driver: apc-snmp',
      `driver: rest, body: '{"password": "${secret}"}'`,
      'this request carries a secret',
    ],
  ])('%s', (_what, piece, replacement, says) => {
    const text = printed(smallWith(piece, replacement))
    expect(text).toContain(says)
    expect(text).not.toContain(secret)
  })

  test('it says what to do, and says it once', () => {
    expect(printed(smallWith('user: root', `user: root, password: ${secret}`))).toBe(
      'small.yaml:3:20: ssh.password: a secret has no place in a testbed file; expected the name of an environment ' +
        'variable (…Variable: NAME) or keys in the ssh-agent, never the secret itself\n' +
        '    3 | ssh: { user: root, password: •••••••• •••• ••••••••• •\n' +
        '      |                    ^\n',
    )
  })
})

test.each([
  ['the name of a variable', small],
  [
    'ipmitool reading its password from a file',
    smallWith("file: '${lab}/a.console'", 'command: [ipmitool, -f, /root/.pw, -p, "623"]'),
  ],
  ['a key by its path', smallWith('key: ~/.ssh/id', 'key: /root/.ssh/private_key')],
  ['a word about secrets', smallWith('description: second', 'description: no password here')],
])('%s is no secret', (_what, text) => {
  expect(printed(text)).toBe('')
})
