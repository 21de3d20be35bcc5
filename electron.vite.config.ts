import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'
import renderer from './renderer/vite.config.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * The window: its process, its preload script, and the interface. Built for Electron 33 (Node 20.18, Chrome 130) and
 * later. The engine's process is built by main/vite.config.ts, because it runs under plain Node, too.
 */
export default defineConfig({
  main: {
    build: {
      outDir: here('out/main'),
      target: 'node20.18',
      minify: false,
      sourcemap: true,
      externalizeDeps: false,
      // CommonJS is loaded at once: what must be said before Electron is ready would come too late in a module
      rollupOptions: {
        input: { desktop: here('main/desktop/desktop.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  preload: {
    build: {
      outDir: here('out/preload'),
      target: 'node20.18',
      minify: false,
      externalizeDeps: false,
      // a sandboxed preload script is one CommonJS file
      rollupOptions: {
        input: { bridge: here('preload/bridge.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: { ...renderer, build: { ...renderer.build, rollupOptions: { input: here('renderer/index.html') } } },
})
