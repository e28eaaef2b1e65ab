import { randomUUID } from 'node:crypto'
import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions'
import * as df from 'durable-functions'
import { durableWorkflows } from '../src/adapters/durable-functions.ts'
import { NotAuthenticated } from '../src/adapters/entra/caller.ts'
import { withLog } from '../src/adapters/log.ts'
import { admit } from '../src/api/authority.ts'
import { Refused } from '../src/api/refused.ts'
import { type App, getApp } from '../src/app.ts'
import type { Caller } from '../src/ports.ts'
import { errorPage } from '../src/words/pages.ts'
import { pageResponse } from './page-response.ts'
import { check, errorBody, type Refusal, refusalOf } from './refusal.ts'
import type { Route } from './route.ts'

/** As much as any of our bodies needs, many times over. */
const MOST_BYTES = 64 * 1024

const NOBODY: Caller = {
  id: '',
  displayName: '',
  kind: 'user',
  proof: { mfa: false, contexts: [] },
  canAnswerClaims: false,
}

/** Every call passes here: who calls, may they, is what they send well-formed; and whatever goes wrong becomes an answer. */
export function edge(route: Route): HttpHandler {
  return (request, context) => {
    const requestId = randomUUID()
    const clientRequestId = plainId(request.headers.get('client-request-id')) ?? requestId
    return withLog(context, { requestId, function: route.name }, async () => {
      const app = getApp()
      try {
        const caller = route.who === 'anyone' ? NOBODY : await callerOf(app, request)
        await admit(app.ports, caller, route.who)
        const response = await route.handle({
          app,
          errorOf: (error) => {
            const refusal = refusalOf(app, error)
            return { ...refusal, error: errorBody(app, refusal, requestId, clientRequestId) }
          },
          ports: app.ports,
          workflows: durableWorkflows(df.getClient(context)),
          request,
          caller,
          params: check(route.params, request.params, 'path') as Record<string, string>,
          query: check(route.query, Object.fromEntries(request.query), 'query'),
          body: route.body
            ? check(route.body, await jsonOf(request, route.isBodyOptional), 'body')
            : undefined,
        })
        return withHeaders(response, requestId, clientRequestId)
      } catch (error) {
        const refusal = refusalOf(app, error)
        const wantsPage = Object.values(route.answers).some(({ html }) => html)
        const response = wantsPage
          ? pageResponse(refusal.status, errorPage(refusal))
          : errorAnswer(app, refusal, requestId, clientRequestId)
        return withHeaders(response, requestId, clientRequestId)
      }
    })
  }
}

function errorAnswer(
  app: App,
  refusal: Refusal,
  requestId: string,
  clientRequestId: string,
): HttpResponseInit {
  const { status } = refusal
  const headers: Record<string, string> = {}
  if (status === 401) headers['WWW-Authenticate'] = challenge(app, refusal)
  if (refusal.retryAfter) headers['Retry-After'] = `${refusal.retryAfter}`
  return {
    status,
    headers,
    jsonBody: { error: errorBody(app, refusal, requestId, clientRequestId) },
  }
}

function challenge({ entra }: App, { claims }: Refusal): string {
  const base = `Bearer realm="", authorization_uri="${entra.authority}/${entra.tenantId}/oauth2/v2.0/authorize", client_id="${entra.clientId}"`
  if (!claims) return `${base}, error="invalid_token"`
  return `${base}, error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}", cc_type="authcontext"`
}

async function callerOf(app: App, request: HttpRequest): Promise<Caller> {
  const header = request.headers.get('authorization')
  if (!header) throw new NotAuthenticated('there is none. Send "Authorization: Bearer <token>"')
  const bearer = /^Bearer ([\w~+/=.-]+)$/i.exec(header)?.[1]
  if (!bearer) throw new NotAuthenticated('the Authorization header is not one "Bearer <token>"')
  return app.readCaller(bearer)
}

async function jsonOf(request: HttpRequest, isOptional = false): Promise<unknown> {
  const type = request.headers.get('content-type') ?? ''
  const bytes = Buffer.from(await request.arrayBuffer())
  // Nothing, and not what the host has not read: a chunked body would be taken for all of everything.
  if (isOptional && bytes.length === 0 && !type && !request.headers.get('transfer-encoding')) return {}
  if (bytes.length === 0)
    throw new Refused(
      400,
      'InvalidRequestBody',
      'The body is empty. Send JSON, with a Content-Length (chunked bodies are not read).',
    )
  if (bytes.length > MOST_BYTES)
    throw new Refused(413, 'RequestTooLarge', `The body has more than ${MOST_BYTES} bytes.`)
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new Refused(415, 'UnsupportedMediaType', 'Send the body as application/json.')
  if (!/^(identity)?$/i.test(request.headers.get('content-encoding') ?? ''))
    throw new Refused(415, 'UnsupportedMediaType', 'Send the body as it is, without a Content-Encoding.')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Refused(400, 'InvalidRequestBody', 'The body is not JSON in UTF-8.')
  }
}

function withHeaders(
  response: HttpResponseInit,
  requestId: string,
  clientRequestId: string,
): HttpResponseInit {
  const given = response.headers as Record<string, string> | undefined
  return {
    ...response,
    headers: {
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'request-id': requestId,
      'client-request-id': clientRequestId,
      ...given,
    },
  }
}

/** A client's own id is echoed only when it is one: no header of ours is written by somebody else. */
const plainId = (text: string | null) => (text && /^[\w-]{1,64}$/.test(text) ? text : undefined)
