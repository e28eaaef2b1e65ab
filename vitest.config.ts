import { defineConfig } from 'vitest/config'

/** Whole stacks of processes on a busy machine: what fails twice has failed. Rules and adapters get no second chance. */
const stacks = { retry: 1, testTimeout: 120_000, hookTimeout: 120_000 }

/** One worker for many files, which keeps what it has loaded, and the stack that some of them share. */
const together = { isolate: false }

const project = (name: string, include: string[], more: object = {}) => ({
  test: { name, include, ...more },
})

export default defineConfig({
  test: {
    maxWorkers: 3, // for two cores: some of the time is spent waiting for processes of their own
    projects: [
      project('layout', ['test/*.test.ts']),
      project('unit', ['test/{domain,words,workflows,api,activities}/**/*.test.ts'], {
        ...together,
        pool: 'threads',
        testTimeout: 30_000,
      }),
      project('storage', ['test/adapters/**/*.test.ts', 'test/functions/**/*.test.ts'], {
        ...together,
        globalSetup: 'test/support/azurite.ts',
        testTimeout: 20_000,
      }),
      project('local', ['test/local/**/*.test.ts'], {
        retry: 1,
        globalSetup: 'test/support/azurite.ts',
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      project('harness', ['test/{kill,faults}/**/*.test.ts'], {
        ...stacks,
        ...together,
        testTimeout: 300_000,
      }),
      project('attacks', ['test/attacks/**/*.test.ts'], { ...stacks, ...together }),
      project('budget', ['test/budget/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('journeys', ['test/journeys/**/*.test.ts'], { ...stacks, ...together }),
    ],
  },
})
