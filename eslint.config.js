import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

/**
 * The walls of the house: which room may import from which. `labs` is pure; `main` touches the world; `preload` is the
 * contract; `renderer` shows. Electron is for main/desktop and the bridge in preload alone.
 */
const rooms = {
  labs: {
    patterns: ['**/main/**', '**/preload/**', '**/renderer/**', 'node:*', 'electron', 'ssh2', 'net-snmp', 'ws'],
    why: 'labs/ is pure: no I/O, no Node API, nothing from other rooms',
  },
  preload: { patterns: ['**/main/**', '**/renderer/**'], why: 'preload/ is the contract: it may import labs/ only' },
  renderer: {
    patterns: ['**/main/**', 'node:*', 'electron'],
    why: 'renderer/ shows: it talks through the contract in preload/',
  },
  main: {
    patterns: ['**/renderer/**', 'electron'],
    why: 'main/ never imports the renderer, and Electron only in main/desktop',
  },
}
const wall = (files, ignores, patterns, message, ...more) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: patterns, message }, ...more] }] },
})
const walls = [
  ...Object.entries(rooms).map(([room, { patterns, why }]) =>
    wall([`${room}/**/*.{ts,mjs,vue}`], ['main/desktop/**', 'renderer/vite.config.ts'], patterns, why),
  ),
  wall(
    ['main/desktop/**/*.ts'],
    [],
    ['**/renderer/**'],
    'main/desktop holds the window and knows nothing of what is in it',
  ),
  // the engine knows a stack through its interface alone: which one it is, the testbed says
  wall(['main/**/*.{ts,mjs}'], ['main/stacks/**', 'main/desktop/**'], rooms.main.patterns, rooms.main.why, {
    regex: String.raw`^(\.\.?/)+stacks/[^/]+/`,
    message: 'a stack is reached through main/stacks/stack-driver.ts (lab.stack), not by its name',
  }),
  // the contract is the same on both sides: only the bridge knows Electron
  wall(
    ['preload/contract/**/*.ts'],
    [],
    ['**/main/**', '**/renderer/**', 'electron', 'node:*'],
    'the contract imports labs/ and the schema library only',
  ),
]

export default tseslint.config(
  { ignores: ['out/**', 'dist/**', 'node_modules/**', 'runs/**'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
    rules: {
      // how a template is laid out is prettier's business
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
      'vue/require-default-prop': 'off',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/no-v-html': 'error',
    },
  },
  {
    files: ['**/*.{ts,vue}'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.vue'] },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', caughtErrors: 'all', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
    },
  },
  ...walls,
)
