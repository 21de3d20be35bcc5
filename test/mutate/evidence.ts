import { lineSchema } from '../../labs/journal/schema.ts'
import type { Line } from '../../labs/journal/event.ts'

/** As much of a field's schema as is asked here: which values it can have, where they are a closed list. */
interface FieldSchema {
  readonly type: string
  readonly options?: readonly unknown[]
  readonly wrapped?: FieldSchema
}

const envelope = new Set(['seq', 'at', 'host', 'hostAt', 'prev', 'type', 'format', 'attempt'])
const values = (schema: FieldSchema): readonly string[] => {
  if (schema.wrapped) return values(schema.wrapped)
  if (schema.type === 'picklist') return (schema.options ?? []).map(String)
  return schema.type === 'boolean' ? ['true', 'false'] : []
}

/**
 * Every kind of event that a recording can hold, from the schema: `type`, and `type field=value` for each field that is a flag
 * or one of a closed list.
 */
export const evidenceKinds: readonly string[] = lineSchema.options.flatMap((option) => {
  const { type, ...fields } = option.entries
  const name: string = type.literal
  const parts = Object.entries(fields as unknown as Readonly<Record<string, FieldSchema>>)
    .filter(([field]) => !envelope.has(field))
    .flatMap(([field, schema]) => values(schema).map((value) => `${name} ${field}=${value}`))
  return [name, ...parts]
})

const known = new Set(evidenceKinds)

/** The kinds that a line is of. */
export function evidenceOf(line: Line): readonly string[] {
  const fields = Object.entries(line as unknown as Readonly<Record<string, unknown>>)
  return [line.type, ...fields.map(([field, value]) => `${line.type} ${field}=${String(value)}`)].filter((kind) =>
    known.has(kind),
  )
}
