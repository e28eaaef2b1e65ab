import type { Actor } from './person.ts'
import { isActivation, isExtension, type Request } from './request.ts'
import { canceled, endingBegun, outcomeUnknown } from './request-steps.ts'
import { sameRole } from './role.ts'

/** What can be ended before its time: what has been approved, and what is or may be held. */
export const ENDABLE: readonly Request['status'][] = ['Granted', 'PendingProvisioning', 'Provisioned']

/** Of these the ones that extend this activation, or ask to, and would go on without it. */
export function extensionsAmong<T extends { value: Request }>(request: Request, open: readonly T[]): T[] {
  if (!isActivation(request)) return []
  return open.filter(
    ({ value }) =>
      value.id !== request.id &&
      sameRole(value, request) &&
      isExtension(value) &&
      (value.extendsId ?? request.id) === request.id &&
      [...ENDABLE, 'PendingApproval'].includes(value.status),
  )
}

/** Withdrawn where nothing has been given yet; else it is taken away, and what an unanswered call has done is looked for again. */
export function endedEarly(request: Request, by: Actor, now: Date, reason: string | null) {
  if (request.status === 'Granted' || request.status === 'PendingApproval')
    return canceled(request, by, now, reason)
  const given = request.status === 'PendingProvisioning' ? outcomeUnknown(request) : request
  return endingBegun(given, 'deactivated', by, now, reason)
}
