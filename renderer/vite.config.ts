import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** The interface as static files, the same for the browser and for Electron's window (Chrome 130 and later). */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [vue()],
  build: {
    outDir: fileURLToPath(new URL('../out/renderer', import.meta.url)),
    emptyOutDir: true,
    target: 'chrome130',
    sourcemap: true,
    chunkSizeWarningLimit: 1500,
    // nothing is fetched from anywhere but its own folder, and nothing is inlined as data that the policy would refuse
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
