import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []

const removeAll = () => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
}
// registered where a test file imports this, so that it is the last thing that the file does; benchmarks and pictures use
// the fakes as well, and they are programs that end
if (process.env['VITEST'] === undefined) process.once('exit', removeAll)
else (await import('vitest')).afterAll(removeAll)

/** A new folder of that name (and some letters) for a test, a hook or a fake. It is gone when the test file is done. */
export function temporaryDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `fencelab-${name}-`))
  made.push(directory)
  return directory
}
