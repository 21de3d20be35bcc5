import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { makeFolder } from '../make-folder.ts'

/**
 * A small file of settings: read with its schema, written whole. What of it cannot be read is as good as not there, because
 * nothing but comfort depends on it; one bad setting takes none of the others with it. Reading never rejects, whatever is
 * the matter with the file: whoever writes it is told.
 */
export function jsonFile<S extends v.GenericSchema<unknown, unknown>>(file: string, schema: S) {
  let writing: Promise<void> = Promise.resolve()
  return {
    async read(): Promise<v.InferOutput<S>> {
      const text = await readFile(file, 'utf8').catch(() => '{}')
      return salvaged(schema, parsed(text))
    },
    /** One after the other; the last one stays. */
    write(value: v.InferOutput<S>): Promise<void> {
      const write = async () => {
        makeFolder(dirname(file))
        await writeFile(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
        await rename(`${file}.new`, file)
      }
      writing = writing.then(write, write)
      return writing
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** more bad settings than this, and nothing of the file is believed */
const mostBad = 200

/** The value without those of its parts that the schema does not take; what the schema makes of nothing where none is left. */
export function salvaged<S extends v.GenericSchema<unknown, unknown>>(schema: S, value: unknown): v.InferOutput<S> {
  for (let round = 0; round < mostBad; round += 1) {
    const read = v.safeParse(schema, value)
    if (read.success) return read.output
    const [issue] = read.issues
    if (!issue.path || !removed(issue.path)) break
  }
  return v.parse(schema, {})
}

/** Takes the part at the end of the path out of the object or list that it lies in. */
function removed(path: readonly v.IssuePathItem[]): boolean {
  const last = path.at(-1)
  const owner = last?.input
  if (Array.isArray(owner)) return owner.splice(Number(last?.key), 1).length > 0
  return typeof owner === 'object' && owner !== null && Reflect.deleteProperty(owner, String(last?.key))
}
