import * as v from 'valibot'
import {
  count,
  fromLabs,
  label,
  method,
  moment,
  nothing,
  path,
  progressSchema,
  text,
  type Of,
  type Service,
} from './method.ts'
import type { Scene } from '../../labs/replay/scene.ts'
import type { Bed } from '../../labs/testbed-file/bed.ts'

export const connectionSchema = v.object({
  host: text,
  state: v.picklist(['connected', 'connecting', 'slow', 'gone']),
  reason: text,
})

const standingSchema = v.object({
  id: text,
  fault: text,
  title: text,
  target: v.record(text, text),
  state: v.picklist(['applying', 'in-force', 'doubtful', 'reverting']),
  evidence: text,
})
export type Standing = Of<typeof standingSchema>

export const labStateSchema = v.object({
  /** null: no testbed is open */
  bed: v.nullable(fromLabs<Bed>('name', 'hosts', 'record')),
  /**
   * `down`: a virtual lab whose machines do not run, or a rack that nobody has connected to. `open`: connected, looking.
   * `green`: the cluster runs and the lab can go back to this. `busy`: a row is being run, or the lab comes back from one
   */
  state: v.picklist(['closed', 'down', 'starting', 'open', 'green', 'busy', 'stopping', 'failed']),
  progress: v.nullable(progressSchema),
  /** what went wrong last */
  error: v.nullable(text),
  connections: v.array(connectionSchema),
  /** injected by hand and not taken back yet */
  standing: v.array(standingSchema),
  /** what runs that were killed left injected */
  left: v.array(v.object({ run: text, testbed: text, faults: v.array(text) })),
})
export type LabState = Of<typeof labStateSchema>

export const checkItemSchema = v.object({
  subject: text,
  name: text,
  host: v.exactOptional(text),
  ok: v.boolean(),
  text,
})
export type CheckItem = Of<typeof checkItemSchema>

/** Something that can be done to a thing of the testbed, and what it would hit. */
export const optionSchema = v.object({
  fault: text,
  title: text,
  target: v.record(text, text),
  /** everything that is hit, in words, to be read before it is confirmed */
  blast: v.array(text),
  /** undoing it, in words */
  undo: text,
})
export type FaultOption = Of<typeof optionSchema>

export const liveSceneSchema = v.object({
  scene: v.nullable(fromLabs<Scene>('nodes', 'links', 'luns')),
  /** the engine's clock at `scene.at`, milliseconds since the epoch: ages are counted from it */
  wall: moment,
  /** the run that this is a moment of, while one goes on */
  run: v.nullable(text),
  /** number of lines behind it: changes with every look */
  version: count,
})
export type LiveScene = Of<typeof liveSceneSchema>

const outletState = v.object({
  unit: text,
  outlet: text,
  state: v.picklist(['on', 'off', 'unknown']),
  why: v.exactOptional(text),
})

export const lab = {
  state: method(nothing, labStateSchema),
  /** makes a testbed the one that everything else is about; looks at it, and changes nothing there */
  open: method(v.object({ file: path }), nothing),
  /** brings it to all green: starts the machines of a virtual lab, and the cluster on them. Answers when that is done */
  start: method(nothing, nothing),
  /** ends the machines of a virtual lab, or the connections to a rack */
  stop: method(nothing, nothing),
  /** back to all green */
  reset: method(nothing, nothing),
  /** reaches every host and finds every LUN and link of a testbed file; reads only */
  check: method(v.object({ file: path }), v.object({ ok: v.boolean(), items: v.array(checkItemSchema) })),
  /** what is known of the lab now */
  scene: method(v.object({ allViewers: v.boolean() }), liveSceneSchema),
  /** what `sg_persist` printed in the look that is behind a table of the live scene */
  raw: method(v.object({ event: count }), v.object({ text })),
  /** faults that apply to a node, a link, a LUN's array, ... of the open testbed */
  options: method(
    v.object({ thing: v.record(v.pipe(text, v.maxLength(20)), label) }),
    v.object({ options: v.array(optionSchema) }),
  ),
  /** injects one by hand. `blast` is what the person has read and confirmed: it must be what would be hit */
  inject: method(
    v.object({
      fault: label,
      target: v.record(v.pipe(text, v.maxLength(20)), label),
      blast: v.pipe(v.array(text), v.maxLength(100)),
    }),
    standingSchema,
  ),
  /** takes a fault that was injected by hand back */
  revert: method(v.object({ id: label }), nothing),
  /** takes back what runs that were killed left */
  undo: method(nothing, v.object({ said: v.array(text) })),
  outlets: method(nothing, v.object({ outlets: v.array(outletState) })),
  /** switches an outlet and looks until the unit says that it is so */
  power: method(v.object({ unit: label, outlet: label, on: v.boolean() }), nothing),
} as const
export type LabService = Service<typeof lab>
