// npm run bench: measures on the virtual lab. Prints times and ratios of one run; judges nothing.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { explainMissing, newerNode, prepareDependencies, preparePackages, root } from './prepare.mjs'

const missing = await preparePackages()
await prepareDependencies()
if (missing.length > 0) {
  process.stderr.write(explainMissing(missing))
  process.exit(3)
}
const child = spawn(newerNode(), [join(root, 'main/bench/bench.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
child.once('exit', (code) => process.exit(code ?? 3))
