import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, inject } from 'vitest'
import { type HostProcess, spawnHost } from '../../../local/host/spawn.ts'

export const appFolder = (name: string) => fileURLToPath(new URL(`./apps/${name}`, import.meta.url))

/** A hub that no other test uses. */
export const newHub = () => `Hub${randomUUID().replaceAll('-', '').slice(0, 16)}`

/** Starts the sample app of that name on storage of its own; it is gone after the tests of the file. */
export async function startApp(app: string, env: Record<string, string> = {}): Promise<HostProcess> {
  const host = await spawnHost({
    root: appFolder(app),
    env: { AzureWebJobsStorage: inject('storage'), TASKHUB_NAME: newHub(), LOCAL_HOST_LOG: 'quiet', ...env },
  })
  started.push(host)
  return host
}
const started: HostProcess[] = []
const clocks: Server[] = []
afterAll(async () => {
  await Promise.all(started.splice(0).map((host) => host.kill()))
  for (const clock of clocks.splice(0)) clock.close()
})

export type Status = {
  name: string
  instanceId: string
  runtimeStatus: string
  input: unknown
  output: unknown
  customStatus: unknown
  createdTime: string
  lastUpdatedTime: string
  historyEvents?: { EventType: string; [field: string]: unknown }[]
}

/** Calls to the management API, as a person with curl would make them. */
export function management(host: HostProcess) {
  const base = `${host.url}/runtime/webhooks/durabletask`
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${base}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
  const status = async (id: string, query = '') =>
    (await (await call('GET', `/instances/${id}${query}`)).json()) as Status
  return {
    call,
    status,
    async start(name: string, input?: unknown, id?: string): Promise<string> {
      const answer = await call('POST', `/orchestrators/${name}${id ? `/${id}` : ''}`, input)
      return ((await answer.json()) as { id: string }).id
    },
    raise: (id: string, name: string, data: unknown = null) =>
      call('POST', `/instances/${id}/raiseEvent/${name}`, data),
    /** Starts it and waits until nothing moves. */
    async run(name: string, input?: unknown): Promise<Status> {
      const id = await this.start(name, input)
      await host.idle()
      return status(id)
    },
  }
}

/** The simulated tenant's clock, as far as the host knows it. */
export async function sharedClock(offset = 0) {
  const puts: number[] = []
  const server = createServer(async (request, response) => {
    if (request.method === 'PUT') {
      let body = ''
      for await (const chunk of request) body += chunk
      puts.push(JSON.parse(body).offset)
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ offset: puts.at(-1) ?? offset }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  clocks.push(server)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/clock`, puts }
}

/** Looks again until it is so: for what happens in another process in real time. */
export async function eventually<T>(look: () => T | Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const value = await look()
    if (isSo(value)) return value
    if (tries > 400) throw new Error(`It never came about; last seen: ${JSON.stringify(value)}`)
    await new Promise((wake) => setTimeout(wake, 25))
  }
}
