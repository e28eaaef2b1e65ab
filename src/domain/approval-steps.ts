import { nameOfStep } from './activity-names.ts'
import type { Approval, Decision, Stage, Vote } from './approval.ts'
import { escalatedIn, remindedIn, withFound } from './approval-progress.ts'
import type { AuditEvent } from './audit.ts'
import type { EligibilityWindow } from './eligibility.ts'
import { INTERIM } from './person.ts'
import type { Request } from './request.ts'
import { event, type Step } from './request-event.ts'

/** Every way that an approval goes on, with the events that belong to it: what request-steps.ts is for the rest of a request's life. */

/** Approved or denied by somebody who may. The window of an approved one counts from now, unless a start was asked for. */
export function decided(
  request: Request,
  decision: Decision,
  window: { start: Date; end: Date } | null,
): Step {
  const approved = decision.reviewResult === 'Approved' && window
  const next: Request = {
    ...request,
    status: approved ? 'Granted' : 'Denied',
    startsAt: approved ? window.start.toISOString() : request.startsAt,
    endsAt: approved ? window.end.toISOString() : request.endsAt,
    completedDateTime: approved ? null : decision.reviewedDateTime,
    approval: request.approval && { ...request.approval, decision },
  }
  return { request: next, events: [decisionEvent(next, decision)] }
}

/** An extension or a renewal, decided by an administrator; what becomes of the eligibility is written with it. */
export function extensionDecided(
  request: Request,
  decision: Decision,
  window: EligibilityWindow | null,
): Step {
  const next: Request = {
    ...request,
    status: window ? 'ScheduleCreated' : 'Denied',
    startsAt: window?.startDateTime ?? null,
    endsAt: window?.endDateTime ?? null,
    completedDateTime: decision.reviewedDateTime,
    approval: request.approval && { ...request.approval, decision },
  }
  return { request: next, events: [decisionEvent(next, decision)] }
}

/** The record of a decision; the same text whenever it is made from the request. */
export function decisionEvent(request: Request, decision: Decision): AuditEvent {
  const name = nameOfStep(request, decision.reviewResult === 'Approved' ? 'approved' : 'denied')
  return event(request, 'decided', name, decision.reviewedBy, decision.reviewedDateTime, {
    reason: decision.justification,
    details: [['via', decision.via], ...inPlaceOf(decision), ...givenAs(decision)],
  })
}

/** One of several approvals that it takes. */
export function signed(request: Request, approval: Approval, vote: Omit<Vote, 'stages' | 'once'>): Step {
  const at = vote.reviewedDateTime
  const done = approval.stages.filter(({ completedAt }) => completedAt === at).length
  const details: [string, string][] = [['via', vote.via], ...inPlaceOf(vote)]
  if (done > 0) details.push(['stagesCompleted', `${completed(approval)} of ${approval.stages.length}`])
  const next: Request = { ...request, approval }
  const name = 'Add member to role approval signed (PIM activation)'
  const reason = vote.justification
  return {
    request: next,
    events: [event(next, `signed-${approval.news.n}`, name, vote.reviewedBy, at, { reason, details })],
  }
}

const completed = ({ stages }: Approval) => stages.filter(({ completedAt }) => completedAt !== null).length

const givenAs = ({ givenAs: id }: Decision): [string, string][] => (id ? [['givenAs', id]] : [])

const inPlaceOf = ({ onBehalfOf }: Pick<Decision, 'onBehalfOf'>): [string, string][] =>
  onBehalfOf ? [['onBehalfOf', `${onBehalfOf.displayName} (${onBehalfOf.id})`]] : []

/** Nobody answered in time. */
export function timedOut(request: Request, now: Date): Step {
  const next: Request = { ...request, status: 'TimedOut', completedDateTime: now.toISOString() }
  return {
    request: next,
    events: [
      event(next, 'timed-out', nameOfStep(request, 'timedOut'), INTERIM, now.toISOString(), {
        result: 'failure',
        reason: `Nobody decided before ${request.approval?.pendingUntil}.`,
      }),
    ],
  }
}

/** Those who have not answered are reminded, in the stages where it is time. */
export function reminded(request: Request, indexes: readonly number[], now: Date, found: Found): Step {
  if (!request.approval) return { request, events: [] }
  const approval = remindedIn(withFound(request.approval, found), indexes, now)
  return asked(request, approval, 'reminded', nameOfStep(request, 'reminded'), now)
}

/** It goes to the next people, who may decide besides those who were asked first. */
export function escalated(request: Request, indexes: readonly number[], now: Date, found: Found): Step {
  if (!request.approval) return { request, events: [] }
  const approval = escalatedIn(withFound(request.approval, found), indexes, now)
  return asked(request, approval, 'escalated', 'Add member to role approval escalated (PIM activation)', now)
}

/** By the number of a stage: who was found behind its approvers. */
export type Found = ReadonlyMap<number, string[]>

function asked(
  request: Request,
  approval: Approval,
  step: string,
  name: AuditEvent['activityDisplayName'],
  now: Date,
): Step {
  const next: Request = { ...request, approval }
  const { n, stages } = approval.news
  const details: [string, string][] =
    approval.stages.length > 1 ? [['stages', stages.map((index) => index + 1).join(', ')]] : []
  return {
    request: next,
    events: [event(next, `${step}-${n}`, name, INTERIM, now.toISOString(), { details })],
  }
}

/** The numbers of the open stages for which an instant of theirs has come. */
export const stagesDue = (
  { stages }: Approval,
  open: readonly number[],
  instant: (stage: Stage) => string | null,
  isDue: (at: string | null) => boolean,
): number[] => open.filter((index) => isDue(instant(stages[index] as Stage)))
