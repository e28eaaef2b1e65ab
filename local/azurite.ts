import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { freePort } from './free-port.ts'

export type Azurite = { connectionString: string; ports: Ports; pid: number; stop(): Promise<void> }
type Ports = { blob: number; queue: number; table: number }

/** Microsoft's published development account: the same on every machine, a secret to nobody. */
const ACCOUNT = 'devstoreaccount1'
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

/** Azurite, ended when the process that started it is gone, however it went. */
const WITH_PARENT = 'process.stdin.on("close", () => process.exit()).resume(); require(process.argv[1])'

/**
 * Starts Azurite (blob, queue and table) as a process of its own, in memory, on 127.0.0.1. Ports that are not
 * given are free ones. Throws with what Azurite said when it does not come up, a busy port named.
 */
export async function startAzurite(given: Partial<Ports> = {}): Promise<Azurite> {
  const ports = {
    blob: given.blob ?? (await freePort()),
    queue: given.queue ?? (await freePort()),
    table: given.table ?? (await freePort()),
  }
  const main = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js')
  const args = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent']
  for (const [service, port] of Object.entries(ports))
    args.push(`--${service}Host`, '127.0.0.1', `--${service}Port`, `${port}`)
  const child = spawn(process.execPath, ['-e', WITH_PARENT, main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })

  let said = ''
  await new Promise<void>((ready, failed) => {
    const listen = (chunk: Buffer) => {
      said += chunk
      if (/Table service is successfully listening/.test(said)) return ready()
      const busy = /EADDRINUSE[^\n]*:(\d+)/.exec(said)
      if (busy)
        failed(new Error(`Azurite cannot listen on port ${busy[1]}: it is in use by another program.`))
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', (code) => failed(new Error(`Azurite ended with code ${code}: ${said.trim()}`)))
  })
  for (const out of [child.stdout, child.stderr]) out.removeAllListeners('data').resume() // nobody reads on

  const at = (service: string, port: number) => `${service}Endpoint=http://127.0.0.1:${port}/${ACCOUNT};`
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};${at('Blob', ports.blob)}${at('Queue', ports.queue)}${at('Table', ports.table)}`,
    ports,
    pid: child.pid as number,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL') // in memory: there is nothing to save
      await once(child, 'exit')
    },
  }
}
