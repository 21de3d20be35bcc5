import { spawn } from 'node:child_process'

/**
 * Runs a tool of this computer to its end and gives its standard output. Not for lab hosts: their commands go through the
 * runner, which records them.
 * @throws Error with the tool's name, its exit status and the last lines it wrote to its error output
 */
export function runTool(
  argv: readonly string[],
  options: { signal?: AbortSignal; cwd?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const [command = '', ...rest] = argv
    const child = spawn(command, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4000)))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${command} ended with ${code}:\n${errors.trim().split('\n').slice(-15).join('\n')}`))
    })
  })
}
