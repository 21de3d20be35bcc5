/** What is asked of the text of the program, without running it: format, lint, types. */
const vueTsc = 'node_modules/vue-tsc/bin/vue-tsc.js'
const tsc = 'node_modules/typescript/bin/tsc'

export const staticChecks = [
  { name: 'format', words: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', words: ['node_modules/eslint/bin/eslint.js', '.'] },
  { name: 'types', words: [tsc, '--noEmit', '-p', '.'] },
  { name: 'types of the pure room', words: [tsc, '--noEmit', '-p', 'labs'] },
  { name: 'types of the contract and its bridge', words: [tsc, '--noEmit', '-p', 'preload'] },
  { name: 'types of the interface', words: [vueTsc, '--noEmit', '-p', 'renderer'] },
  { name: 'types of its tests', words: [vueTsc, '--noEmit', '-p', 'test/renderer'] },
  { name: 'types of the end-to-end tests', words: [tsc, '--noEmit', '-p', 'test/e2e'] },
]
