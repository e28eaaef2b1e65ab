import { activityOf, nameOfStep } from './activity-names.ts'
import { decisionEvent } from './approval-steps.ts'
import type { Activity, AuditEvent } from './audit.ts'
import { type Actor, INTERIM } from './person.ts'
import { type Ending, type Grant, isAboutSchedule, isPastDue, mayHold, type Request } from './request.ts'
import { event, type Step } from './request-event.ts'

export { event, type Step } from './request-event.ts'

/**
 * Every way from one state of a request to the next, pure, with the audit events that belong to it. Whoever takes a step
 * writes both in one transaction.
 */

/** Recorded with the request itself: asked for, and approval asked for where the role wants it. */
export function opened(request: Request): Step {
  const details = request.ticketInfo
    ? [
        ['ticketNumber', request.ticketInfo.ticketNumber ?? ''],
        ['ticketSystem', request.ticketInfo.ticketSystem ?? ''],
      ]
    : []
  if (request.action === 'selfExtend' && !isAboutSchedule(request)) details.push(['action', 'selfExtend'])
  for (const evaluationId of request.evaluations ?? []) details.push(['ticketCheck', evaluationId])
  if (request.condition) details.push(['condition', request.condition])
  const by = request.createdBy ?? request.principal
  const asked = event(request, 'requested', nameOfStep(request, 'asked'), by, request.createdDateTime, {
    reason: request.justification,
    details: details as [string, string][],
  })
  if (!request.approval || isAboutSchedule(request)) return { request, events: [asked] }
  const { decision } = request.approval
  if (decision?.via === 'automatic') return { request, events: [asked, decisionEvent(request, decision)] }
  return {
    request,
    events: [
      asked,
      event(
        request,
        'approval-requested',
        'Add member to role approval requested (PIM activation)',
        by,
        request.createdDateTime,
      ),
    ],
  }
}

/** Withdrawn while nothing has been given yet. */
export function canceled(request: Request, by: Actor, now: Date, reason: string | null = null): Step {
  const next: Request = { ...request, status: 'Canceled', completedDateTime: now.toISOString() }
  return {
    request: next,
    events: [event(next, 'canceled', nameOfStep(next, 'canceled'), by, now.toISOString(), { reason })],
  }
}

/**
 * Written down before the first call that may give access: that we are about to, what was there before us, and what another of
 * ours has given that is to be shared.
 */
export function intended(
  request: Request,
  preExisting: string | null,
  attempt: string,
  now: Date,
  shared: string | null = null,
): Step {
  const at = now.toISOString()
  const grant: Grant = {
    intendedAt: at,
    preExisting,
    assignmentId: shared,
    grantedAt: null,
    attempt,
    attemptedAt: at,
    unanswered: false,
  }
  return { request: { ...request, status: 'PendingProvisioning', grant }, events: [] }
}

/** Another run takes over: from here on the one before can no longer write what it thinks it has seen. */
export function attempted(request: Request, attempt: string, now: Date): Step {
  const grant = { ...(request.grant as Grant), attempt, attemptedAt: now.toISOString(), unanswered: true }
  return { request: { ...request, grant }, events: [] }
}

/** Left to this one by another that has ended: the assignment by its id or, by null, whatever a call has given that nobody answered. */
export function handedOver(request: Request, assignmentId: string | null): Step {
  const before = request.grant as Grant
  const grant = assignmentId === null ? { ...before, unanswered: true } : { ...before, assignmentId }
  return { request: { ...request, grant }, events: [] }
}

/** What it took for somebody else's was ours after all: it goes when this one ends. */
export function inherited(request: Request, assignmentId: string): Step {
  const grant: Grant = { ...(request.grant as Grant), preExisting: null, assignmentId }
  return { request: { ...request, grant }, events: [] }
}

/** Something of ours may still come: to be looked at again after the end. */
export function outcomeUnknown(request: Request): Request {
  return request.grant ? { ...request, grant: { ...request.grant, unanswered: true } } : request
}

/** Somebody outside has removed it before its end: from here on it is given again, judged again as at its start. */
export function restoring(request: Request, now: Date): Step {
  const at = now.toISOString()
  const before = request.grant as Grant
  const restored = (before.restored ?? 0) + 1
  const grant: Grant = { ...before, assignmentId: null, grantedAt: null, attemptedAt: at, restored }
  const next: Request = { ...request, status: 'PendingProvisioning', grant }
  const reason = 'It was removed outside before its end, and is being given again.'
  return {
    request: next,
    events: [
      event(next, `restored-${restored}`, 'Add member to role restored (PIM activation)', INTERIM, at, {
        reason,
      }),
    ],
  }
}

/** The tenant has it. `preExisting` names an assignment that turned out not to be ours. */
export function provisioned(request: Request, assignmentId: string, preExisting: boolean, now: Date): Step {
  const at = now.toISOString()
  const before = request.grant as Grant
  const next: Request = {
    ...request,
    status: 'Provisioned',
    grant: { ...before, preExisting: preExisting ? assignmentId : null, assignmentId, grantedAt: at },
  }
  const details: [string, string][] = [
    ['start', request.startsAt ?? ''],
    ['expiration', request.endsAt ?? 'never'],
    ['assignmentId', assignmentId],
  ]
  if (preExisting) details.push(['preExisting', 'true: this assignment was there before, and will stay'])
  return {
    request: next,
    events: [
      event(
        next,
        before?.restored ? `provisioned-${before.restored}` : 'provisioned',
        activityOf(next, 'completed'),
        INTERIM,
        at,
        {
          reason: request.justification,
          details,
        },
      ),
    ],
  }
}

/** It will not be given, for a reason that waiting does not mend; what may have been given is taken away first. */
export function failed(
  request: Request,
  { code, message }: { code: string; message: string },
  now: Date,
  sure?: 'nothing was given',
): Step {
  const at = now.toISOString()
  const failure = { code, message: message.slice(0, MOST_WORDS) }
  const nothingGiven = sure && request.grant?.unanswered === false && request.grant.assignmentId === null
  const given = mayHold(request) && !nothingGiven
  if (given) return endingBegun({ ...request, failure }, 'failed', INTERIM, now)
  const next: Request = { ...request, status: 'Failed', failure, completedDateTime: at }
  return { request: next, events: [failureEvent(next, failure, at)] }
}

/** Somebody or the clock has ended it: from here on it is only taken away, whatever else runs late. */
export function endingBegun(
  request: Request,
  because: Ending['because'],
  by: Actor,
  now: Date,
  reason: string | null = null,
): Step {
  const at = now.toISOString()
  const next: Request = {
    ...request,
    status: 'PendingRevocation',
    ending: { because, by, at, attempts: 0, retryAt: at, lastError: null },
  }
  const events =
    because === 'deactivated'
      ? [event(next, 'deactivate-requested', activityOf(next, 'removal requested'), by, at, { reason })]
      : []
  return { request: next, events }
}

/**
 * Taking it away did not work, or the tenant still shows it, or nobody else would hold the role (`isLast`). It will be tried
 * again at `retryAt`, for ever.
 */
export function removalDelayed(
  request: Request,
  error: string,
  retryAt: Date,
  now: Date,
  isLast = false,
): Step {
  const at = now.toISOString()
  const begun: Omit<Ending, 'retryAt' | 'lastError'> = request.ending ?? {
    because: 'expired',
    by: INTERIM,
    at,
    attempts: 0,
  }
  const { keptSince, ...unkept } = begun
  const isNoLongerLast = keptSince !== undefined && !isLast // from here on it is like any other that does not go
  const attempts = isNoLongerLast ? 1 : begun.attempts + 1
  const ending: Ending = {
    ...unkept,
    attempts,
    retryAt: retryAt.toISOString(),
    lastError: error.slice(0, MOST_WORDS),
    ...(isLast && { keptSince: keptSince ?? attempts }),
  }
  const next: Request = { ...request, status: 'PendingRevocation', ending }
  if (isLast) {
    if (keptSince !== undefined) return { request: next, events: [] }
    const reason = error
    const kept = { result: 'failure', reason } as const
    return {
      request: next,
      events: [event(next, `kept-${at}`, removalActivity(next, ending.because), INTERIM, at, kept)],
    }
  }
  // Once is enough, and not for a directory that merely takes its time. Past due is a number elsewhere.
  const events =
    ending.attempts === ALARMING_ATTEMPTS
      ? [
          event(next, 'removal-failed', removalActivity(next, ending.because), INTERIM, now.toISOString(), {
            result: 'failure',
            reason: `It could not be removed yet and will be tried again until it is gone: ${error}`,
          }),
        ]
      : []
  return { request: next, events }
}

/** What others tell us is kept as far as it helps: a row has its limits. */
const MOST_WORDS = 500

/** After so many attempts somebody has to know that access outlives its end. */
export const ALARMING_ATTEMPTS = 4

/** Gone, and the tenant was read back to be sure; or never ours to take; or still covered by another of ours. */
export function ended(
  request: Request,
  because: Ending['because'],
  by: Actor,
  now: Date,
  coveredBy: string | null = null,
): Step {
  const at = now.toISOString()
  const status = {
    expired: 'Expired',
    deactivated: 'Revoked',
    failed: 'Failed',
    removedOutside: 'Revoked',
  } as const
  const begun: Ending = request.ending ?? { because, by, at, attempts: 0, retryAt: at, lastError: null }
  const ending: Ending = coveredBy ? { ...begun, coveredBy } : begun
  const next: Request = { ...request, status: status[because], ending, completedDateTime: at }
  if (because === 'failed' && request.failure)
    return { request: next, events: [failureEvent(next, request.failure, at)] }
  const details: [string, string][] = [['removed', removedHow(request, because, coveredBy)]]
  if (isPastDue(request, now)) details.push(['pastDue', request.endsAt as string])
  return {
    request: next,
    events: [event(next, 'ended', removalActivity(next, because), by, at, { details })],
  }
}

function removedHow({ grant }: Request, because: Ending['because'], coveredBy: string | null): string {
  if (coveredBy) return `no: still covered by ${coveredBy}`
  if (because === 'removedOutside') return 'by somebody outside, before its end; read back'
  return grant?.preExisting ? 'no: it was there before' : 'yes, and read back'
}

function removalActivity(request: Request, because: Ending['because']): Activity {
  if (because === 'removedOutside') return 'Remove member from role outside of PIM (PIM activation)'
  return activityOf(request, because === 'deactivated' ? 'removed' : 'expired')
}

function failureEvent(request: Request, failure: { code: string; message: string }, at: string): AuditEvent {
  return event(request, 'failed', activityOf(request, 'completed'), INTERIM, at, {
    result: 'failure',
    reason: `${failure.code}: ${failure.message}`,
  })
}
