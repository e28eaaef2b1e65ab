import {
  Client,
  type Context,
  GraphError,
  HTTPMessageHandler,
  type Middleware,
} from '@microsoft/microsoft-graph-client'
import { Impossible, Unavailable } from '../../ports.ts'
import type { TokenSource } from '../entra/app-token.ts'
import { retryAfterOf } from '../retry-after.ts'

export type Graph = {
  /** Undefined for 404. One more attempt at once when the connection broke or our token was refused: reading twice does no harm. */
  get<T>(path: string, headers?: Record<string, string>): Promise<T | undefined>
  /** A read in the dress of a POST, such as checkMemberGroups. */
  ask<T>(path: string, body: object): Promise<T | undefined>
  /** Writes are sent once: whoever repeats them has to know what the first attempt may have done. */
  post<T>(path: string, body: object): Promise<T>
  delete(path: string): Promise<'deleted' | 'gone'>
}

const SECONDS_TO_ANSWER = 30

/**
 * Microsoft Graph. The library's own retries are left out on purpose: they repeat a POST that was answered 504 and may have
 * been done. Throws `Unavailable` for what may pass, `Impossible` for what will not, and GraphError for what the
 * caller has to understand (400, 409).
 */
export function graphClient(url: string, token: TokenSource): Graph {
  const { origin, pathname } = new URL(url)
  const authorize = new Authorize(token)
  authorize.setNext(new HTTPMessageHandler())
  const client = Client.initWithMiddleware({
    middleware: authorize,
    baseUrl: `${origin}/`,
    defaultVersion: pathname.replaceAll('/', '') || 'v1.0',
  })
  /** A next link is a whole address; the library understands one only when it begins with https. */
  const pathOf = (link: string) =>
    link.startsWith(`${origin}${pathname}/`) ? link.slice(origin.length + pathname.length) : link
  const request = (path: string) =>
    client.api(pathOf(path)).option('signal', AbortSignal.timeout(SECONDS_TO_ANSWER * 1000))

  async function read<T>(attempt: () => Promise<T>): Promise<T | undefined> {
    try {
      return await attempt().catch((error) => (isWorthAnother(error) ? attempt() : Promise.reject(error)))
    } catch (error) {
      if (error instanceof GraphError && error.statusCode === 404) return undefined
      throw understood(error)
    }
  }

  return {
    get: (path, headers = {}) => read(() => request(path).headers(headers).get()),
    ask: (path, body) => read(() => request(path).post(body)),
    post: async (path, body) => {
      try {
        return await request(path).post(body)
      } catch (error) {
        throw understood(error)
      }
    },
    delete: async (path) => {
      try {
        await request(path).delete()
        return 'deleted'
      } catch (error) {
        if (error instanceof GraphError && error.statusCode === 404) return 'gone'
        throw understood(error)
      }
    },
  }
}

/** Puts our token on. The library's own handler leaves it off plain-http addresses, which a local tenant has. */
class Authorize implements Middleware {
  private readonly token: TokenSource
  private next: Middleware | undefined
  constructor(token: TokenSource) {
    this.token = token
  }
  setNext(next: Middleware): void {
    this.next = next
  }
  async execute(context: Context): Promise<void> {
    const given = (context.options?.headers ?? {}) as Record<string, string>
    context.options = {
      ...context.options,
      headers: { ...given, Authorization: `Bearer ${await this.token.get()}` },
    }
    await this.next?.execute(context)
    if (context.response?.status === 401) this.token.forget() // revoked or rotated: the next attempt gets a fresh one
  }
}

/** The connection broke before any answer came, or our token was refused: it was forgotten, and the next is a fresh one. */
const isWorthAnother = (error: unknown) =>
  !(error instanceof GraphError) || error.statusCode === -1 || error.statusCode === 401

function understood(error: unknown): unknown {
  if (error instanceof Unavailable || error instanceof Impossible) return error
  if (!(error instanceof GraphError)) return new Unavailable(`Microsoft Graph did not answer: ${error}`)
  const { statusCode, code, message } = error
  if (statusCode === -1) return new Unavailable(`Microsoft Graph did not answer: ${message}`)
  if (statusCode === 401 || statusCode === 408 || statusCode === 429 || statusCode >= 500)
    return new Unavailable(
      `Microsoft Graph answered ${statusCode} ${code ?? ''}.`.replace(' .', '.'),
      retryAfterOf(error.headers),
    )
  if (statusCode === 403)
    return new Impossible(code ?? 'Authorization_RequestDenied', `Microsoft Graph refused: ${message}`)
  return error
}
