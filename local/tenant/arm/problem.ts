import { randomUUID } from 'node:crypto'
import type { Answer } from '../http.ts'

/** An answer other than success, thrown by whoever notices. */
export class ArmProblem extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const badRequest = (code: string, message: string) => new ArmProblem(400, code, message)

/** ARM's body for it: flatter than Graph's. */
export const problemAnswer = ({ status, code, message }: ArmProblem): Answer => ({
  status,
  headers: { 'x-ms-request-id': randomUUID() },
  body: { error: { code, message } },
})

/** Each kind of scope is missing in its own words. */
export function scopeNotFound(scope: string): ArmProblem {
  const parts = scope.split('/')
  if (/^\/providers\/microsoft\.management\//i.test(scope))
    return new ArmProblem(404, 'NotFound', `The management group '${parts[4]}' cannot be found.`)
  if (parts.length <= 3)
    return new ArmProblem(404, 'SubscriptionNotFound', `The subscription '${parts[2]}' could not be found.`)
  if (parts.length <= 5)
    return new ArmProblem(404, 'ResourceGroupNotFound', `Resource group '${parts[4]}' could not be found.`)
  return new ArmProblem(404, 'ResourceNotFound', `The Resource '${scope}' was not found.`)
}
