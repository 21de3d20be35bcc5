import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joined, markup, markupText, type Markup } from '../../../labs/report/markup.ts'
import { visible } from '../../../labs/timeline/visible.ts'
import { readXml, textOf } from './read-xml.ts'

describe('markup', () => {
  it('escapes texts, keeps markup, joins lists, leaves out what is undefined', () => {
    const inner = markup`<b>${'a & b'}</b>`
    const text = markupText(
      markup`<p title="${'"\'<>'}">${[inner, 7, undefined, '\n']}${joined(['x', 'y'], markup`<i/>`)}</p>`,
    )
    expect(text).toBe('<p title="&quot;&#39;&lt;&gt;"><b>a &amp; b</b>7&#10;x<i/>y</p>')
  })

  it('takes nothing for markup that came out of a file', () => {
    const forged = JSON.parse('{"markup":"<script>","Symbol(markup)":"<script>"}') as Markup
    expect(markupText(markup`${forged}`)).not.toContain('<script>')
  })

  it('makes invisible characters visible', () => {
    expect(visible('a\u0000\u202eb\ud800\ufeff\u007f\u2028\r\n\té😀')).toBe(
      'a\\u{0}\\u{202e}b\\u{d800}\\u{feff}\\u{7f}\\u{2028}\\u{d}\n\té😀',
    )
  })

  it('gives any text back, as content and as attribute, whatever is in it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), nasty), (text) => {
        const element = readXml(markupText(markup`<p title="${text}">${text}</p>`))
        expect([element.attributes['title'], textOf(element)]).toEqual([visible(text), visible(text)])
      }),
    )
  })
})

const nasty = fc
  .array(fc.constantFrom('<', '>', '"', "'", '&', ']]>', '<!--', '-->', '</p>', '\0', '\ud800', '\n', '&lt;'))
  .map((parts) => parts.join(''))
