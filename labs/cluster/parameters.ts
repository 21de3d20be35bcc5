/** What single policies are told besides what all of them need. A policy does not look at what is another's. */
import * as v from 'valibot'

export const parametersSchema = v.object({
  /**
   * coordinator-race: a node forms a new cluster only when it hears this many nodes, itself included, that want to join
   * or are members (GAB seeding, `gabconfig -c -nN`). Absent: it forms one alone
   */
  seed: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
})
export type Parameters = v.InferOutput<typeof parametersSchema>
