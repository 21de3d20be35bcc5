/** Makes the agent one CommonJS file for Node 18, which is what a node's distribution brings. */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Builds out/agent.cjs. An unchanged file is left alone.
 * @returns its path and the SHA-256 (hex) of its content, by which a host can tell whether it has it already
 * @throws Error of the bundler if the sources do not build
 */
export async function bundleAgent(): Promise<{ readonly file: string; readonly sha256: string }> {
  const bundle = await rolldown({
    input: join(root, 'main/agent/agent.ts'),
    cwd: root,
    platform: 'node',
    transform: { target: 'node18' },
    logLevel: 'warn',
  })
  try {
    const { output } = await bundle.generate({ format: 'cjs' })
    const [entry] = output
    if (output.length !== 1) throw new Error(`the agent must be one file, the bundler made ${output.length}`)
    const sha256 = createHash('sha256').update(entry.code).digest('hex')
    const file = join(root, 'out/agent.cjs')
    const present = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    if (present !== entry.code) {
      await mkdir(join(root, 'out'), { recursive: true })
      // Written aside and renamed: a second process never sees half a file.
      const aside = `${file}.${process.pid}`
      await writeFile(aside, entry.code)
      await rename(aside, file)
    }
    return { file, sha256 }
  } finally {
    await bundle.close()
  }
}
