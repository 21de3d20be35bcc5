import { availableParallelism } from 'node:os'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/**
 * Three projects: `unit` needs nothing but Node; `lab` drives the virtual lab (real kernels under emulation), and `e2e`
 * the window, both one file after the other: they share machines and this computer's processors.
 */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [vue()],
        test: {
          name: 'unit',
          include: ['test/{labs,main,mutate,preload,renderer}/**/*.test.ts'],
          setupFiles: ['test/cases.ts', 'test/count-repeats.ts'],
          // much of what they wait for is other processes: a worker for each processor, and none is kept free
          maxWorkers: availableParallelism(),
          testTimeout: 20_000 * Math.max(1, Number(process.env['FENCELAB_FUZZ'] ?? 1)),
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          setupFiles: ['test/count-repeats.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          globalSetup: ['test/lab/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: ['test/count-repeats.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
