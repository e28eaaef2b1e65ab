import './clock/moved-date.ts'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startHost } from './host.ts'
import { Refusal } from './refusal.ts'
import { loadLocalSettings } from './settings.ts'

const DEFAULT_PORT = 7071

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { root: { type: 'string' }, port: { type: 'string' } } })
  const root = resolve(values.root ?? '.')
  const settings = await loadLocalSettings(root)
  const host = await startHost(root, Number(values.port ?? settings.port ?? DEFAULT_PORT))
  console.log(`Interim local host is ready: ${host.url}`)

  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    // Whatever hangs, the process is gone within two seconds.
    setTimeout(() => process.exit(0), 1900).unref()
    void host.stop().finally(() => process.exit(0))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  // Whoever started this process as a child is gone: so is its host.
  process.on('disconnect', () => process.exit(0))
}

// Microsoft's host starts a new worker after such an error and goes on; so does this one, without the new worker.
process.on('unhandledRejection', (reason) => console.error('error unhandled rejection:', reason))
process.on('uncaughtException', (error) => console.error('error uncaught exception:', error))

main().catch((error) => {
  const reasons =
    error instanceof Refusal ? error.reasons : [`The local host failed to start: ${error?.stack ?? error}`]
  for (const reason of reasons) console.error(reason)
  process.exit(1)
})
