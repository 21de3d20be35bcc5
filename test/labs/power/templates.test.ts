import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pointedTo } from '../../../labs/power/json-pointer.ts'
import { fillBody, fillText, fillUrl, originOf } from '../../../labs/power/templates.ts'

describe('JSON pointers', () => {
  // RFC 6901 section 5
  const document = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'm~n': 8, ' ': 7 }
  test.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/m~0n', 8],
    ['/ ', 7],
    ['/foo/2', undefined],
    ['/foo/00', undefined],
    ['/foo/length', undefined],
    ['/toString', undefined],
    ['/foo/0/x', undefined],
  ])('%s', (pointer, value) => expect(pointedTo(document, pointer)).toEqual(value))
})

describe('templates', () => {
  test('other braces stay', () => {
    expect(fillText('{"{action}": {outlet}, {x}}', { outlet: '3', action: 'off' })).toBe('{"off": 3, {x}}')
    expect(fillText('{action}', { outlet: '3' })).toBe('{action}')
  })
  test('an outlet is one step of a URL, a text in JSON, and a value in a form', () => {
    expect(fillUrl('http://pdu/{outlet}/on', { outlet: '1/7' })).toBe('http://pdu/1%2F7/on')
    expect(fillBody('{"outlet": "{outlet}"}', { outlet: 'a"b' })).toBe('{"outlet": "a\\"b"}')
    expect(fillBody('o={outlet}&s=1', { outlet: 'a&s=0' })).toBe('o=a%26s%3D0&s=1')
  })
  test('what is put in is not looked at again', () => {
    expect(fillText('{outlet} {action}', { outlet: '{action}', action: 'on' })).toBe('{action} on')
  })
  test.each([
    ['http://pdu/x', 'http://pdu'],
    ['HTTPS://Pdu:8443?x', 'https://pdu:8443'],
    ['http://{outlet}/x', undefined],
    ['http://user@pdu/x', undefined],
    ['http://pdu\\@other/x', undefined],
    ['ftp://pdu/x', undefined],
  ])('%s leads to %s', (url, origin) => expect(originOf(url)).toBe(origin))
  test('no outlet leads elsewhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (outlet) => {
        const url = fillUrl('http://pdu.lab:81/o/{outlet}?x={outlet}', { outlet })
        expect(new URL(url).origin).toBe('http://pdu.lab:81')
      }),
    )
  })
})
