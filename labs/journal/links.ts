import { ofType } from './run.ts'
import type { Line } from './event.ts'

/** Something that a node said about its private links: its own view, or a line of its log. */
export type LinkSign =
  | {
      readonly kind: 'heard'
      readonly seq: number
      readonly at: number
      readonly node: string
      readonly link: string
      /** the nodes that it hears on this link */
      readonly nodes: readonly string[]
    }
  | {
      readonly kind: 'lost' | 'up'
      readonly seq: number
      readonly at: number
      readonly node: string
      /** the links of this testbed that the message names */
      readonly links: readonly string[]
      readonly text: string
    }

/** What the nodes said about the links of the testbed, in the order of the journal. */
export function foldLinks(lines: readonly Line[], links: readonly string[]): readonly LinkSign[] {
  const signs: LinkSign[] = []
  for (const line of lines) {
    if (line.host === undefined) continue
    const common = { seq: line.seq, at: line.at, node: line.host }
    if (line.type === 'stack' && line.answered) {
      for (const link of links) {
        const nodes = line.links?.[link]
        if (nodes) signs.push({ kind: 'heard', ...common, link, nodes })
      }
    } else if (line.type === 'stack.log' && (line.code === 'link-lost' || line.code === 'link-up')) {
      const kind = line.code === 'link-lost' ? 'lost' : 'up'
      signs.push({ kind, ...common, links: links.filter((link) => names(line.text, link)), text: line.text })
    }
  }
  return signs
}

/** The last that each node said to hear on each link. */
export function linksHeard(signs: readonly LinkSign[]): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const heard = new Map<string, Map<string, readonly string[]>>()
  for (const sign of signs) {
    if (sign.kind !== 'heard') continue
    const ofNode = heard.get(sign.node) ?? new Map<string, readonly string[]>()
    heard.set(sign.node, ofNode.set(sign.link, sign.nodes))
  }
  return heard
}

/** Whether a message names a link as a word of its own: `priv1` is not named by `priv10`. */
function names(text: string, link: string): boolean {
  return text.split(/[^A-Za-z0-9_.-]+/).some((word) => word.replace(/^[.-]+|[.-]+$/g, '') === link)
}

/** Whether a line tells that a node's stack was started, stopped or joined anew. */
export function restarts(lines: readonly Line[], node: string, from: number): readonly number[] {
  return ofType(lines, 'stack')
    .filter((line) => line.host === node && line.seq > from)
    .filter((line) => line.state === 'joining' || line.state === 'stopped' || line.state === 'left')
    .map((line) => line.seq)
}
