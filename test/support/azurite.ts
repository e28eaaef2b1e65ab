import 'vitest'
import type { TestProject } from 'vitest/node'
import { startAzurite } from '../../local/azurite.ts'

/** One Azurite for the whole run, in memory, gone afterwards. */
export default async function azurite(project: TestProject): Promise<() => Promise<void>> {
  const { connectionString, stop } = await startAzurite().catch(() => startAzurite()) // a free port may have been taken
  project.provide('storage', connectionString)
  return stop
}

declare module 'vitest' {
  interface ProvidedContext {
    /** A connection string. Tables and queues are shared by all tests of the run: use names of your own. */
    storage: string
  }
}
