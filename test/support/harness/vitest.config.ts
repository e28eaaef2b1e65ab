import { defineConfig } from 'vitest/config'

/** Kills, faults and messages: whole stacks behind a proxy. */
export default defineConfig({
  test: {
    name: 'attacks',
    include: ['test/{kill,faults}/**/*.test.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
  },
})
