#!/usr/bin/env node
// Starts the command line. In a checkout the sources run as they are, which takes a Node that strips types; an older one
// hands over to the Node that the dependencies bring along.
import { existsSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

if (process.features.typescript) {
  try {
    const { main } = await import('./main.ts')
    await main(process.argv.slice(2))
  } catch (error) {
    // not even started: Node's own status for that is 1, which means that a row failed
    process.stderr.write(`fencelab cannot be started: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(3)
  }
} else {
  const newer = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))
  if (!existsSync(newer)) {
    process.stderr.write(
      `fencelab needs Node 22.18 or later (this is ${process.version}); "npm ci" in the checkout brings one along\n`,
    )
    process.exit(3)
  }
  const child = spawn(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  // a terminal's Ctrl-C reaches the child too, which undoes what it injected; this one only waits for it
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => signal === 'SIGINT' || child.kill(signal))
  }
  child.once('error', (error) => {
    process.stderr.write(
      `fencelab: ${newer} cannot be started: ${error.message}; "npm ci" in the checkout puts it back\n`,
    )
    process.exit(3)
  })
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 3)))
}
