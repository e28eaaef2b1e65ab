import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Call } from '../http.ts'

const SHAPE = /^HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=([A-Za-z0-9+/=]+)$/

/** Why the call is not who it says it is; undefined when it is. The date is not held against a clock: this one jumps. */
export function signatureProblem(call: Call, key: string): string | undefined {
  const { headers, method, target, body } = call
  const { host, 'x-ms-date': date, 'x-ms-content-sha256': said } = headers
  const signature = SHAPE.exec(headers.authorization ?? '')?.[1]
  if (!signature || !host || typeof date !== 'string' || typeof said !== 'string')
    return 'The request is not signed.'
  if (Number.isNaN(Date.parse(date))) return 'The x-ms-date header is not a date.'
  const hash = createHash('sha256').update(body).digest('base64')
  if (hash !== said) return 'The x-ms-content-sha256 header does not fit the body.'
  const text = `${method}\n${target}\n${date};${host};${hash}`
  const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest()
  const given = Buffer.from(signature, 'base64')
  return given.length === expected.length && timingSafeEqual(given, expected)
    ? undefined
    : 'The signature does not fit.'
}
