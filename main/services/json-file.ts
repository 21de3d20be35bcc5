import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { makeFolder } from '../make-folder.ts'

/**
 * A small file of settings: read with its schema, written whole. What cannot be read is as good as not there, because
 * nothing but comfort depends on it.
 */
export function jsonFile<S extends v.GenericSchema<unknown, unknown>>(file: string, schema: S) {
  let writing: Promise<void> = Promise.resolve()
  return {
    async read(): Promise<v.InferOutput<S>> {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '{}'
        throw error
      })
      const read = v.safeParse(schema, parsed(text))
      return read.success ? read.output : v.parse(schema, {})
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
