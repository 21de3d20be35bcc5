import * as v from 'valibot'
import { count, label, method, nothing, path, text, type Of, type Service } from './method.ts'

export const fileText = v.pipe(v.string(), v.maxLength(1024 * 1024))

export const problemSchema = v.object({
  severity: v.picklist(['error', 'warning']),
  file: text,
  line: count,
  column: count,
  path: text,
  message: text,
  expected: text,
  source: text,
})
export type TestbedProblem = Of<typeof problemSchema>

const entrySchema = v.object({
  file: text,
  name: text,
  description: text,
  /** comes along with the program: can be copied, not changed */
  builtIn: v.boolean(),
  virtual: v.boolean(),
  destructive: v.boolean(),
  nodes: count,
  luns: count,
  problems: count,
})
export type TestbedEntry = Of<typeof entrySchema>

const sshHostSchema = v.object({
  alias: text,
  address: text,
  user: text,
  port: count,
  jump: v.array(text),
  error: v.exactOptional(text),
})
export type SshHost = Of<typeof sshHostSchema>

export const testbeds = {
  list: method(nothing, v.object({ testbeds: v.array(entrySchema), folder: text })),
  /** `hash` tells at saving whether somebody else changed the file meanwhile */
  read: method(v.object({ file: path }), v.object({ file: text, text, hash: text, builtIn: v.boolean() })),
  /** reads a text as a testbed; nothing is opened */
  check: method(
    v.object({ file: path, text: fileText }),
    v.object({
      ok: v.boolean(),
      problems: v.array(problemSchema),
      nodes: count,
      luns: count,
      links: count,
      hosts: count,
    }),
  ),
  /** writes the file whole. Refused where it changed on disk since `hash` */
  save: method(v.object({ file: path, text: fileText, hash: text }), v.object({ hash: text })),
  /** a new file of this name in the folder for testbeds */
  create: method(
    v.object({ name: v.pipe(text, v.regex(/^[A-Za-z][\w-]{0,60}$/, 'letters, digits, - and _')), text: fileText }),
    v.object({ file: text }),
  ),
  /** also show a file that lies elsewhere */
  add: method(v.object({ file: path }), nothing),
  /** the hosts of ~/.ssh/config, as ssh would reach them */
  sshHosts: method(nothing, v.object({ file: text, hosts: v.array(sshHostSchema) })),
  /** the text with these hosts put into it, everything else as it was */
  withSshHosts: method(
    v.object({
      text: fileText,
      hosts: v.pipe(
        v.array(v.object({ alias: label, role: v.picklist(['node', 'observer', 'array', 'hypervisor', 'jump']) })),
        v.maxLength(200),
      ),
    }),
    v.object({ text }),
  ),
} as const
export type TestbedsService = Service<typeof testbeds>
