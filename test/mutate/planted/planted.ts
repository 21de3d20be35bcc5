import { arrayKeyDefects } from './array-keys.ts'
import { arrayReservationDefects } from './array-reservations.ts'
import { clusterDefects } from './clusters.ts'
import { labDefects } from './labs.ts'
import { writeDefects } from './writes.ts'
import type { PlantedDefect } from './defect.ts'

/** Defects of the field, planted into passing recordings. */
export const planted: readonly PlantedDefect[] = [
  ...arrayKeyDefects,
  ...arrayReservationDefects,
  ...writeDefects,
  ...clusterDefects,
  ...labDefects,
]
