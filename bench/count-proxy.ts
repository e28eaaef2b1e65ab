import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { describe, type RoundTrip } from './round-trip.ts'

export type CountProxy = {
  /** The given connection string, with tables and queues through here. */
  connectionString: string
  /** Everything counted since the last call, in the order of the answers. */
  take(): RoundTrip[]
  /** Resolves at the next answered round trip of which this is true. */
  seen(isIt: (trip: RoundTrip) => boolean): Promise<RoundTrip>
  /** While held, whoever takes messages out of queues is told that there are none. */
  holdQueues(held: boolean): void
  stop(): Promise<void>
}

const EMPTY_QUEUE = '<?xml version="1.0" encoding="utf-8"?><QueueMessagesList />'

/**
 * Stands between a host and Azurite and counts. Nothing is changed on the way: the signature of a request covers its
 * account and path, not the address it is sent to.
 */
export async function startCountProxy(
  connectionString: string,
  { keep = true }: { keep?: boolean } = {},
): Promise<CountProxy> {
  let trips: RoundTrip[] = []
  let watchers: { isIt: (trip: RoundTrip) => boolean; resolve: (trip: RoundTrip) => void }[] = []
  let held = false
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })

  const note = (trip: RoundTrip) => {
    if (keep) trips.push(trip)
    const hit = watchers.filter(({ isIt }) => isIt(trip))
    if (hit.length === 0) return
    watchers = watchers.filter((each) => !hit.includes(each))
    for (const { resolve } of hit) resolve(trip)
  }

  const pass = async (
    service: 'table' | 'queue',
    to: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    const from = performance.now()
    const body = await read(request)
    const text = body.toString()
    const described = describe(service, request.method ?? 'GET', request.url ?? '/', text)
    if (held && described.does === 'receive') {
      response.writeHead(200, { 'content-type': 'application/xml' }).end(EMPTY_QUEUE)
      return
    }
    const onward = send({
      agent,
      host: to.hostname,
      port: to.port,
      method: request.method,
      path: request.url,
      headers: request.headers,
    })
    onward.end(body)
    const [answer] = (await once(onward, 'response')) as [IncomingMessage]
    const answered = await read(answer)
    const at = performance.now()
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(answered)
    const bytes = body.length + answered.length
    note({ ...described, status: answer.statusCode ?? 0, bytes, at, millis: at - from, body: text })
  }

  const listen = async (service: 'table' | 'queue', address: string) => {
    const to = new URL(address)
    const server = createServer((request, response) => {
      pass(service, to, request, response).catch(() => response.destroy())
    })
    server.keepAliveTimeout = 60_000
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const here = new URL(address)
    here.port = `${(server.address() as AddressInfo).port}`
    return { server, here: here.href }
  }

  const table = await listen('table', endpoint(connectionString, 'Table'))
  const queue = await listen('queue', endpoint(connectionString, 'Queue'))
  return {
    connectionString: connectionString
      .replace(/TableEndpoint=[^;]+/, `TableEndpoint=${table.here}`)
      .replace(/QueueEndpoint=[^;]+/, `QueueEndpoint=${queue.here}`),
    take() {
      const taken = trips
      trips = []
      return taken
    },
    seen: (isIt) => new Promise((resolve) => watchers.push({ isIt, resolve })),
    holdQueues(hold) {
      held = hold
    },
    async stop() {
      for (const { server } of [table, queue]) {
        server.close()
        server.closeAllConnections()
      }
      agent.destroy()
    },
  }
}

function endpoint(connectionString: string, service: 'Table' | 'Queue'): string {
  const found = new RegExp(`${service}Endpoint=([^;]+)`).exec(connectionString)?.[1]
  if (!found) throw new Error(`The connection string has no ${service}Endpoint.`)
  return found
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
