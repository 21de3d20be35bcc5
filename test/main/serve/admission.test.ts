import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isToken, mayConnect, mayRead } from '../../../main/serve/admission.ts'
import { contentPolicy } from '../../../main/serve/content-policy.ts'
import { resolveFile } from '../../../main/serve/resolve-file.ts'

describe('who may connect', () => {
  const good = { host: '127.0.0.1:4711', origin: 'http://127.0.0.1:4711', path: '/engine' }
  const refusal = (change: Partial<Record<keyof typeof good, string | undefined>>) =>
    mayConnect({ ...good, ...change }, 4711, '/engine')

  it('is our own page', () => {
    expect([refusal({}), refusal({ host: 'localhost:4711', origin: 'http://localhost:4711' })]).toEqual([
      undefined,
      undefined,
    ])
  })
  it.each([
    [
      'a name that was bent to this computer',
      { host: 'evil.example:4711', origin: 'http://evil.example:4711' },
      'wrong-host',
    ],
    ['another port', { host: '127.0.0.1:80' }, 'wrong-host'],
    ['no host', { host: undefined }, 'wrong-host'],
    ['a page of somebody else', { origin: 'https://evil.example' }, 'wrong-origin'],
    ['a page on another port of this computer', { origin: 'http://127.0.0.1:8080' }, 'wrong-origin'],
    ['a page on the other name of this computer', { origin: 'http://localhost:4711' }, 'wrong-origin'],
    ['a sandboxed frame', { origin: 'null' }, 'wrong-origin'],
    ['https', { origin: 'https://127.0.0.1:4711' }, 'wrong-origin'],
    ['a program without an origin', { origin: undefined }, 'wrong-origin'],
    ['another path', { path: '/engine/x' }, 'wrong-path'],
  ])('is not %s', (_, change, why) => expect(refusal(change)).toBe(why))

  it('files are only for who asks by our own name', () => {
    expect([
      mayRead({ host: '127.0.0.1:1' }, 1),
      mayRead({ host: 'LOCALHOST:1' }, 1),
      mayRead({ host: 'x:1' }, 1),
      mayRead({ host: undefined }, 1),
    ]).toEqual([true, true, false, false])
  })
  it('a token is the whole token', () => {
    expect([
      isToken('abc', 'abc'),
      isToken('ab', 'abc'),
      isToken('abcd', 'abc'),
      isToken('', 'abc'),
      isToken(undefined, 'abc'),
      isToken({ length: 3 }, 'abc'),
    ]).toEqual([true, false, false, false, false, false])
  })
})

describe('which file a request is for', () => {
  it('is the page for the root, and files below', () => {
    expect([resolveFile('/'), resolveFile('/assets/index-1.js'), resolveFile('/icon.svg')]).toEqual([
      { path: 'index.html', type: 'text/html; charset=utf-8' },
      { path: 'assets/index-1.js', type: 'text/javascript; charset=utf-8' },
      { path: 'icon.svg', type: 'image/svg+xml' },
    ])
  })
  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/assets/../../x.js',
    '/a\\..\\x.js',
    '/.env.js',
    '//etc/x.js',
    '/a/',
    '/x.js%00.html',
    '/%',
    '/%25%32%65.js',
    '/index.html/',
    '/x.map',
    '/x',
    'x.js',
    '/a/./b.js',
  ])('%s is none', (path) => {
    expect(resolveFile(path)).toBeUndefined()
  })
  it('never leads out, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('..', '.', '%2e%2e', 'a', '/', '%2f', '\\', 'x.js', '%5c', '\0')),
        (parts) => {
          const found = resolveFile(`/${parts.join('')}`)
          expect(
            found === undefined ||
              (!found.path.split('/').includes('..') && !/[\\\0%]/.test(found.path) && !found.path.startsWith('/')),
          ).toBe(true)
        },
      ),
    )
  })
})

describe('the content policy', () => {
  it('lets nothing in by default, no script but our own files, and no frame around it', () => {
    const policy = contentPolicy(['ws://127.0.0.1:1'])
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self' ws://127.0.0.1:1",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'none'",
      ]),
    )
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/)
  })
})
