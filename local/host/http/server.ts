import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { machineNow } from '../clock/moved-date.ts'
import type { Log } from '../log.ts'
import { Refusal } from '../refusal.ts'
import { send } from './respond.ts'

/** One who may answer a request, or leave it to the next. */
export type Responder = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>

export type Server = {
  port: number
  /** From now on these are asked in order. Before, nobody is at home: 503. */
  serve(responders: Responder[], otherwise?: number): void
  /** Waits a moment for answers under way, then cuts off what is left. */
  close(): Promise<void>
}

const LAST_ANSWERS = 200
const LINGERING = 500

/** Listens on 127.0.0.1 only. */
export async function openServer(wantedPort: number, log: Log): Promise<Server> {
  let responders: Responder[] = []
  let otherwise = 503
  const server = createServer()
  const port = await listenSoon(server, wantedPort)

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(`http://${request.headers.host ?? `127.0.0.1:${port}`}${request.url}`)
    for (const responder of responders) if (await responder(request, response, url)) return
    send(response, otherwise)
  }
  let underWay = 0
  let finished = () => undefined as unknown
  server.on('request', (request, response) => {
    underWay++
    response.once('close', () => {
      underWay--
      if (underWay === 0) finished()
    })
    answer(request, response).catch((error) => {
      // The caller hung up: nobody to answer, and nothing went wrong here.
      if (request.destroyed && !request.complete) return
      log.complain(`The host failed on ${request.method} ${request.url}: ${error?.stack ?? error}`)
      if (!response.headersSent) send(response, 500)
    })
  })

  return {
    port,
    serve(given, status = 404) {
      responders = given
      otherwise = status
    },
    async close() {
      server.close()
      if (underWay > 0)
        await new Promise((end) => {
          finished = () => end(undefined)
          setTimeout(end, LAST_ANSWERS)
        })
      server.closeAllConnections()
    },
  }
}

/** The socket of a predecessor that was killed may linger for a moment. */
async function listenSoon(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  for (const deadline = machineNow() + LINGERING; ; ) {
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      if (machineNow() > deadline) throw new Refusal([`Port ${port} is in use by another program.`])
      await new Promise((wake) => setTimeout(wake, 25))
    }
  }
}

/** What the real host shows at the root, unless it is told not to. */
export const homePage: Responder = async (request, response, url) => {
  const wanted = url.pathname === '/' && (request.method === 'GET' || request.method === 'HEAD')
  if (!wanted || /^true$/i.test(process.env.AzureWebJobsDisableHomepage ?? '')) return false
  response.writeHead(200, { 'content-type': 'text/html' })
  response.end('<!doctype html><title>Interim local host</title><p>The host is up and running.</p>')
  return true
}
