// npm start: sets up what is missing, boots the virtual lab and runs the main job.
import { explainMissing, prepareDependencies, preparePackages, runFencelab } from './prepare.mjs'

try {
  const missing = await preparePackages()
  await prepareDependencies()
  if (missing.length > 0) {
    process.stderr.write(explainMissing(missing))
    process.exit(3)
  }
  process.stderr.write('Running the first row of the documented table on the virtual lab: both private networks fail.\n')
  process.exit(await runFencelab(['run', 'virtual', 'both-private-networks-fail', ...process.argv.slice(2)]))
} catch (error) {
  process.stderr.write(`npm start: ${error.message}\n`)
  process.exit(3)
}
