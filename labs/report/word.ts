import { markup, type Markup } from './markup.ts'
import type { VerdictWord } from '../verdicts/verdict.ts'

/** A verdict with a sign, so that it does not rest on colour. */
export function word(verdict: VerdictWord): Markup {
  const sign = { pass: '✓', fail: '✗', inconclusive: '?', 'not-applicable': '–' }[verdict]
  return markup`<span class="word ${verdict}"><span aria-hidden="true">${sign} </span>${verdict.replace('-', ' ')}</span>`
}
