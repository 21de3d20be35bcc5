import * as v from 'valibot'
import { count, label, method, nothing, text, type Of, type Service } from './method.ts'

/**
 * unacknowledged characters above which a terminal's program is stopped, and below which it goes on: so much is left then
 * that the screen has something to work through until more of it comes
 */
export const highWater = 80_000
export const lowWater = 40_000
/** a view reports after so many characters */
export const takenEvery = 16_000

const size = {
  columns: v.pipe(count, v.minValue(2), v.maxValue(1000)),
  rows: v.pipe(count, v.minValue(1), v.maxValue(1000)),
}
export const terminalId = v.pipe(v.string(), v.regex(/^t\d{1,9}$/, 'a terminal'))

const terminalSchema = v.object({
  id: text,
  title: text,
  /** the host of the testbed; absent for a local program */
  host: v.exactOptional(text),
  /** what runs in it; absent for a login shell */
  argv: v.exactOptional(v.array(text)),
  state: v.picklist(['opening', 'open', 'ended', 'lost']),
  /** how it ended, or why it was lost */
  reason: text,
  columns: count,
  rows: count,
  /** characters that it has put out */
  written: count,
  recording: v.nullable(v.object({ file: text, since: v.number(), input: v.boolean() })),
})
export type Terminal = Of<typeof terminalSchema>

const programSchema = v.object({ program: text, title: text, argv: v.array(text), host: v.exactOptional(text) })

export const terminals = {
  list: method(nothing, v.object({ terminals: v.array(terminalSchema) })),
  /** where one can be opened: hosts of the open testbed, and programs on this computer */
  places: method(
    nothing,
    v.object({ hosts: v.array(v.object({ host: text, state: text, title: text })), programs: v.array(programSchema) }),
  ),
  open: method(
    v.object({
      host: v.exactOptional(label),
      program: v.exactOptional(label),
      argv: v.exactOptional(v.pipe(v.array(v.pipe(text, v.maxLength(4096))), v.minLength(1), v.maxLength(100))),
      ...size,
    }),
    terminalSchema,
  ),
  /** sends what came since `from`; with `cleared`, what was before that is no longer there */
  attach: method(v.object({ id: terminalId, from: count }), v.object({ from: count, text, cleared: v.boolean() })),
  write: method(v.object({ id: terminalId, text: v.pipe(text, v.maxLength(1024 * 1024)) }), nothing),
  resize: method(v.object({ id: terminalId, ...size }), nothing),
  close: method(v.object({ id: terminalId }), nothing),
  /** begins to record from now on (asciicast v3), or ends it. Input is recorded only where `input` says so */
  record: method(v.object({ id: terminalId, on: v.boolean(), input: v.boolean() }), terminalSchema),
  mark: method(v.object({ id: terminalId, label }), nothing),
} as const
export type TerminalsService = Service<typeof terminals>
