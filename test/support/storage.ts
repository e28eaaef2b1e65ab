import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Order = { left: number; how: 'before' | 'after'; hit: boolean }

/**
 * Stands between a host and its storage. The n-th write can be ordered to go unanswered, before it is done or after,
 * so that the host can be killed right there.
 */
export class StorageBetween {
  private readonly servers: Server[] = []
  private order: Order | undefined

  /** A connection string that leads through here; `azurite` is the one behind. */
  async listen(azurite: string): Promise<string> {
    let connection = azurite
    for (const service of ['Table', 'Queue']) {
      const port = Number(new RegExp(`${service}Endpoint=http://127.0.0.1:(\\d+)/`).exec(azurite)?.[1])
      const server = createServer((req, res) => this.pass(req, res, port, service))
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
      this.servers.push(server)
      const own = (server.address() as AddressInfo).port
      connection = connection.replace(
        `${service}Endpoint=http://127.0.0.1:${port}/`,
        `${service}Endpoint=http://127.0.0.1:${own}/`,
      )
    }
    return connection
  }

  /** Of the writes from now on, all but the first `n` hang, each before or after it is done. */
  hangAfter(n: number, how: Order['how']): void {
    this.order = { left: n, how, hit: false }
  }

  get hasHung(): boolean {
    return this.order?.hit ?? false
  }

  clear(): void {
    this.order = undefined
  }

  stop(): void {
    for (const server of this.servers) {
      server.closeAllConnections()
      server.close()
    }
  }

  private pass(req: IncomingMessage, res: ServerResponse, port: number, service: string): void {
    const isWrite = service === 'Queue' ? req.method === 'POST' : req.method !== 'GET'
    const hangs = isWrite && this.order !== undefined && this.order.left-- <= 0
    if (hangs && this.order?.how === 'before') {
      this.order.hit = true
      return
    }
    const { order } = this
    const passed = request({
      port,
      host: '127.0.0.1',
      method: req.method,
      path: req.url,
      headers: req.headers,
    })
    passed.on('response', (answer) => {
      if (hangs && order) {
        answer.resume()
        order.hit = true
        return
      }
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    passed.on('error', () => res.destroy())
    req.pipe(passed)
  }
}
