import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { inLanes } from './world.ts'

/** What nothing can be faster than, measured in the same run: bare calls, without any library. */
export type Floor = {
  /** Milliseconds of each of so many round trips to the table service, reads and writes by turns. */
  trips(count: number, lanes?: number): Promise<number[]>
  stop(): void
}

const TABLE = 'BenchFloor'

export async function storageFloor(connectionString: string): Promise<Floor> {
  const setting = (name: string) => new RegExp(`${name}=([^;]+)`).exec(connectionString)?.[1] as string
  const account = setting('AccountName')
  const key = Buffer.from(setting('AccountKey'), 'base64')
  const base = new URL(setting('TableEndpoint'))
  const agent = new Agent({ keepAlive: true })

  const call = async (method: string, place: string, body?: object) => {
    const path = `${base.pathname.replace(/\/$/, '')}/${place}`
    const date = new Date().toUTCString()
    const signed = createHmac('sha256', key).update(`${date}\n/${account}${path}`).digest('base64')
    const text = body ? JSON.stringify(body) : undefined
    return answered(
      request({
        agent,
        host: base.hostname,
        port: base.port,
        method,
        path,
        headers: {
          'x-ms-date': date,
          'x-ms-version': '2019-02-02',
          authorization: `SharedKeyLite ${account}:${signed}`,
          accept: 'application/json;odata=minimalmetadata',
          ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      }),
      text,
    )
  }

  await call('POST', 'Tables', { TableName: TABLE })
  const doc = 'x'.repeat(1500) // as long as a request's row
  let row = 0
  return {
    async trips(count, lanes = 1) {
      const took: number[] = []
      const each = Array.from({ length: count }, (_, n) => n)
      await inLanes(lanes, each, async (n) => {
        const place = `${TABLE}(PartitionKey='p${n % 20}',RowKey='r${n % 2 ? row : ++row}')`
        const from = performance.now()
        const status = n % 2 === 0 ? await call('PUT', place, { doc }) : await call('GET', place)
        if (status >= 400 && status !== 404) throw new Error(`The storage answered ${status}.`)
        took.push(performance.now() - from)
      })
      return took
    },
    stop: () => agent.destroy(),
  }
}

/** Bare GETs of any address. */
export async function gets(url: string, count: number, lanes: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes })
  const took: number[] = []
  await inLanes(lanes, Array.from({ length: count }), async () => {
    const from = performance.now()
    const status = await answered(request(url, { agent }))
    if (status >= 400) throw new Error(`${url} answered ${status}.`)
    took.push(performance.now() - from)
  })
  agent.destroy()
  return took
}

async function answered(call: ReturnType<typeof request>, body?: string): Promise<number> {
  call.end(body)
  const [response] = await once(call, 'response')
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

const BARE = `
const server = require('node:http').createServer((_, response) => response.end('pong'))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('close', () => process.exit()).resume()`

/** A process that does nothing but answer. */
export async function bareServer(): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, ['-e', BARE], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [port] = await once(child.stdout, 'data')
  return { url: `http://127.0.0.1:${`${port}`.trim()}/`, stop: () => child.kill() }
}

/** Processor time that a process has used so far: what stays comparable when others keep the machine busy. */
export function cpuMillis(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

export const residentMegabytes = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
}
export const p50 = (values: readonly number[]) => percentile(values, 0.5)
