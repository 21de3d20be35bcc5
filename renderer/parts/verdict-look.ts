/** Verdicts have a sign and a word beside their colour. A word that this version does not know is shown as it is. */
export interface VerdictLook {
  readonly sign: string
  readonly look: 'pass' | 'fail' | 'inconclusive' | 'not-applicable'
}

const known: Readonly<Record<string, VerdictLook>> = {
  pass: { sign: '✓', look: 'pass' },
  fail: { sign: '✗', look: 'fail' },
  inconclusive: { sign: '?', look: 'inconclusive' },
  'not-applicable': { sign: '–', look: 'not-applicable' },
}

export const verdictLook = (word: string): VerdictLook =>
  (Object.hasOwn(known, word) ? known[word] : undefined) ?? { sign: '·', look: 'not-applicable' }

export const verdictWords = (word: string) => word.replaceAll('-', ' ')
