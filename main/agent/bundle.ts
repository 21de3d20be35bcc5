/** Makes the agent one CommonJS file for Node 18, which is what a node's distribution brings. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../root.ts'

export interface AgentFile {
  readonly file: string
  /** of its content, hex: by it a host can tell whether it has it already */
  readonly sha256: string
}

/**
 * The agent as one file. In a checkout out/agent.cjs is built anew, and left alone where nothing changed; a built program
 * has it beside its entries.
 * @throws Error of the bundler if the sources do not build
 */
export async function bundleAgent(): Promise<AgentFile> {
  const inBuild = fileURLToPath(new URL('./agent.cjs', import.meta.url))
  if (existsSync(inBuild)) return { file: inBuild, sha256: sha256(await readFile(inBuild, 'utf8')) }
  const file = join(root, 'out/agent.cjs')
  const code = await agentCode()
  const present = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (present !== code) {
    await mkdir(join(root, 'out'), { recursive: true })
    // Written aside and renamed: a second process never sees half a file.
    const aside = `${file}.${process.pid}`
    await writeFile(aside, code)
    await rename(aside, file)
  }
  return { file, sha256: sha256(code) }
}

/** The agent's sources as the text of one file. */
export async function agentCode(): Promise<string> {
  // a built program comes without the bundler
  const { rolldown } = await import('rolldown')
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
    return entry.code
  } finally {
    await bundle.close()
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
