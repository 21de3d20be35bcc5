import type { Line } from '../../labs/journal/event.ts'
import type { Scene } from './scene.ts'

/** A recording as it is after a change, named for people. */
export type Variant = readonly [label: string, lines: readonly Line[]]

/** A change after which a passing recording must not pass any more. */
export interface Change {
  /** what part of the evidence it touches, in a word or two: `keys`, `ledger` */
  readonly kind: string
  readonly name: string
  /** every way in which it can be made to this recording; none where it makes no sense there */
  readonly apply: (scene: Scene) => readonly Variant[]
}
