import { parseArgs } from 'node:util'
import { startTenant } from './server.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '7072' },
    'app-url': { type: 'string', default: 'http://127.0.0.1:7071' },
    /** Ends when its standard input does, so that it never outlives whoever started it. */
    'with-parent': { type: 'boolean', default: false },
  },
})

try {
  const { url } = await startTenant({ port: Number(values.port), appUrl: values['app-url'] })
  console.log(`Interim simulated tenant is ready: ${url}`)
} catch (error) {
  const busy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
  console.error(
    busy
      ? `The simulated tenant cannot listen on port ${values.port}: it is in use by another program.`
      : `${error}`,
  )
  process.exit(1)
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0))
if (values['with-parent']) process.stdin.resume().on('close', () => process.exit(0))
