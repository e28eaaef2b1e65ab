import type { z } from 'zod'
import { NotAuthenticated } from '../src/adapters/entra/caller.ts'
import { Refused } from '../src/api/refused.ts'
import type { App } from '../src/app.ts'
import { Impossible, Unavailable } from '../src/ports.ts'

export type Refusal = Pick<Refused, 'code' | 'message' | 'details' | 'claims'> & {
  status: number
  retryAfter?: number
}

/** A refusal is the caller's to mend, an outage passes, anything else is ours: told in the log, not to the caller. */
export function refusalOf({ ports }: App, error: unknown): Refusal {
  if (error instanceof Refused) return error
  if (error instanceof NotAuthenticated)
    return {
      status: 401,
      code: 'InvalidAuthenticationToken',
      message: `The access token is not accepted: ${error.message}.`,
      details: [],
      claims: null,
    }
  if (error instanceof Unavailable) {
    ports.log.warn('Something outside did not answer.', { error: error.message })
    return {
      status: 503,
      code: 'ServiceUnavailable',
      message: 'Something that is needed for this does not answer at the moment. Try again.',
      details: [],
      claims: null,
      retryAfter: Math.max(5, Math.ceil(error.retryAfterSeconds ?? 0)),
    }
  }
  if (error instanceof Impossible) {
    ports.log.error('Something outside refused for good.', { error: error.message })
    return {
      status: 502,
      code: 'BadGateway',
      message: 'Something that is needed for this refuses to work. An administrator has to look.',
      details: [],
      claims: null,
    }
  }
  ports.log.error('Unexpected.', { error: error instanceof Error ? error.stack : `${error}` })
  return {
    status: 500,
    code: 'InternalServerError',
    message: 'Something went wrong here. The request id finds it in our log.',
    details: [],
    claims: null,
  }
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
  const details = parsed.error.issues.slice(0, 50).map(({ path, message, code }) => ({
    code: code === 'unrecognized_keys' ? 'UnknownProperty' : 'InvalidValue',
    target: path.length > 0 ? path.join('.') : where,
    message,
  }))
  const first = details[0]
  throw new Refused(400, 'BadRequest', `${first?.target}: ${first?.message}`, { details })
}
