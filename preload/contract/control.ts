import * as v from 'valibot'
import { count, fromLabs, label, method, nothing, progressSchema, text, type Of, type Service } from './method.ts'
import type { Scenario } from '../../labs/scenarios/scenario.ts'

const turnSchema = v.object({
  /** counts up over the life of the engine */
  turn: count,
  row: text,
  title: text,
  state: v.picklist(['waiting', 'going', 'healing', 'done', 'failed', 'left-out']),
  /** the recording, once there is one */
  run: v.exactOptional(text),
  verdict: v.exactOptional(text),
  /** why it could not be run */
  error: v.exactOptional(text),
  seconds: v.exactOptional(v.number()),
})
export type Turn = Of<typeof turnSchema>

/** What is being run. The engine keeps it; views only show it. */
export const controlStateSchema = v.object({
  /** in the order in which they are run; the last batch stays until the next one */
  turns: v.array(turnSchema),
  /** of the row that is being run */
  progress: v.nullable(progressSchema),
  /** of all rows together, and of their time */
  overall: v.nullable(progressSchema),
  /** somebody asked for it to end: what is injected is being taken back */
  stopping: v.boolean(),
})
export type ControlState = Of<typeof controlStateSchema>

export const control = {
  /** the documented rows, in the order of their documents, and how long each took last time */
  table: method(
    nothing,
    v.object({
      rows: v.array(
        v.object({
          scenario: fromLabs<Scenario>('name', 'document', 'expected'),
          seconds: v.nullable(v.number()),
          /** why the open testbed cannot do it, where that is known */
          notApplicable: v.nullable(text),
        }),
      ),
    }),
  ),
  state: method(nothing, controlStateSchema),
  /** runs rows of the table on the open testbed, one after the other; answers when they are in the queue */
  start: method(
    v.object({
      rows: v.pipe(v.array(label), v.minLength(1), v.maxLength(200)),
      repeat: v.pipe(count, v.minValue(1), v.maxValue(1000)),
    }),
    nothing,
  ),
  /** ends the row that goes on (what is injected is taken back) and leaves out the rest */
  stop: method(nothing, nothing),
} as const
export type ControlService = Service<typeof control>
