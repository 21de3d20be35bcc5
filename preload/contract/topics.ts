import * as v from 'valibot'
import { controlStateSchema } from './control.ts'
import { labStateSchema } from './lab.ts'
import { count, moment, text, type Of } from './method.ts'

/** What the engine tells without being asked, by topic. */
export const topics = {
  /** the state of the lab became another */
  lab: labStateSchema,
  /** somebody looked: what is known of the lab is another, or newer */
  scene: v.object({ version: count }),
  control: controlStateSchema,
  /** a recording appeared, ended or was judged */
  runs: v.object({ run: text }),
  /** the journal of an open run grew */
  grown: v.object({ run: text, seq: count, at: moment, ended: v.boolean() }),
  /** a terminal was opened, ended, or began to be recorded */
  terminals: v.object({ id: text }),
  /** something a person should know, whatever view is open */
  notice: v.object({ kind: v.picklist(['info', 'warning', 'error']), text }),
} as const
export type Topic = keyof typeof topics
export type TopicData<T extends Topic> = Of<(typeof topics)[T]>
