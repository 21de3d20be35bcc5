import { matchHostName, matchPatternList } from './match-pattern.ts'

/** What the criteria of a Match line are compared with. */
export interface MatchSubject {
  /** the host to connect to: HostName where it is known by now, else the name that was asked for */
  readonly host: string
  /** the name that was asked for */
  readonly originalHost: string
  readonly user: string
  readonly localUser: string
  readonly tag: string
  /** the second pass, which `Match final` asks for */
  readonly final: boolean
}

export interface Matching {
  /** `unknown`: a criterion cannot be evaluated without running something or asking the network */
  readonly matches: 'yes' | 'no' | 'unknown'
  /** whether a second pass over the files is wanted */
  readonly wantsFinal: boolean
}

/**
 * Evaluates a Match line (OpenSSH readconf.c, match_cfg_line). All criteria must hold; `!` negates one. `exec` runs a
 * command, `localnetwork` asks the network, `command`, `sessiontype` and `version` ask how ssh was called: these are
 * unknown, and matter only where no other criterion fails.
 * @throws {SyntaxError} for what ssh does not understand either
 */
export function evaluateMatch(words: readonly string[], subject: MatchSubject): Matching {
  const criteria = words.flatMap((word) => {
    const [, name, value] = /^(!?[a-z]+)=([^]*)$/i.exec(word) ?? []
    return name !== undefined && value !== undefined ? [name, value] : [word]
  })
  if (criteria.length === 0) throw new SyntaxError('Match without a criterion')
  let failed = false
  let unknown = false
  let wantsFinal = false
  for (let at = 0; at < criteria.length; at += 1) {
    const written = criteria[at] ?? ''
    const negated = written.startsWith('!')
    const name = written.slice(negated ? 1 : 0).toLowerCase()
    const judge = (holds: boolean) => {
      if (holds === negated) failed = true
    }
    if (name === 'all') {
      if (at < criteria.length - 1) throw new SyntaxError('other criteria follow Match all')
      judge(true)
      continue
    }
    if (name === 'canonical' || name === 'final') {
      if (name === 'final') wantsFinal = true
      judge(subject.final)
      continue
    }
    at += 1
    const value = criteria[at]
    if (value === undefined) throw new SyntaxError(`Match ${written} without a value`)
    if (name === 'host') judge(matchHostName(subject.host, value))
    else if (name === 'originalhost') judge(matchHostName(subject.originalHost, value))
    else if (name === 'user') judge(matchPatternList(subject.user, value))
    else if (name === 'localuser') judge(matchPatternList(subject.localUser, value))
    else if (name === 'tagged') judge(matchPatternList(subject.tag, value))
    else if (/^(exec|localnetwork|command|sessiontype|version)$/.test(name)) unknown = true
    else throw new SyntaxError(`Match ${written} is not known`)
  }
  return { matches: failed ? 'no' : unknown ? 'unknown' : 'yes', wantsFinal }
}
