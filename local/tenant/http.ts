import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

/** A request, read to its end. */
export type Call = {
  method: string
  /** Decoded, without the query. */
  path: string
  query: URLSearchParams
  /** As it stands on the request line. */
  target: string
  headers: IncomingHttpHeaders
  body: Buffer
  origin: string
}

export type Answer = { status: number; headers?: Record<string, string>; body?: string | object }

const TOO_MUCH = 12 * 1024 * 1024

export class TooLarge extends Error {}

export async function readCall(req: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req) {
    chunks.push(chunk)
    size += chunk.length
    if (size > TOO_MUCH) throw new TooLarge('The request is larger than anything the tenant takes.')
  }
  const origin = `http://${req.headers.host ?? '127.0.0.1'}`
  const url = new URL(req.url ?? '/', origin)
  return {
    method: req.method ?? 'GET',
    path: decode(url.pathname),
    query: url.searchParams,
    target: req.url ?? '/',
    headers: req.headers,
    body: Buffer.concat(chunks),
    origin,
  }
}

export function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** The JSON of a body; undefined when it is none. */
export function json(call: Call): unknown {
  try {
    return JSON.parse(call.body.toString('utf8'))
  } catch {
    return undefined
  }
}

export function send(res: ServerResponse, { status, headers = {}, body }: Answer): void {
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  if (typeof body === 'object') res.setHeader('Content-Type', 'application/json; charset=utf-8')
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.statusCode = status
  if (text === undefined) res.end()
  else res.setHeader('Content-Length', Buffer.byteLength(text)).end(text)
}
