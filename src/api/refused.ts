import type { Denial } from '../domain/denial.ts'
import { Impossible, type Ports, Unavailable } from '../ports.ts'

export type Detail = { code: string; target: string; message: string }

/** A refusal on its way to the caller, with Microsoft's code where there is one. */
export class Refused extends Error {
  override name = 'Refused'
  readonly status: 400 | 401 | 403 | 404 | 409 | 411 | 413 | 415 | 500 | 502 | 503
  readonly code: string
  readonly details: readonly Detail[]
  /** A claims challenge: what a token must carry to be let in. */
  readonly claims: string | null

  constructor(
    status: Refused['status'],
    code: string,
    message: string,
    more: { details?: readonly Detail[]; claims?: string } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.details = more.details ?? []
    this.claims = more.claims ?? null
  }
}

export const forbidden = (message: string) => new Refused(403, 'InsufficientPermissions', message)
/** What an action is about is not there: in Microsoft's words. */
export const doesNotExist = () =>
  new Refused(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.')

export const notFound = (message: string) => new Refused(404, 'ResourceNotFound', message)

/** Not done, or not known to be: to ask again is safe. */
export const away = () =>
  new Refused(
    503,
    'ServiceUnavailable',
    'Something that is needed for this does not answer at the moment. Try again.',
  )

/** What an error means to whoever called: an outage passes, anything unknown is ours, told in the log and not to the caller. */
export function asRefused({ log }: Pick<Ports, 'log'>, error: unknown): Refused {
  if (error instanceof Refused) return error
  if (error instanceof Unavailable) {
    log.warn('Something outside did not answer.', { error: error.message })
    return away()
  }
  if (error instanceof Impossible) {
    log.error('Something outside refused for good.', { error: error.message })
    return new Refused(
      502,
      'BadGateway',
      'Something that is needed for this refuses to work. An administrator has to look.',
    )
  }
  log.error('Unexpected.', { error: error instanceof Error ? error.stack : `${error}` })
  return new Refused(
    500,
    'InternalServerError',
    'Something went wrong here. The request id finds it in our log.',
  )
}

/**
 * Turns the reasons to refuse into Microsoft's answer: all failing rules named in one message, each with its own detail.
 * Where proof is all that is missing and the client can fetch it, it is a challenge instead.
 */
export function refuse(denials: readonly Denial[], canAnswerClaims = false): void {
  const [first] = denials
  if (!first) return
  const claims = denials.find((denial) => denial.claims)?.claims
  const details = denials.map(({ rule, target, message }) => ({ code: rule, target, message }))
  if (claims && denials.length === 1 && canAnswerClaims)
    throw new Refused(401, challengeCode(first), first.message, { details, claims })
  if (first.rule === 'AcrsRule' && denials.length === 1)
    throw new Refused(
      400,
      challengeCode(first),
      `${first.message} claims=${encodeURIComponent(claims ?? '')}`,
      { details },
    )
  const rules = JSON.stringify([...new Set(denials.map(({ rule }) => rule))])
  throw new Refused(
    400,
    'RoleAssignmentRequestPolicyValidationFailed',
    `The following policy rules failed: ${rules}`,
    { details },
  )
}

const challengeCode = ({ rule }: Denial) =>
  rule === 'AcrsRule'
    ? 'RoleAssignmentRequestAcrsValidationFailed'
    : 'RoleAssignmentRequestPolicyValidationFailed'
