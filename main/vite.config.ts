import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { agentCode } from './agent/bundle.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The agent that is sent to nodes: one file for their Node 18. */
const agent: Plugin = {
  name: 'agent',
  async generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'agent.cjs', source: await agentCode() })
  },
}

/**
 * The engine and the processes around it, all side by side in out/engine. They run in Electron's utility processes and
 * under plain Node (20.18 and later). They bring along what they need, but for native code and packages that look for
 * files beside themselves: those are packed as they are (electron-builder.yml lists them).
 */
export default defineConfig({
  root: here('.'),
  plugins: [agent],
  publicDir: false,
  ssr: {
    noExternal: true,
    external: ['@lydell/node-pty', 'ssh2', 'net-snmp', 'rolldown', 'bufferutil', 'utf-8-validate'],
  },
  build: {
    ssr: true,
    outDir: here('../out/engine'),
    emptyOutDir: true,
    target: 'node20.18',
    sourcemap: true,
    minify: false,
    rollupOptions: {
      input: {
        engine: here('./desktop/engine-process.ts'),
        'pty-process': here('./terminals/pty-process.ts'),
        'reader-thread': here('./replay/reader-thread.ts'),
        cli: here('./cli/built.ts'),
        relay: here('./virtual/relay.mjs'),
      },
      // .mjs: in a packed program no package.json lies above them
      output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: 'part-[name]-[hash].mjs' },
    },
  },
})
