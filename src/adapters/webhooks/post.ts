import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type Outcome, verdictOf } from '../../domain/webhook-delivery.ts'
import { type Address, addressesOf, Forbidden, type Resolve } from './addresses.ts'

export type Posting = {
  url: string
  headers: Record<string, string>
  body: string
  allowedHosts: readonly string[]
  patienceMs: number
  now: () => number
  resolve?: Resolve | undefined
}

/** More than any endpoint has to say; what comes after that is not read. */
const MOST_READ = 64 * 1024

/**
 * One POST to an address that somebody gave us. The connection goes to the very addresses that were checked, redirects are not
 * followed, the answer is not believed to be short or quick, and what it says goes nowhere but its status.
 */
export async function post(posting: Posting): Promise<Outcome> {
  const signal = AbortSignal.timeout(posting.patienceMs)
  try {
    const url = new URL(posting.url)
    const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
    if (url.protocol !== 'https:' && !posting.allowedHosts.includes(host))
      throw new Forbidden('It is called without TLS, and WEBHOOK_ALLOWED_HOSTS does not name its host.')
    const addresses = await abortable(addressesOf(host, posting.allowedHosts, posting.resolve), signal)
    return await answered(url, addresses, posting, signal)
  } catch (error) {
    if (error instanceof Forbidden) return { verdict: 'refused', reason: error.message }
    const reason = signal.aborted
      ? `No answer within ${Math.round(posting.patienceMs / 1000)} seconds.`
      : `No connection (${codeOf(error)}).`
    return { verdict: 'later', reason }
  }
}

function answered(url: URL, addresses: Address[], posting: Posting, signal: AbortSignal): Promise<Outcome> {
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      ...posting.headers,
      'content-length': Buffer.byteLength(posting.body),
      'user-agent': 'Interim-Webhooks/1.0',
      accept: '*/*',
    },
    signal,
    agent: false, // each connection is made anew, to an address that was just checked
    lookup: (_host, options, done) => {
      const [first] = addresses
      if (options.all) done(null, addresses)
      else done(null, first?.address ?? '', first?.family)
    },
  }
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const sent = send(url, options)
    let outcome: Outcome | undefined
    // The status stands, whatever becomes of the rest: an endpoint that said 200 has taken it.
    sent.on('error', (error) => (outcome ? resolve(outcome) : reject(error)))
    sent.on('response', (response) => {
      const heard = outcomeOf(response, posting.now())
      outcome = heard
      let read = 0
      const done = () => {
        resolve(heard)
        sent.destroy()
      }
      response.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read > MOST_READ) done()
      })
      response.on('end', done)
      response.on('error', done)
      response.on('close', done)
    })
    sent.end(posting.body)
  })
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage, now: number): Outcome {
  const verdict = verdictOf(statusCode)
  const redirects = statusCode >= 300 && statusCode < 400 ? ' Redirects are not followed.' : ''
  const retryAfterSeconds = retryAfter(headers['retry-after'], now)
  return {
    verdict,
    reason: `Answered ${statusCode}.${redirects}`,
    ...(verdict === 'later' && retryAfterSeconds && { retryAfterSeconds }),
  }
}

/** Seconds, or an instant; anything else says nothing. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header)
  const until = Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.max(0, Math.ceil((until - now) / 1000))
}

/** Looking up a name cannot be broken off, only be left. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    ),
  ])
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return code ?? message ?? 'unknown'
}
