import type { ServerResponse } from 'node:http'
import type { HttpData, TypedData } from '../worker/typed-data.ts'
import { cookieHeader } from './cookies.ts'

/** An answer of the host's own. */
export function send(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': '0', ...headers }).end()
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(JSON.stringify(body))
}

/** What a handler returned, on the wire. Nothing returned is 204. */
export function sendReturned(
  response: ServerResponse,
  returned: TypedData | undefined,
  customHeaders: Record<string, string>,
): void {
  const http: HttpData | null | undefined = returned?.http
  if (!http) {
    send(response, returned === undefined || returned === null ? 204 : 500, customHeaders)
    return
  }
  for (const [name, value] of Object.entries({ ...customHeaders, ...http.headers }))
    setHeader(response, name, value)
  const cookies = (http.cookies ?? []).map(cookieHeader)
  if (cookies.length > 0) {
    const given = response.getHeader('set-cookie')
    response.setHeader('set-cookie', [...(given === undefined ? [] : [String(given)]), ...cookies])
  }
  const status = Number(http.statusCode ?? 200) || 200
  const body = http.body?.bytes ?? http.body?.string ?? ''
  if (body.length === 0) response.setHeader('content-length', '0')
  if (status === 204 || status === 304) response.removeHeader('content-length')
  // Headers first, so that node sends the body chunked, as the real host does.
  response.writeHead(status).end(body)
}

function setHeader(response: ServerResponse, name: string, value: string): void {
  const length = name.toLowerCase() === 'content-length' || name.toLowerCase() === 'transfer-encoding'
  if (!length) response.setHeader(name, value)
}
