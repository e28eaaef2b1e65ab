import { randomUUID } from 'node:crypto'
import type { Directory } from '../directory/directory.ts'
import { type Answer, type Call, json } from '../http.ts'
import { groupRoutes } from './groups.ts'
import { objectRoutes } from './objects.ts'
import { denied, Problem, problemAnswer } from './problem.ts'
import { referenceRoutes } from './references.ts'
import { roleRoutes } from './roles.ts'
import type { Caller, Route } from './routes.ts'
import { userRoutes } from './users.ts'

const routes: Route[] = [...userRoutes, ...groupRoutes, ...objectRoutes, ...roleRoutes, ...referenceRoutes]

/** Microsoft Graph v1.0, as much of it as we call. `authenticate` says who asks, or undefined. */
export async function graph(
  call: Call,
  directory: Directory,
  authenticate: (token: string) => Promise<Caller | undefined>,
): Promise<Answer> {
  try {
    const [, token] = /^Bearer (.+)$/i.exec(call.headers.authorization ?? '') ?? []
    if (!token) throw new Problem(401, 'InvalidAuthenticationToken', 'Access token is empty.')
    const caller = await authenticate(token)
    if (!caller)
      throw new Problem(
        401,
        'InvalidAuthenticationToken',
        'Access token validation failure. Invalid audience, signature or lifetime.',
      )
    const answer = dispatch(call, directory, caller)
    const given = call.headers['client-request-id']
    const echo = typeof given === 'string' ? { 'client-request-id': given } : {}
    return {
      ...answer,
      headers: { ...echo, 'request-id': randomUUID(), 'OData-Version': '4.0', ...answer.headers },
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return problemAnswer(call, error.status, error.code, error.message)
  }
}

function dispatch(call: Call, directory: Directory, caller: Caller): Answer {
  const path = call.path.replace(/^\/v1\.0/, '').replace(/\/$/, '')
  const there = routes.filter((r) => r.path.test(path))
  if (there.length === 0)
    throw new Problem(400, 'BadRequest', `Resource not found for the segment '${path.split('/')[1] ?? ''}'.`)
  const found = there.find((r) => r.method === call.method)
  if (!found)
    throw new Problem(
      405,
      'Request_BadRequest',
      `Specified HTTP method is not allowed for the request target: ${call.method}.`,
    )
  if (found.anyOf.length && !found.anyOf.some((p) => caller.permissions.has(p))) throw denied()
  const at = found.path.exec(path)?.groups ?? {}
  return found.answer({ call, at, directory, caller, body: call.method === 'POST' ? bodyOf(call) : {} })
}

function bodyOf(call: Call): Record<string, unknown> {
  const body = json(call)
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Problem(
      400,
      'BadRequest',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    )
  return body as Record<string, unknown>
}
