import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Server as Plain } from 'node:net'
import { onTestFinished } from 'vitest'

const open: (Server | Plain)[] = []
/** From now on nobody listens any more. */
export function hangUp(): void {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  }
}

/** A server on a free port, until the test is over. Answers its address. */
export async function listening(server: Server | Plain): Promise<string> {
  open.push(server)
  onTestFinished(hangUp)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export const endpoint = async (path: string, listener: RequestListener) =>
  `${await listening(createServer(listener))}${path}`
