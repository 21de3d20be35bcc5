import { readdirSync } from 'node:fs'
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
/**
 * Which rooms of its floor a room may import, lowest first: what is not named here is refused. No two rooms know each other. The
 * same table, with what each room is for, is in labs/docs/rooms.md (held equal by test/labs/docs.test.ts).
 */
export const roomImports = {
  labs: {
    power: [],
    scenarios: [],
    scsi: [],
    cluster: ['scsi'],
    journal: ['scenarios', 'scsi'],
    testbed: ['power'],
    sampling: ['journal', 'scsi'],
    stacks: ['cluster', 'journal', 'sampling', 'scsi', 'testbed'],
    faults: ['journal', 'scenarios', 'scsi', 'stacks', 'testbed'],
    'testbed-file': ['journal', 'stacks', 'testbed'],
    steps: ['faults', 'journal', 'scenarios', 'stacks', 'testbed', 'testbed-file'],
    virtual: ['faults', 'testbed'],
    verdicts: ['faults', 'journal', 'scenarios', 'scsi', 'stacks', 'steps', 'testbed', 'testbed-file'],
    timeline: ['journal', 'scsi', 'stacks', 'verdicts'],
    replay: ['journal', 'timeline', 'verdicts'],
    report: ['journal', 'scenarios', 'timeline', 'verdicts'],
  },
  main: {
    agent: [],
    power: [],
    recorder: [],
    transport: [],
    report: ['recorder'],
    ssh: ['transport'],
    terminals: ['transport'],
    hosts: ['ssh', 'transport'],
    replay: ['recorder', 'report'],
    hypervisor: ['hosts', 'transport'],
    log: ['hosts', 'transport'],
    stacks: ['agent', 'hosts'],
    virtual: ['hypervisor', 'log', 'power'],
    lab: ['hosts', 'hypervisor', 'log', 'power', 'stacks', 'transport', 'virtual'],
    locks: ['hypervisor', 'lab', 'log', 'transport'],
    engine: ['hosts', 'hypervisor', 'lab', 'locks', 'log', 'power', 'recorder', 'stacks', 'transport', 'virtual'],
    services: [
      'engine',
      'hosts',
      'lab',
      'locks',
      'log',
      'power',
      'recorder',
      'replay',
      'ssh',
      'terminals',
      'transport',
      'virtual',
    ],
    serve: ['services'],
    cli: [
      'engine',
      'lab',
      'locks',
      'log',
      'power',
      'recorder',
      'report',
      'serve',
      'services',
      'terminals',
      'transport',
      'virtual',
    ],
    desktop: ['engine', 'log', 'serve', 'services', 'terminals', 'virtual'],
    bench: ['cli', 'engine', 'lab', 'report'],
  },
  renderer: {
    rpc: [],
    host: ['rpc'],
    state: ['host', 'rpc'],
    parts: ['host', 'state'],
    keys: ['parts', 'state'],
    runs: ['parts', 'rpc', 'state'],
    table: ['parts', 'state'],
    terminals: ['parts', 'state'],
    testbeds: ['parts', 'state'],
    timeline: ['parts', 'state'],
    bench: ['keys', 'parts', 'state'],
    views: ['bench', 'keys', 'parts', 'runs', 'state', 'table', 'terminals', 'testbeds', 'timeline'],
  },
}

/** The same within the engine; `.` is what lies in the room itself. */
export const engineImports = {
  ready: [],
  inject: [],
  '.': ['inject'],
  observe: ['.', 'ready', 'inject'],
  run: ['.', 'ready', 'inject', 'observe'],
}

/** What `room` of a table may not import, as a pattern of eslint. @param way from a file of the room to the others */
const refusal = (floor, table, room, way) => {
  const others = Object.keys(table).filter((other) => other !== room && !table[room].includes(other))
  const message = `${floor}/${room} may import of ${floor}/: ${table[room].join(', ') || 'no other room'} (eslint.config.js)`
  const named = others.map((other) => (other === '.' ? String.raw`[^./]+\.ts$` : `${other}/`))
  return others.length === 0 ? [] : [{ regex: `^${way}(?:${named.join('|')})`, message }]
}
// the rule of the plugin is another one than ESLint's own, which holds the outer walls: both apply
const innerWall = (files, patterns) =>
  patterns.length === 0
    ? []
    : [{ files, rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } }]
const up = String.raw`(?:\.\./)+`
const innerWalls = [
  ...Object.entries(roomImports).flatMap(([floor, table]) =>
    Object.keys(table).flatMap((room) =>
      innerWall([`${floor}/${room}/**/*.{ts,mjs,vue}`], refusal(floor, table, room, up)),
    ),
  ),
  ...Object.keys(engineImports).flatMap((room) =>
    innerWall(
      [room === '.' ? 'main/engine/*.ts' : `main/engine/${room}/**/*.ts`],
      [
        ...refusal('main', roomImports.main, 'engine', up),
        ...refusal('main/engine', engineImports, room, room === '.' ? String.raw`\./` : String.raw`\.\./`),
      ],
    ),
  ),
]

/** A stack is known by its interface: whoever names one could not be used with another. */
const namesStack = {
  regex: String.raw`(^|/)stacks/[^/]+/`,
  message: 'a stack is found by its kind (labs/stacks/stack-of.ts) or handed in (lab.stack), not imported by its name',
}
/** labs/cluster is the reference cluster's own: its stack knows it, on both sides, and the agent that runs it on a node. */
const ownsCluster = 'reference'
const namesCluster = {
  regex: String.raw`(^|/)cluster/`,
  message: `labs/cluster is known to the stack "${ownsCluster}" and to main/agent alone: ask the stack`,
}
const wall = (files, ignores, { patterns, why }, ...more) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: patterns, message: why }, ...more] }] },
})
const desktop = {
  patterns: ['**/renderer/**'],
  why: 'main/desktop holds the window and knows nothing of what is in it',
}
const contract = {
  patterns: ['**/main/**', '**/renderer/**', 'electron', 'node:*'],
  why: 'the contract imports labs/ and the schema library only',
}

/** The folders of stacks: each may know itself, in labs/ and in main/, and no other. */
const stacks = readdirSync(new URL('labs/stacks', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const registries = { labs: 'labs/stacks/stacks.ts', main: 'main/stacks/drivers.ts' }
const message = 'only a registry (labs/stacks/stacks.ts, main/stacks/drivers.ts) knows the folders of stacks'
const wallsOfStacks = Object.entries(registries).flatMap(([room, registry]) => [
  wall([`${room}/stacks/*.ts`], [registry], rooms[room], namesStack, namesCluster, {
    regex: String.raw`^\./[^/]+/`,
    message,
  }),
  wall([registry], [], rooms[room], namesStack, namesCluster),
  ...stacks.map((name) =>
    wall(
      [`${room}/stacks/${name}/**/*.ts`],
      [],
      rooms[room],
      { regex: String.raw`(^|/)stacks/(?!${name}/)[^/]+/|^\.\./[^./][^/]*/`, message: 'a stack knows no other stack' },
      ...(name === ownsCluster ? [] : [namesCluster]),
    ),
  ),
])

const walls = [
  ...Object.entries(rooms).map(([room, inRoom]) =>
    wall(
      [`${room}/**/*.{ts,mjs,vue}`],
      ['main/desktop/**', 'renderer/vite.config.ts'],
      inRoom,
      namesStack,
      namesCluster,
    ),
  ),
  wall(['main/desktop/**/*.ts'], [], desktop, namesStack, namesCluster),
  // the contract is the same on both sides: only the bridge knows Electron
  wall(['preload/contract/**/*.ts'], [], contract, namesStack, namesCluster),
  wall(['labs/cluster/**/*.ts'], [], rooms.labs, namesStack),
  wall(['main/agent/**/*.ts'], [], rooms.main, namesStack),
  ...wallsOfStacks,
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
  ...innerWalls,
)
