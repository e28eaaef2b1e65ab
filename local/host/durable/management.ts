import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../http/request.ts'
import { send, sendJson } from '../http/respond.ts'
import { managementUrls, RPC, WEBHOOKS } from './addresses.ts'
import type { Engine } from './engine.ts'
import type { InstanceStore } from './instance-store.ts'
import { jsonText } from './json-text.ts'
import { instanceOperation } from './manage-instance.ts'
import { listInstances, purgeInstances } from './manage-many.ts'

/** One call to the management API, taken apart. */
export type Call = {
  request: IncomingMessage
  response: ServerResponse
  method: string
  query: URLSearchParams
  body: string
  origin: string
  engine: Engine
  store: InstanceStore
  hub: string
}
/** Answers false when the path is not of this API. */
export type Management = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>

type Options = { engine: Engine; store: InstanceStore; hub: string }

/** The Durable extension's HTTP API, under the webhook address and the one its client uses. */
export function createManagement(options: Options): Management {
  return async (request, response, url) => {
    const path = url.pathname
    const base = [WEBHOOKS, RPC].find((prefix) => path.toLowerCase().startsWith(`${prefix}/`))
    if (!base) return false
    const body = await readBody(request)
    const call: Call = {
      ...options,
      request,
      response,
      method: request.method ?? 'GET',
      query: url.searchParams,
      body: (body ?? '').toString(),
      origin: url.origin,
    }
    const [resource = '', ...rest] = path
      .slice(base.length + 1)
      .split('/')
      .map(decode)
    await route(call, resource.toLowerCase(), rest.at(-1) === '' ? rest.slice(0, -1) : rest)
    return true
  }
}

const decode = (segment: string) => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

async function route(call: Call, resource: string, rest: string[]): Promise<void> {
  const { response, method, query, hub } = call
  const asked = query.get('taskHub')
  if (asked && asked.toLowerCase() !== hub.toLowerCase()) return send(response, 404)
  if (resource === 'orchestrators' && method === 'POST' && (rest.length === 1 || rest.length === 2))
    return start(call, rest[0] as string, rest[1])
  if (resource === 'entities') return sendJson(response, 501, 'The local host does not run entities.')
  if (resource !== 'instances') return send(response, 404)
  if (rest.length === 0 && method === 'GET') return listInstances(call)
  if (rest.length === 0 && method === 'DELETE') return purgeInstances(call)
  const [id, operation = '', ...more] = rest
  if (!id) return send(response, 404)
  return instanceOperation(call, id, operation.toLowerCase(), more)
}

async function start(call: Call, name: string, id: string | undefined): Promise<void> {
  const { response, engine, origin, hub, query, body } = call
  const started = await engine.start(name, id, body === '' ? null : jsonText(body))
  if ('taken' in started) {
    const Message = `An Orchestration instance with the status ${started.taken} already exists.`
    return sendJson(response, 409, { Message })
  }
  const ended = await waitFor(engine, started.id, query)
  if (ended) return sendJson(response, 200, ended.output === null ? null : JSON.parse(ended.output))
  const { rewindPostUri: _, ...urls } = managementUrls(origin, hub, started.id)
  sendJson(response, 202, urls, { location: urls.statusQueryGetUri, 'retry-after': '10' })
}

/** `timeout` and `pollingInterval` (seconds) ask to wait for the end. */
async function waitFor(engine: Engine, id: string, query: URLSearchParams) {
  const polls = Number(query.get('timeout') ?? 0) / Number(query.get('pollingInterval') ?? 1)
  for (let poll = 0; poll < polls; poll++) {
    await new Promise((wake) => setTimeout(wake, Number(query.get('pollingInterval') ?? 1) * 1000))
    const instance = await engine.find(id)
    if (instance?.status === 'Completed') return instance
  }
  return undefined
}
