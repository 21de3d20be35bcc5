import type { Line } from '../../../labs/journal/event.ts'
import type { Variant } from '../change.ts'
import type { Scene } from '../scene.ts'

/** A defect of the field, as a recording of a run that met it. */
export interface PlantedDefect {
  /** kebab-case */
  readonly name: string
  /** who has it: thread, bug or document, with the address or the entry of the survey that names it */
  readonly source: string
  /** what the array or cluster does */
  readonly does: string
  readonly verdict: readonly ('fail' | 'inconclusive')[]
  /** one of these decides */
  readonly rules: readonly string[]
  readonly plant: (scene: Scene) => readonly Variant[]
}
export type { Line }
