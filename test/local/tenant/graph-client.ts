import {
  Client,
  type Context,
  HTTPMessageHandler,
  type Middleware,
  RetryHandler,
  RetryHandlerOptions,
} from '@microsoft/microsoft-graph-client'
import { CLIENT_ID, CLIENT_SECRET, GRAPH, TENANT_ID } from '../../../local/tenant/seed.ts'

/** The app's own token for Graph, from the token endpoint. */
export async function appToken(url: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    scope: `${GRAPH}/.default`,
  })
  const answer = await fetch(`${url}/${TENANT_ID}/oauth2/v2.0/token`, { method: 'POST', body })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** Microsoft's client. Its own chain drops the Authorization header for every http URL, so it gets another. */
export function graphClient(url: string, token: string, retries = 0): Client {
  const authorize: Middleware & { next?: Middleware } = {
    async execute(context: Context) {
      const headers = new Headers(context.options?.headers as Record<string, string>)
      headers.set('authorization', `Bearer ${token}`)
      context.options = { ...context.options, headers: Object.fromEntries(headers) }
      await this.next?.execute(context)
    },
    setNext(next) {
      this.next = next
    },
  }
  const retry = new RetryHandler(new RetryHandlerOptions(1, retries))
  authorize.setNext?.(retry)
  retry.setNext(new HTTPMessageHandler())
  return Client.initWithMiddleware({ baseUrl: `${url}/`, middleware: authorize })
}

/** Plain HTTP, to see what the client library hides. */
export function plainGraph(url: string, token: string) {
  return async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const answer = await fetch(`${url}/v1.0${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...init,
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined }
  }
}
