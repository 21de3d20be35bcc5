import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  checkHostKey,
  fingerprint,
  knownHostName,
  parseKnownHosts,
  preferredAlgorithms,
} from '../../../main/ssh/known-hosts.ts'
import { type KeyKind, makeKeyPair } from '../../fakes/keys.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'

const makeKey = (kind?: KeyKind) => {
  const pair = makeKeyPair(kind)
  const [name = '', base64 = ''] = pair.public.split(' ')
  return { line: `${name} ${base64}`, type: name, base64, blob: Buffer.from(base64, 'base64'), public: pair.public }
}
const one = makeKey()
const two = makeKey()
const ecdsa = makeKey('ecdsa')
const check = (text: string, name: string, key = one) => checkHostKey(parseKnownHosts(text, 'kh'), name, key.blob)

describe('checkHostKey', () => {
  test.each([
    ['plain', `nodea ${one.line}`, 'nodea'],
    ['among others', `nodeb,nodea,10.0.0.1 ${one.line} a comment`, 'nodea'],
    ['with a port', `[nodea]:2222 ${one.line}`, '[nodea]:2222'],
    ['wildcard', `node?.lab,x* ${one.line}`, 'nodea.lab'],
    ['in whatever case', `NodeA ${one.line}`, 'nodea'],
    ['after comments and blank lines', `# nodea ${two.line}\n\nnodea ${one.line}`, 'nodea'],
    ['a second key beside another', `nodea ${two.line}\nnodea ${one.line}`, 'nodea'],
  ])('knows a host: %s', (_title, text, name) => {
    expect(check(text, name).answer).toBe('known')
  })

  test.each([
    ['another host', `nodeb ${one.line}`, 'nodea'],
    ['another port', `[nodea]:2222 ${one.line}`, 'nodea'],
    ['without its port', `nodea ${one.line}`, '[nodea]:2222'],
    ['negated', `*.lab,!nodea.lab ${one.line}`, 'nodea.lab'],
    ['a dot is a dot', `node.a ${one.line}`, 'nodexa'],
    ['a marker nobody knows', `@strange nodea ${one.line}`, 'nodea'],
    ['half a line', `nodea ssh-ed25519`, 'nodea'],
  ])('does not know a host: %s', (_title, text, name) => {
    expect(check(text, name)).toEqual({ answer: 'unknown' })
  })

  test('a changed key names the line with the key of the same type', () => {
    const text = `nodea ${ecdsa.line}\nnodea ${two.line}\n`
    expect(check(text, 'nodea')).toEqual({
      answer: 'changed',
      entry: { hosts: 'nodea', type: 'ssh-ed25519', key: two.base64, file: 'kh', line: 2 },
    })
  })

  test('a known host that shows a key of another type only has changed', () => {
    expect(check(`nodea ${ecdsa.line}`, 'nodea')).toMatchObject({ answer: 'changed', entry: { line: 1 } })
  })

  test('a revoked key is refused even where another line knows it', () => {
    expect(check(`nodea ${one.line}\n@revoked * ${one.line}`, 'nodea')).toMatchObject({
      answer: 'revoked',
      entry: { line: 2 },
    })
  })

  test('a certificate authority is named, and makes nothing known', () => {
    expect(check(`@cert-authority *.lab ${one.line}`, 'a.lab')).toMatchObject({
      answer: 'unknown',
      authority: { line: 1 },
    })
  })

  test('reads what ssh-keygen hashed, and shows fingerprints as it does', () => {
    const directory = temporaryDirectory('hosts')
    const file = join(directory, 'known_hosts')
    writeFileSync(file, `[127.0.0.1]:2222 ${one.line}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    const hashed = readFileSync(file, 'utf8')
    expect(hashed).toMatch(/^\|1\|/)
    expect(check(hashed, knownHostName('127.0.0.1', 2222)).answer).toBe('known')
    expect(check(hashed, knownHostName('127.0.0.1', 2223)).answer).toBe('unknown')

    writeFileSync(join(directory, 'key.pub'), one.public)
    const shown = execFileSync('ssh-keygen', ['-l', '-f', join(directory, 'key.pub')], { encoding: 'utf8' })
    expect(shown.split(' ')[1]).toBe(fingerprint(one.blob))
  })
})

test('asks first for the types that are known', () => {
  const entries = parseKnownHosts(`nodea ssh-rsa AAAA\nnodea ${ecdsa.line}\n@revoked nodea ${one.line}\n`, 'kh')
  expect(preferredAlgorithms(entries, 'nodea')).toEqual([
    'ecdsa-sha2-nistp256',
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
    'ssh-ed25519',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
  ])
  expect(preferredAlgorithms(entries, 'nodeb')[0]).toBe('ssh-ed25519')
})
