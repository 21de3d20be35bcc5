import { commentsOf } from './comments.ts'
import type { SecretFound } from './secrets.ts'
import type { YamlEntry } from './yaml-source.ts'

/** Something in a comment or a description that looks like a secret. Its text is nowhere repeated. */
export interface FreeTextSecret extends SecretFound {
  /** first character of the comment or value, for the place that is shown */
  readonly offset: number
}

/** fields in which people write what they like */
const freeFields = new Set(['description'])

const word =
  '(?:pass(?:word|wd|phrase|code)?|pw|pwd|kennwort|passwort|secret|communit(?:y|ies)|token|credentials?|' +
  '(?:api|auth|priv(?:ate)?|access|community)[-_ ]?(?:key|string|token)|(?:snmp|root|admin|ipmi|bmc|idrac|ilo)[-_ ]?(?:pw|pass))'
/** what is written where the secret itself is not: a placeholder, the name of a variable, where to look */
const reference =
  /^(?:[<$%{[(].*|\*+|x{3,}|\.{2,}|…|[-?]+|none|no|not|never|in|is|are|see|ask|from|of|on|at|by|via|with|as|the|a|an|per|set|kept|given|unset|empty|unknown|required|needed|optional|below|above|here|there|elsewhere|vault|environment|keyring|[A-Z][A-Z0-9]*_[A-Z0-9_]*)$/i
/** `password: x`, `pw=x`, `"community" : x` */
const assigned = new RegExp(`(?<![\\p{L}\\p{N}])${word}["']?[ \\t]*(?::=|=>|->|[:=])[ \\t]*(\\S+)`, 'giu')
/** `community s3cret`, `the password is "x"`: the word after it decides, for prose has such words too */
const following = new RegExp(
  `(?<![\\p{L}\\p{N}])${word}["']?[ \\t]+(?:is[ \\t]+|was[ \\t]+|string[ \\t]+)?(\\S+)`,
  'giu',
)
/** user:password@host, in a URL */
const urlWithPassword = /[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i
/** no word of prose: digits or signs within, or in quotes */
const looksMade =
  /^["'`].+["'`][.,;)]?$|^(?=.*\p{L})(?=.*\p{N}).{4,}$|[\p{L}\p{N}][!@#$%^&*+=~|\\][\p{L}\p{N}]|^\p{N}{4,}$/u
/** well-known communities, which are words */
const wellKnown = /^["'`]?(public|private)["'`]?[.,;]?$/i
/** abbreviations that mean nothing else: what follows them is the secret, whatever it looks like */
const abbreviated = /(?<![\p{L}\p{N}])(?:pw|pwd|passwd)[ \t]+(?:is[ \t]+)?(\S+)/giu

/**
 * Secrets in what people write for people: comments, and fields of free text. A testbed file's fields go into every
 * recording, and the file itself is handed on with it. Found is what is written like a secret with its name
 * (`password: x`, `pw=x`, `community s3cret`) and a URL with a password. A secret without a name cannot be told from a
 * word.
 */
export function findFreeTextSecrets(text: string, entries: readonly YamlEntry[]): readonly FreeTextSecret[] {
  const inComments = commentsOf(text).flatMap(({ offset, text: comment }) =>
    looksSecret(comment.slice(1)) ? [found(offset, offset + comment.length, 'this comment')] : [],
  )
  const inFields = entries.flatMap(({ path, value, range: [start, end] }) =>
    typeof value === 'string' && freeFields.has(`${path.at(-1)}`) && looksSecret(value)
      ? [found(start, end, 'this text')]
      : [],
  )
  return [...inComments, ...inFields]
}

const found = (start: number, end: number, what: string): FreeTextSecret => ({
  path: [],
  offset: start,
  range: [start, end],
  message: `${what} looks as if it told a secret`,
  expected: 'it without the secret: the file is handed on with recordings',
})

/** Does a text for people tell a secret, as far as that can be seen? */
export function looksSecret(text: string): boolean {
  if (urlWithPassword.test(text)) return true
  for (const pattern of [assigned, abbreviated])
    for (const [, value = ''] of text.matchAll(pattern)) if (!isReference(value)) return true
  for (const [, value = ''] of text.matchAll(following)) {
    if (wellKnown.test(value) || (looksMade.test(value) && !isReference(value))) return true
  }
  return false
}

/** Quotes and what ends a sentence do not belong to it. */
function isReference(value: string): boolean {
  const bare = value.replace(/^["'`]|["'`]?[.,;:)\]]*$/g, '')
  return bare === '' || reference.test(bare)
}
