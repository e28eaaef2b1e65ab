import { spawn, spawnSync } from 'node:child_process'
import { FOR_MICROSOFTS_HOST, ROOT, startServices } from './stack.ts'

/** The same build under Microsoft's own host: Azure Functions Core Tools, if they are installed. */
if (spawnSync('func', ['--version'], { shell: process.platform === 'win32' }).status !== 0) {
  console.error(
    'Azure Functions Core Tools (the command "func") are not installed. Install them (version 4) and try again, or use "npm start", which needs nothing.',
  )
  process.exit(1)
}
try {
  const services = await startServices({ host: 7071, tenant: 7072, blob: 10000, queue: 10001, table: 10002 })
  const func = spawn('func', ['start', '--port', '7071'], {
    cwd: ROOT,
    env: { ...process.env, ...services.settings, ...FOR_MICROSOFTS_HOST },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  func.once('exit', async (code) => {
    await services.stop()
    process.exit(code ?? 0)
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => func.kill(signal))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
