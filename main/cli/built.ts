/** The command line's entry in a build, where nothing is left to be stripped of types. */
try {
  const { main } = await import('./main.ts')
  await main(process.argv.slice(2))
} catch (error) {
  // not even started: Node's own status for that is 1, which means that a row failed
  process.stderr.write(`fencelab cannot be started: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(3)
}

export {}
