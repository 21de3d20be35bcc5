import * as v from 'valibot'
import { count, label, method, nothing, path, text, type Of, type Service } from './method.ts'

export const views = ['bench', 'table', 'runs', 'keys', 'terminals', 'testbeds'] as const
export type ViewName = (typeof views)[number]

const share = v.pipe(v.number(), v.minValue(0.05), v.maxValue(0.95))

/** What of the interface survives a restart. Every field may be absent: older and newer programs share the file. */
export const interfaceStateSchema = v.object({
  theme: v.optional(v.picklist(['system', 'light', 'dark']), 'system'),
  view: v.optional(v.picklist(views), 'bench'),
  /** file of the testbed that was open last */
  testbed: v.exactOptional(path),
  /** the run that was open last, by its folder's name */
  run: v.exactOptional(label),
  /** somebody has seen the explanation of the first start */
  welcomed: v.optional(v.boolean(), false),
  /** where panes are divided, by the name of the divider */
  dividers: v.optional(v.record(v.pipe(v.string(), v.maxLength(40)), share), {}),
  terminal: v.optional(
    v.object({
      fontSize: v.optional(v.pipe(count, v.minValue(8), v.maxValue(28)), 13),
      /** lines that can be scrolled back to */
      scrollback: v.optional(v.pipe(count, v.minValue(100), v.maxValue(200_000)), 10_000),
    }),
    {},
  ),
  /** how terminals are laid out in tabs and splits, as the view writes it */
  terminalLayout: v.optional(v.pipe(v.string(), v.maxLength(20_000)), ''),
  runFilter: v.optional(v.record(v.pipe(v.string(), v.maxLength(40)), v.pipe(v.string(), v.maxLength(200))), {}),
})
export type InterfaceState = Of<typeof interfaceStateSchema>

export const aboutSchema = v.object({
  version: text,
  platform: text,
  node: text,
  /** where recordings are kept */
  runs: text,
  /** programs that the virtual lab needs and that are not installed; empty: it can be started */
  missing: v.array(text),
})

export const system = {
  about: method(nothing, aboutSchema),
  loadState: method(nothing, interfaceStateSchema),
  /** replaces what was kept; whoever saves last is right */
  saveState: method(interfaceStateSchema, nothing),
} as const
export type SystemService = Service<typeof system>
