import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Arrival = { headers: IncomingHttpHeaders; body: Buffer; status: number }

/** Somebody's endpoint, over real HTTP: it answers as it is told to, and keeps what arrives. */
export class Endpoint {
  readonly arrivals: Arrival[] = []
  /** Status, headers and JSON of every answer from now on. */
  answer: { status: number; headers?: Record<string, string>; body?: object } = { status: 204 }
  private readonly server: Server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const { status, headers, body } = this.answer
    this.arrivals.push({ headers: req.headers, body: Buffer.concat(chunks), status })
    res.writeHead(status, headers).end(body && JSON.stringify(body))
  })

  async listen(): Promise<void> {
    await new Promise<void>((ready) => this.server.listen(0, '127.0.0.1', ready))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/events`
  }

  /** The ids of what it took, as often as it took them. */
  taken(): string[] {
    return this.arrivals
      .filter(({ status }) => status < 300)
      .map(({ headers }) => `${headers['webhook-id']}`)
      .sort()
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}
