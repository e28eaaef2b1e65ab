import { randomUUID } from 'node:crypto'
import type { Answer, Call } from '../http.ts'

/** An answer other than success, thrown by whoever notices. */
export class Problem extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const badRequest = (message: string) => new Problem(400, 'Request_BadRequest', message)

export const notFound = (id: string) =>
  new Problem(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  )

export const denied = () =>
  new Problem(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')

/** Graph's body for it, with the ids that its support asks for. */
export function problemAnswer(call: Call, status: number, code: string, message: string): Answer {
  const requestId = randomUUID()
  const given = call.headers['client-request-id']
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    'request-id': requestId,
    'client-request-id': typeof given === 'string' ? given : requestId,
  }
  return {
    status,
    headers: { 'request-id': requestId, 'client-request-id': innerError['client-request-id'] },
    body: { error: { code, message, innerError } },
  }
}
