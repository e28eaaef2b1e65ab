import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Call, describe, type Service } from './call.ts'

/** What becomes of a call: it goes through, the connection is cut, nothing is ever heard of it, or this is the answer. */
export type Fate =
  | 'pass'
  | 'cut'
  | 'silence'
  | { status: number; headers?: Record<string, string>; body?: string }

/** Somebody between the host and the outside. */
export type Meddler = {
  /** Before anything is done outside. */
  before?(call: Call): Fate | Promise<Fate>
  /** It is done, and the answer is here; the host does not know yet. */
  after?(call: Call): Fate | Promise<Fate>
}

type Answer = { status: number; headers: string[]; body: Buffer }

/**
 * An HTTP proxy for each service that the host process talks to. Everything is passed on to the letter, Host header
 * included, because requests are signed; and every call can be counted, held up, spoilt, or be the host's last.
 */
export class Proxy {
  readonly calls: Call[] = []
  meddler: Meddler = {}
  readonly ports = {} as Record<Service, number>
  /** Queue messages that the host has taken and not given back, with their latest receipts. */
  readonly held = new Map<string, { queue: string; receipt: string }>()
  private count = 0
  private life = 0
  private open = 0
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 })
  private readonly servers: Server[] = []
  private readonly upstream: Record<Service, number>

  constructor(upstream: Record<Service, number>) {
    this.upstream = upstream
  }

  async start(): Promise<this> {
    for (const service of Object.keys(this.upstream) as Service[]) {
      const server = createServer((req, res) => {
        this.open++
        this.serve(service, req, res)
          .catch(() => req.socket.destroy())
          .finally(() => this.open--)
      })
      server.keepAliveTimeout = 60_000
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      this.ports[service] = (server.address() as AddressInfo).port
      this.servers.push(server)
    }
    return this
  }

  stop(): void {
    this.agent.destroy()
    for (const server of this.servers) {
      server.closeAllConnections()
      server.close()
    }
  }

  /** The host has died: what it had asked for and was not passed on yet is never passed on. */
  endLife(): void {
    this.life++
  }

  /** Resolves when nothing that was passed on is still under way. */
  async quiet(): Promise<void> {
    while (this.open > 0) await new Promise((wake) => setTimeout(wake, 2))
  }

  private async serve(service: Service, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { life } = this
    const body = await bytesOf(req)
    const { method = 'GET', url: path = '/', headers } = req
    const known = describe(service, method, path, body)
    const call: Call = {
      n: ++this.count,
      service,
      method,
      path,
      body,
      headers,
      ...known,
      status: null,
      answer: null,
    }
    this.calls.push(call)
    const cut = () => void req.socket.resetAndDestroy()
    if (life !== this.life) return cut()

    const first = (await this.meddler.before?.(call)) ?? 'pass'
    if (first === 'cut' || life !== this.life) return cut()
    if (first === 'silence') return
    if (first !== 'pass') return say(res, first)

    const answer = await this.forward(service, req, body)
    call.status = answer.status
    call.answer = answer.body
    this.noteHeld(call, answer)
    const then = (await this.meddler.after?.(call)) ?? 'pass'
    if (then === 'cut' || life !== this.life) return cut()
    if (then === 'silence') return
    if (then !== 'pass') return say(res, then)
    res.writeHead(answer.status, answer.headers)
    res.end(answer.body)
  }

  /** Sends what was asked for once more, or only now: nobody waits for the answer. */
  async replay({ service, method, path, headers, body }: Call): Promise<number> {
    const { status } = await this.forward(service, { method, url: path, headers } as IncomingMessage, body)
    return status
  }

  private forward(
    service: Service,
    { method, url, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<Answer> {
    return new Promise((answered, failed) => {
      const upstream = request({
        agent: this.agent,
        host: '127.0.0.1',
        port: this.upstream[service],
        method,
        path: url,
        headers: { ...headers, connection: 'keep-alive' },
      })
      upstream.on('error', failed)
      upstream.on('response', async (response) => {
        const answer = await bytesOf(response).catch(failed)
        if (!answer) return
        const raw = response.rawHeaders
        const kept: string[] = []
        for (let i = 0; i < raw.length; i += 2)
          if (!/^(transfer-encoding|connection|keep-alive|content-length)$/i.test(raw[i] as string))
            kept.push(raw[i] as string, raw[i + 1] as string)
        if (method !== 'HEAD' && response.statusCode !== 204) kept.push('Content-Length', `${answer.length}`)
        answered({ status: response.statusCode as number, headers: kept, body: answer })
      })
      upstream.end(body)
    })
  }

  private noteHeld({ service, method, path, status }: Call, { headers, body }: Answer): void {
    if (service !== 'queue' || !status || status >= 300) return
    const [, queue = '', id] = /devstoreaccount1\/([^/]+)\/messages\/?([^?]*)/.exec(path) ?? []
    if (method === 'GET') {
      const messages = body
        .toString()
        .matchAll(/<MessageId>(.*?)<\/MessageId>.*?<PopReceipt>(.*?)<\/PopReceipt>/gs)
      for (const [, message = '', receipt = ''] of messages) this.held.set(message, { queue, receipt })
    }
    if (method === 'DELETE' && id) this.held.delete(id)
    if (method === 'PUT' && id) {
      const at = headers.findIndex((name) => /^x-ms-popreceipt$/i.test(name))
      const receipt = headers[at + 1]
      if (at >= 0 && receipt) this.held.set(id, { queue, receipt })
    }
  }
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function say(res: ServerResponse, { status, headers = {}, body = '' }: Exclude<Fate, string>): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers })
  res.end(body)
}
