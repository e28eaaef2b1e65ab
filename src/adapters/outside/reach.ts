import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type Address, addressesOf, Forbidden, fromNames, type Resolve } from './addresses.ts'
import { turns } from './turns.ts'

export type Sending = {
  url: string
  headers: Record<string, string>
  body: string
  allowedHosts: readonly string[]
  resolve?: Resolve | undefined
}

/** More than anybody we call has to say. */
export const MOST_READ = 64 * 1024

/**
 * Looking up a name takes one of the four threads that the process has for such things, for as long as the name's own server likes:
 * with all of them taken nobody would find Graph or the storage.
 */
const inTurn = turns(2)

/**
 * One POST to an address that somebody gave us. The connection goes to the very addresses that were checked, and redirects are not
 * followed. Answers as soon as there is a status: the rest is the caller's to read, and to destroy. Throws `Forbidden` where it must
 * not be called.
 */
export async function reach(sending: Sending, signal: AbortSignal): Promise<IncomingMessage> {
  const url = new URL(sending.url)
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (url.protocol !== 'https:' && !sending.allowedHosts.includes(host))
    throw new Forbidden('It is called without TLS, and WEBHOOK_ALLOWED_HOSTS does not name its host.')
  const { allowedHosts, resolve = fromNames } = sending
  const lookUp: Resolve = (name) => inTurn(() => resolve(name), signal)
  const addresses = await abortable(addressesOf(host, allowedHosts, lookUp), signal)
  return answered(url, addresses, sending, signal)
}

function answered(
  url: URL,
  addresses: Address[],
  { headers, body }: Sending,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
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
    sent.on('error', reject) // after the status too, where the answer tells of it
    sent.on('response', resolve)
    // An upgrade that nobody asked for is no response, and no error either: the connection ends, and nothing else is heard.
    sent.on('close', () => reject(new Error('it hung up')))
    sent.end(body)
  })
}

/** Looking up a name cannot be broken off, only be left. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    }),
  ])
}

/** Why it went wrong, in a word. */
export function codeOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return code ?? message ?? 'unknown'
}
