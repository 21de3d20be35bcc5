// npm run bench [-- lab|interface [WORD...]]: measures on the virtual lab, and in the window. Prints times and ratios of one
// run beside what is aimed at; judges nothing.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { explainMissing, newerNode, prepareDependencies, preparePackages, root } from './prepare.mjs'

const [what, ...rest] = process.argv.slice(2)
const known = { lab: 'main/bench/bench.ts', interface: 'test/e2e/measure-interface.ts' }
const wanted = what in known ? [what] : Object.keys(known)
const words = what in known ? rest : process.argv.slice(2)

const notThere = await preparePackages({ chromium: 'chromium' })
const missing = notThere.filter((name) => name !== 'chromium')
await prepareDependencies()
if (missing.length > 0 && wanted.includes('lab')) {
  process.stderr.write(explainMissing(missing))
  process.exit(3)
}
for (const name of wanted) {
  const child = spawn(newerNode(), [join(root, known[name]), ...(wanted.length === 1 || name === 'lab' ? words : [])], {
    cwd: root,
    stdio: 'inherit',
  })
  const code = await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 3)))
  if (code !== 0) process.exit(code)
}
