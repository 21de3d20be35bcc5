/** Messages of pages: who sends them and what is in them is looked at before anything is done. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import * as v from 'valibot'
import { listenTo, type Listen } from '../../../main/desktop/listen.ts'
import { pageAddress } from '../../../main/desktop/origin.ts'

type Own = (event: unknown, ...words: unknown[]) => unknown
let handlers: Map<string, Own>
let listen: Listen
const refused = vi.fn()
beforeEach(() => {
  handlers = new Map()
  refused.mockClear()
  const keep = (channel: string, own: Own) => void handlers.set(channel, own)
  listen = listenTo({ ipc: { on: keep, handle: keep } as never, known: new Set([1]), onRefused: refused })
})
const event = (change: object = {}, contents = 1) => ({
  sender: { id: contents },
  senderFrame: { url: pageAddress, parent: null, ...change },
})
const send = (channel: string, from: unknown, ...words: unknown[]) => handlers.get(channel)?.(from, ...words)

describe('a question', () => {
  const answer = vi.fn((what: string) => `chosen ${what}`)
  beforeEach(() => {
    answer.mockClear()
    listen.answer('choose', v.picklist(['testbed', 'folder']), answer)
  })
  it('of our page is answered', () => expect(send('choose', event(), 'folder')).toBe('chosen folder'))
  it.each([
    ['a foreign page in our window', event({ url: 'https://evil.example/' })],
    ['a frame inside our page', event({ parent: {} })],
    ['another window', event({}, 2)],
    ['a frame that is gone', { sender: { id: 1 }, senderFrame: null }],
  ])('of %s is refused', (_, from) => {
    expect(() => send('choose', from, 'folder')).toThrow('refused')
    expect(answer).not.toHaveBeenCalled()
    expect(refused).toHaveBeenCalledTimes(1)
  })
  it.each([[['anything']], [[]], [[7]], [[{ toString: () => 'folder' }]], [['folder', 'more']]])(
    'of %j is refused',
    (words) => {
      expect(() => send('choose', event(), ...words)).toThrow('refused')
      expect(answer).not.toHaveBeenCalled()
    },
  )
})

it('a message is taken from our page, and dropped from any other', () => {
  const take = vi.fn()
  listen.take('open', v.string(), take)
  send('open', event(), 'https://example.org/')
  send('open', event({ url: 'https://evil.example/' }), 'https://evil.example/')
  send('open', event(), { href: 'https://evil.example/' })
  expect(take.mock.calls).toEqual([['https://example.org/']])
  expect(refused).toHaveBeenCalledTimes(2)
})
