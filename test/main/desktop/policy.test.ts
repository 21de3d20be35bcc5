/** What the page in Electron's window may do. Whatever is not listed is refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOwn, pageAddress } from '../../../main/desktop/origin.ts'
import {
  externalAddress,
  isTrusted,
  mayHavePermission,
  mayNavigate,
  mayRequest,
  mayRequestInCheckout,
  type Sender,
} from '../../../main/desktop/policy.ts'

const foreign = [
  'https://evil.example/',
  'http://127.0.0.1:8080/',
  'file:///etc/passwd',
  'fencelab://evil/index.html',
  'fencelab://interface.evil/index.html',
  'fencelab://interface@evil/index.html',
  'fencelab://user@interface/index.html',
  'fencelab://interface:80/index.html',
  'fencelab:interface/index.html',
  'fencelabs://interface/',
  'javascript:alert(1)',
  'data:text/html,<script>1</script>',
  'about:blank',
  'chrome://gpu',
  'devtools://devtools/bundled/x.html',
  'blob:https://evil.example/1',
  'not an address',
  '',
]

describe('an address of the interface itself', () => {
  it('is its page and everything beside it', () => {
    expect([pageAddress, 'fencelab://interface/assets/index-1.js', 'FENCELAB://interface/'].map(isOwn)).toEqual([
      true,
      true,
      true,
    ])
  })
  it.each(foreign)('is not %s', (address) => expect([isOwn(address), mayNavigate(address)]).toEqual([false, false]))
})

describe('what may be asked for', () => {
  it('is the interface, what it made in memory, and pictures in the page', () => {
    expect([pageAddress, 'blob:fencelab://interface/1b4e', 'data:image/png;base64,AA'].map(mayRequest)).toEqual([
      true,
      true,
      true,
    ])
  })
  it.each(foreign)('is not %s', (address) => expect(mayRequest(address)).toBe(false))
  it.each(['ws://127.0.0.1:1/', 'wss://evil.example/', 'ftp://evil.example/'])('is not %s', (address) =>
    expect(mayRequest(address)).toBe(false),
  )
  it('is never anything on a network', () => {
    fc.assert(
      fc.property(
        fc.webUrl({
          withFragments: true,
          withQueryParameters: true,
          validSchemes: ['http', 'https', 'ws', 'wss', 'ftp'],
        }),
        (address) => !mayRequest(address) && !mayRequestInCheckout(address),
      ),
    )
  })
  it('with developer tools is theirs as well, and nothing else', () => {
    expect(mayRequestInCheckout('devtools://devtools/bundled/x.html')).toBe(true)
    expect(foreign.filter(mayRequestInCheckout)).toEqual(['devtools://devtools/bundled/x.html'])
  })
})

describe('permissions', () => {
  // every name that Electron documents for either handler, and one that it may add
  const all = [
    'accessibility-events',
    'ar',
    'clipboard-read',
    'clipboard-sanitized-write',
    'deprecated-sync-clipboard-read',
    'display-capture',
    'fileSystem',
    'fullscreen',
    'geolocation',
    'hand-tracking',
    'hid',
    'idle-detection',
    'keyboardLock',
    'media',
    'mediaKeySystem',
    'midi',
    'midiSysex',
    'notifications',
    'openExternal',
    'pointerLock',
    'serial',
    'speaker-selection',
    'storage-access',
    'top-level-storage-access',
    'unknown',
    'usb',
    'vr',
    'window-management',
    'something-new',
  ]
  it('are all refused but the one to copy', () => {
    expect(all.filter((permission) => mayHavePermission(permission, pageAddress))).toEqual([
      'clipboard-sanitized-write',
    ])
  })
  it.each(foreign)('are refused to %s', (address) =>
    expect(mayHavePermission('clipboard-sanitized-write', address)).toBe(false),
  )
})

describe('an address outside', () => {
  it.each([
    ['https://www.example.org/a?b=c#d', 'https://www.example.org/a?b=c#d'],
    ['HTTP://Example.ORG', 'http://example.org/'],
    ['https://example.org/a b"c', 'https://example.org/a%20b%22c'],
    ["https://example.org/it's?'", 'https://example.org/it%27s?%27'],
    ['http://[::1]:8080/', 'http://[::1]:8080/'],
    ['https://example.org/\n--help', 'https://example.org/--help'],
  ])('%s is opened as %s', (given, opened) => expect(externalAddress(given)).toBe(opened))
  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'mailto:a@example.org',
    'smb://host/share',
    'ssh://host',
    'ms-settings:',
    'fencelab://interface/',
    'data:text/html,x',
    '--help',
    '/etc/passwd',
    '',
    'https://bank.example@evil.example/',
    'https://a:b@evil.example/',
    'https://',
    "https://'/",
    'https://a$b/',
    'https://a;b/',
    `https://example.org/${'x'.repeat(3000)}`,
  ])('%s is not opened', (address) => {
    expect(externalAddress(address)).toBeUndefined()
  })
  it.each([undefined, null, 7, { href: 'https://example.org' }, ['https://example.org']])('%s is not opened', (value) =>
    expect(externalAddress(value)).toBeUndefined(),
  )
  it('handed to the system is always an http(s) address, and stays the same when it is read again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `https://${text}`),
        ),
        (text) => {
          const opened = externalAddress(text)
          return (
            opened === undefined ||
            (/^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?\/[^\s"'<>]*$/.test(opened) &&
              new URL(opened).href === opened)
          )
        },
      ),
    )
  })
})

describe('a message is listened to', () => {
  const known = new Set([4])
  const main = { url: pageAddress, isMain: true }
  it('from the main frame of our window', () => expect(isTrusted({ contents: 4, frame: main }, known)).toBe(true))
  it.each<[string, Sender]>([
    ['another window', { contents: 5, frame: main }],
    ['a frame inside', { contents: 4, frame: { ...main, isMain: false } }],
    ['a frame that is gone', { contents: 4, frame: null }],
    ...foreign.map((url): [string, Sender] => [url, { contents: 4, frame: { url, isMain: true } }]),
  ])('not from %s', (_, sender) => expect(isTrusted(sender, known)).toBe(false))
})
