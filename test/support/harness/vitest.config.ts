import { defineConfig } from 'vitest/config'

/** Later parts of a campaign, and selections of it, are without the stories that are told once. */
const { SHARD = '1/1', PLACE, TARGET, KIND } = process.env
const isAll = SHARD.startsWith('1/') && !PLACE && !TARGET && !KIND

/** Kills, faults and messages: whole stacks behind a proxy. One file at a time, each with as many stacks as it likes. */
export default defineConfig({
  test: {
    name: 'attacks',
    include: isAll
      ? ['test/{kill,faults}/**/*.test.ts']
      : ['test/kill/kill.test.ts', 'test/faults/faults.test.ts'],
    fileParallelism: false,
    testTimeout: 24 * 3_600_000,
    hookTimeout: 60_000,
  },
})
