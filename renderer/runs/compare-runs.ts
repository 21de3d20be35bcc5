import type { RuleName, Verdict } from '../../labs/verdicts/verdict.ts'

export interface Fact {
  readonly host: string
  readonly name: string
  readonly value: string
}

/** A version that is another in the second run, for all hosts where it is so. */
export interface FactDifference {
  readonly name: string
  readonly first: string
  readonly second: string
  readonly hosts: readonly string[]
}

const nothing = '(not told)'

/** What names a version and is not the same in both runs. What is the same is not worth a line. */
export function differentFacts(first: readonly Fact[], second: readonly Fact[]): readonly FactDifference[] {
  const id = ({ host, name }: Fact) => JSON.stringify([host, name])
  const [one, other] = [new Map(first.map((fact) => [id(fact), fact])), new Map(second.map((fact) => [id(fact), fact]))]
  const found = new Map<string, { name: string; first: string; second: string; hosts: string[] }>()
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    const fact = one.get(key) ?? other.get(key)
    const [was, is] = [one.get(key)?.value ?? nothing, other.get(key)?.value ?? nothing]
    if (!fact || was === is) continue
    const group = JSON.stringify([fact.name, was, is])
    const entry = found.get(group) ?? { name: fact.name, first: was, second: is, hosts: [] }
    found.set(group, entry)
    entry.hosts.push(fact.host)
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

export interface RuleComparison {
  readonly rule: RuleName | string
  readonly first: { readonly bearing: string; readonly text: string } | undefined
  readonly second: { readonly bearing: string; readonly text: string } | undefined
  readonly differs: boolean
}

/** The reasons of two verdicts, rule by rule; those that differ first. */
export function comparedRules(first: Verdict | null, second: Verdict | null): readonly RuleComparison[] {
  const of = (verdict: Verdict | null, rule: string) => {
    const own = (verdict?.reasons ?? []).filter((reason) => reason.rule === rule)
    const worst =
      own.find(({ bearing }) => bearing === 'fail') ?? own.find(({ bearing }) => bearing === 'inconclusive') ?? own[0]
    return worst && { bearing: worst.bearing, text: own.map(({ text }) => text).join('; ') }
  }
  const rules = [...new Set([...(first?.reasons ?? []), ...(second?.reasons ?? [])].map(({ rule }) => rule))]
  return rules
    .map((rule): RuleComparison => {
      const [one, other] = [of(first, rule), of(second, rule)]
      return { rule, first: one, second: other, differs: one?.bearing !== other?.bearing }
    })
    .toSorted((a, b) => Number(b.differs) - Number(a.differs))
}
