import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDirectory } from '../directories.ts'

const file = () => join(stateDirectory(), 'durations.json')

async function all(): Promise<Record<string, number>> {
  const text = await readFile(file(), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  return JSON.parse(text) as Record<string, number>
}

/** Seconds that a row took when it was last run here; for the time left that is shown, and nothing else. */
export async function lastDuration(row: string): Promise<number | undefined> {
  return (await all())[row]
}

export async function keepDuration(row: string, seconds: number): Promise<void> {
  await mkdir(stateDirectory(), { recursive: true })
  await writeFile(file(), JSON.stringify({ ...(await all()), [row]: seconds }))
}
