/** The policy at work: on stand-ins that keep what is put on them. */
import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import {
  guardContents,
  guardOne,
  guardSession,
  type Guarded,
  type GuardedSession,
} from '../../../main/desktop/guard.ts'
import { pageAddress } from '../../../main/desktop/origin.ts'
import { mayRequest } from '../../../main/desktop/policy.ts'

function contents() {
  const events = new EventEmitter()
  let open: ((details: { readonly url: string }) => { readonly action: string }) | undefined
  const guarded = Object.assign(events, {
    setWindowOpenHandler: (handler: typeof open) => (open = handler),
  }) as unknown as Guarded & EventEmitter
  return {
    guarded,
    /** was it refused? */
    tell(event: string, details: object) {
      const preventDefault = vi.fn()
      events.emit(event, { ...details, preventDefault })
      return preventDefault.mock.calls.length > 0
    },
    open: (url: string) => open?.({ url }),
  }
}
const watched = () => ({ onRefused: vi.fn(), onExternal: vi.fn() })

describe('every page', () => {
  it('is guarded as soon as it is made', () => {
    const app = new EventEmitter()
    const made = contents()
    const { onRefused, onExternal } = watched()
    guardContents(app as never, { onRefused, onExternal })
    app.emit('web-contents-created', {}, made.guarded)
    expect(made.tell('will-navigate', { url: 'https://evil.example/' })).toBe(true)
  })
  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('goes nowhere else: %s', (event) => {
    const made = contents()
    const seen = watched()
    guardOne(made.guarded, seen)
    expect(made.tell(event, { url: 'https://evil.example/', isMainFrame: true })).toBe(true)
    expect(seen.onRefused).toHaveBeenCalledWith(expect.stringContaining('https://evil.example/'))
    expect(made.tell(event, { url: pageAddress, isMainFrame: true })).toBe(false)
  })
  it('has no frames inside, whatever they show', () => {
    const made = contents()
    guardOne(made.guarded, watched())
    expect(made.tell('will-frame-navigate', { url: pageAddress, isMainFrame: false })).toBe(true)
  })
  it('has no webview', () => {
    const made = contents()
    guardOne(made.guarded, watched())
    expect(made.tell('will-attach-webview', {})).toBe(true)
  })
  it('opens no window; the address is offered to the system instead', () => {
    const made = contents()
    const seen = watched()
    guardOne(made.guarded, seen)
    expect(made.open('https://example.org/')).toEqual({ action: 'deny' })
    expect(made.open(pageAddress)).toEqual({ action: 'deny' })
    expect(seen.onExternal).toHaveBeenCalledWith('https://example.org/')
  })
})

describe('the session', () => {
  function session() {
    const own: Record<string, (...words: never[]) => unknown> = {}
    const events = new EventEmitter()
    const keep = (name: string) => (handler: (...words: never[]) => unknown) => void (own[name] = handler)
    const guarded = Object.assign(events, {
      setPermissionRequestHandler: keep('request'),
      setPermissionCheckHandler: keep('check'),
      setDevicePermissionHandler: keep('device'),
      webRequest: { onBeforeRequest: keep('load') },
    }) as unknown as GuardedSession
    const refused = vi.fn()
    guardSession(guarded, mayRequest, refused)
    const call = (name: string, ...words: unknown[]) => (own[name] as (...words: unknown[]) => unknown)(...words)
    return { call, events, refused }
  }
  it('grants the permission to copy and no other, asked for or looked up', () => {
    const { call, refused } = session()
    const asked = (permission: string, requestingUrl = pageAddress) => {
      const answer = vi.fn()
      call('request', {}, permission, answer, { requestingUrl })
      return answer.mock.calls
    }
    expect([
      asked('clipboard-sanitized-write'),
      asked('media'),
      asked('clipboard-sanitized-write', 'https://evil.example/'),
    ]).toEqual([[[true]], [[false]], [[false]]])
    expect(refused).toHaveBeenCalledTimes(2)
    expect([
      call('check', null, 'clipboard-sanitized-write', 'fencelab://interface/', {}),
      call('check', null, 'geolocation', pageAddress, {}),
    ]).toEqual([true, false])
    expect(call('device', {})).toBe(false)
  })
  it('loads nothing from anywhere else', () => {
    const { call } = session()
    const load = (url: string) => {
      const answer = vi.fn()
      call('load', { url }, answer)
      return answer.mock.calls
    }
    expect([load(pageAddress), load('https://evil.example/x.js'), load('file:///etc/passwd')]).toEqual([
      [[{ cancel: false }]],
      [[{ cancel: true }]],
      [[{ cancel: true }]],
    ])
  })
  it('saves what the page made, and nothing that comes from elsewhere', () => {
    const { events } = session()
    const save = (url: string) => {
      const preventDefault = vi.fn()
      events.emit('will-download', { preventDefault }, { getURL: () => url })
      return preventDefault.mock.calls.length > 0
    }
    expect([
      save('blob:fencelab://interface/1'),
      save('https://evil.example/x'),
      save(pageAddress),
      save('data:image/png,x'),
    ]).toEqual([false, true, true, true])
  })
})
