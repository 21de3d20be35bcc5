import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDirectory } from '../../directories.ts'
import { makeFolder } from '../../make-folder.ts'

const file = () => join(stateDirectory(), 'durations.json')

async function all(): Promise<Record<string, number>> {
  const text = await readFile(file(), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  try {
    return JSON.parse(text) as Record<string, number>
  } catch (error) {
    // only what is shown depends on it: a file that is damaged is as good as none
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** Seconds that a row took when it was last run here; for the time left that is shown, and nothing else. */
export async function lastDuration(row: string): Promise<number | undefined> {
  return (await all())[row]
}

export async function keepDuration(row: string, seconds: number): Promise<void> {
  makeFolder(stateDirectory())
  const made = `${file()}.${process.pid}`
  await writeFile(made, JSON.stringify({ ...(await all()), [row]: seconds }))
  await rename(made, file())
}
