import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Files share their modules: none of these has a state, and to load them anew for each file took longer than the tests.
          isolate: false,
          maxWorkers: 2,
          include: ['{src,scripts}/**/*.test.{ts,tsx}', 'test/unit/**/*.test.{ts,tsx}'],
          testTimeout: 20_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        // Needs a Docker engine and the kind cluster. Two files at a time: most of what they do is to wait for pods. What they share they use
        // under names, namespaces and ports of their own.
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          maxWorkers: 2,
          // Tests of a file that have projects of their own wait beside each other; more at once than this only slow each other down.
          maxConcurrency: 3,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // What a busy cluster does late is not done wrong.
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
})
