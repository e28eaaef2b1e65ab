import type { z } from 'zod'
import { NotAuthenticated } from '../src/adapters/entra/caller.ts'
import { asRefused, Refused } from '../src/api/refused.ts'
import type { App } from '../src/app.ts'
import { Unavailable } from '../src/ports.ts'
import { complaints } from './complaint.ts'

export type Refusal = Pick<Refused, 'code' | 'message' | 'details' | 'claims'> & {
  status: number
  retryAfter?: number
}

/** A refusal is the caller's to mend, an outage passes, anything else is ours: told in the log, not to the caller. */
export function refusalOf({ ports }: App, error: unknown): Refusal {
  if (error instanceof NotAuthenticated)
    return {
      status: 401,
      code: 'InvalidAuthenticationToken',
      message: `The access token is not accepted: ${error.message}.`,
      details: [],
      claims: null,
    }
  const { status, code, message, details, claims } = asRefused(ports, error)
  const asked = error instanceof Unavailable ? Math.ceil(error.retryAfterSeconds ?? 0) : 0
  return { status, code, message, details, claims, ...(status === 503 && { retryAfter: Math.max(5, asked) }) }
}

/** What went wrong, in the one form that all errors have. */
export function errorBody(
  app: App,
  { code, message, details }: Refusal,
  requestId: string,
  clientRequestId: string,
): object {
  const innerError = {
    date: app.ports.now().toISOString().slice(0, 19),
    'request-id': requestId,
    'client-request-id': clientRequestId,
  }
  return { code, message, ...(details.length > 0 && { details }), innerError }
}

/** What was sent, as its schema reads it. Throws 400 with every field that is wrong and what it should be. */
export function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return value
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const details = complaints(schema, value).map(({ path, message, code }) => ({
    code: code === 'unrecognized_keys' ? 'UnknownProperty' : 'InvalidValue',
    target: path.length > 0 ? path.join('.') : where,
    message,
  }))
  const first = details[0]
  throw new Refused(400, 'BadRequest', `${first?.target}: ${first?.message}`, { details })
}
