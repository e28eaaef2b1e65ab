import { Impossible, Unavailable } from '../../ports.ts'
import type { TokenSource } from '../entra/app-token.ts'
import { retryAfterOf } from '../retry-after.ts'

/** What ARM refused, for callers that have to understand it. */
export class ArmError extends Error {
  override name = 'ArmError'
  readonly status: number
  readonly code: string
  readonly retryAfterSeconds: number | null
  constructor(status: number, code: string, message: string, retryAfterSeconds: number | null = null) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export type Arm = {
  /** Undefined where ARM says that there is no such thing. One more attempt at once when the connection broke or our token was refused. */
  get<T>(path: string): Promise<T | undefined>
  /** A read in the dress of a POST. */
  ask<T>(path: string): Promise<T | undefined>
  /** Writes are sent once: whoever repeats them has to know what the first attempt may have done. */
  put<T>(path: string, body: object): Promise<T>
  delete(path: string): Promise<'deleted' | 'gone'>
}

const MILLIS_TO_ANSWER = 30_000

/**
 * Azure Resource Manager, over plain fetch: its libraries repeat what was answered 503, and a write may have been done.
 * Throws `Unavailable` for what may pass, `Impossible` for what will not, and ArmError for what the caller has to
 * understand (400, 409, 412). Paths carry their api-version, or are a nextLink.
 */
export function armClient(url: string, token: TokenSource, patience = MILLIS_TO_ANSWER): Arm {
  const base = url.replace(/\/$/, '')

  async function send<T>(method: string, path: string, body?: object): Promise<T | undefined> {
    const bearer = await token.get()
    const [answer, text] = await heard(addressOf(base, path), {
      method,
      redirect: 'error',
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patience),
    })
    if (answer.status === 401) token.forget() // revoked or rotated: the next attempt gets a fresh one
    if (answer.status === 204) return undefined
    const said = parsed(text)
    if (!answer.ok) throw errorOf(answer, said)
    if (typeof said !== 'object') throw new Unavailable('Azure did not answer with JSON.')
    return said as T
  }

  async function read<T>(method: string, path: string): Promise<T | undefined> {
    const attempt = () => send<T>(method, path)
    try {
      return await attempt().catch((error) => (isWorthAnother(error) ? attempt() : Promise.reject(error)))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw understood(error)
    }
  }

  return {
    get: (path) => read('GET', path),
    ask: (path) => read('POST', path),
    put: async <T>(path: string, body: object) => {
      try {
        return (await send<T>('PUT', path, body)) as T
      } catch (error) {
        throw understood(error)
      }
    },
    delete: async (path) => {
      try {
        return (await send('DELETE', path)) === undefined ? 'gone' : 'deleted'
      } catch (error) {
        if (isMissing(error)) return 'gone'
        throw understood(error)
      }
    },
  }
}

/** Our token goes to nobody else, whatever a nextLink says. */
function addressOf(base: string, path: string): string {
  if (path.startsWith('/')) return base + path
  if (new URL(path).origin !== new URL(base).origin)
    throw new Unavailable(`Azure names another host for the rest of a list: ${new URL(path).host}.`)
  return path
}

/** No answer came, or only a part of it. */
class Silence extends Error {}

async function heard(address: string, init: RequestInit): Promise<[Response, string]> {
  try {
    const answer = await fetch(address, init)
    return [answer, await answer.text()]
  } catch (error) {
    const { cause } = error as Error
    throw new Silence(`${error}${cause ? ` (${cause})` : ''}`)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined
  } catch {
    return undefined
  }
}

function errorOf({ status, headers }: Response, said: unknown): ArmError {
  const { code, message } = (said as { error?: { code?: string; message?: string } } | undefined)?.error ?? {}
  return new ArmError(status, code ?? '', message ?? `status ${status}`, retryAfterOf(headers))
}

/** A 404 of ARM's own says what is missing; any other may come from whatever stands on the way. */
const isMissing = (error: unknown) =>
  error instanceof ArmError && error.status === 404 && /(NotFound|DoesNotExist)$/.test(error.code)

const isWorthAnother = (error: unknown) =>
  error instanceof Silence || (error instanceof ArmError && error.status === 401)

function understood(error: unknown): unknown {
  if (error instanceof Silence) return new Unavailable(`Azure did not answer: ${error.message}`)
  if (!(error instanceof ArmError)) return error
  const { status, code, message } = error
  if (
    status === 401 ||
    status === 408 ||
    status === 429 ||
    status >= 500 ||
    (status === 404 && !isMissing(error))
  )
    return new Unavailable(`Azure answered ${status} ${code}.`.replace(' .', '.'), error.retryAfterSeconds)
  if (status === 403) return new Impossible(code || 'AuthorizationFailed', `Azure refused: ${message}`)
  return error
}
