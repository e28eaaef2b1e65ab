import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HostJson } from '../host-json.ts'
import type { Log } from '../log.ts'
import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { httpData, readBody } from './request.ts'
import { send, sendReturned } from './respond.ts'
import { compileRoute, type RouteMatch } from './route.ts'

type Route = { fn: HostedFunction; methods: string[]; match: RouteMatch }
/** Answers false when no function has this path and method. */
export type Router = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>

type Options = { functions: HostedFunction[]; settings: HostJson['http']; invoke: Invoke; log: Log }

/** Functions come in the order of their names, and the first whose path and method fit wins. */
export function createRouter({ functions, settings, invoke, log }: Options): Router {
  const routes: Route[] = functions
    .filter((fn) => fn.type === 'http')
    .map((fn) => ({
      fn,
      methods: ((fn.trigger.methods as string[] | undefined) ?? []).map((method) => method.toUpperCase()),
      match: compileRoute(settings.routePrefix, (fn.trigger.route as string | undefined) ?? fn.name),
    }))
  const gate = createGate(settings)

  const answer = async (
    route: Route,
    params: Record<string, string>,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ) => {
    const body = await readBody(request)
    if (!body) {
      send(response, 500, { connection: 'close' })
      return
    }
    try {
      const returned = await invoke(route.fn, { data: httpData(request, url, params, body) })
      sendReturned(response, returned, settings.customHeaders)
    } catch (error) {
      log.complain(
        `error ${route.fn.name} ${error instanceof Error ? (error.stack ?? error.message) : error}`,
      )
      if (!response.headersSent) send(response, 500, settings.customHeaders)
    }
  }

  return async (request, response, url) => {
    const method = request.method ?? 'GET'
    for (const route of routes) {
      if (route.methods.length > 0 && !route.methods.includes(method)) continue
      const params = route.match(url.pathname)
      if (!params) continue
      const leave = await gate()
      if (!leave) send(response, 429)
      else await answer(route, params, request, response, url).finally(leave)
      return true
    }
    return false
  }
}

/** maxConcurrentRequests run, the next wait, and beyond maxOutstandingRequests in all they are turned away. */
function createGate({ maxConcurrentRequests, maxOutstandingRequests }: HostJson['http']) {
  let running = 0
  const waiting: (() => void)[] = []
  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
  return async () => {
    if (running + waiting.length >= maxOutstandingRequests) return undefined
    if (running < maxConcurrentRequests) running++
    else await new Promise<void>((go) => waiting.push(go))
    return leave
  }
}
