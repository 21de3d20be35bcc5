import { assertNever } from '../assert-never.ts'
import { keyWords, moment, reservationWords } from './words.ts'
import type { Change } from './looks.ts'

/** What changed in a gap between two looks. */
export type Changed =
  | { readonly of: 'key'; readonly lun: string; readonly key: string; readonly owners: ReadonlyMap<string, string> }
  | { readonly of: 'reservation'; readonly lun: string; readonly owners: ReadonlyMap<string, string> }
  | { readonly of: 'link'; readonly link: string; readonly node: string }
  | { readonly of: 'node'; readonly node: string }
  | { readonly of: 'outlet'; readonly outlet: string }

/** A change that nobody saw happen, in words: what it was from and to, and between which moments it came. */
export function changeWords({ from, to, before, after }: Change, changed: Changed): string {
  const between = `between ${moment(from)}, when it was last seen, and ${moment(to)}, the first look after`
  switch (changed.of) {
    case 'key': {
      const what = `${changed.lun}: the key of ${keyWords(changed.key, changed.owners)}`
      return after === 'present'
        ? `${what} came by ${moment(to)}: it was not there at ${moment(from)}`
        : `${what} went ${between}`
    }
    case 'reservation':
      return `${changed.lun}: ${held(before, changed.owners)}, then ${held(after, changed.owners)}: it changed ${span(from, to)}`
    case 'link':
      return `${changed.link} at ${changed.node}: ${linkWords(before)}, then ${linkWords(after)}: it changed ${span(from, to)}`
    case 'node':
      return before === after
        ? `${changed.node}: ${before}, then ${after} after another boot: it booted ${span(from, to)}`
        : `${changed.node}: ${before}, then ${after}: it changed ${span(from, to)}`
    case 'outlet':
      return `outlet ${changed.outlet}: ${before}, then ${after}: it changed ${span(from, to)}`
    default:
      return assertNever(changed, 'change')
  }
}

const span = (from: number, to: number) => `between ${moment(from)} and ${moment(to)}`
const linkWords = (state: string) =>
  ({ heard: 'everybody heard', 'partly-heard': 'some heard', 'not-heard': 'nobody heard' })[state] ?? state

function held(state: string, owners: ReadonlyMap<string, string>): string {
  const [key = '', type] = state.split(' ')
  return reservationWords(state === 'none' ? null : { key, type: Number(type) }, owners)
}
