import tseslint from 'typescript-eslint'

/**
 * The walls of the house: which room may import from which. `labs` is pure; `main` touches the world; `preload` is the
 * contract; `renderer` shows. Electron is for main/desktop and the bridge in preload alone.
 */
const rooms = {
  labs: { patterns: ['**/main/**', '**/preload/**', '**/renderer/**', 'node:*', 'electron', 'ssh2', 'net-snmp', 'ws'], why: 'labs/ is pure: no I/O, no Node API, nothing from other rooms' },
  preload: { patterns: ['**/main/**', '**/renderer/**'], why: 'preload/ is the contract: it may import labs/ only' },
  renderer: { patterns: ['**/main/**', 'node:*', 'electron'], why: 'renderer/ shows: it talks through the contract in preload/' },
  main: { patterns: ['**/renderer/**', 'electron'], why: 'main/ never imports the renderer, and Electron only in main/desktop' },
}
const walls = Object.entries(rooms).map(([room, { patterns, why }]) => ({
  files: [`${room}/**/*.{ts,mjs,vue}`],
  ignores: ['main/desktop/**'],
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: patterns, message: why }] }] },
}))

export default tseslint.config(
  { ignores: ['out/**', 'dist/**', 'node_modules/**', 'runs/**'] },
  ...tseslint.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
    },
  },
  ...walls,
)
