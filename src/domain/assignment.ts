import { z } from 'zod'
import { warnedFromTheStart } from './assignment-warnings.ts'
import { conditionFields, conditionForAzure } from './condition.ts'
import { EligibilitySchedule, type EligibilityWindow } from './eligibility.ts'
import type { Actor } from './person.ts'
import type { Request } from './request.ts'
import { event, type Step } from './request-steps.ts'
import { Guid, rightForProvider, roleFields } from './role.ts'
import { after, later, MINUTE, plus } from './schedule.ts'
import { namesTarget, targetFields } from './schedule-target.ts'
import { text } from './text.ts'
import { TicketInfo } from './ticket.ts'

/** What administrators do with active assignments, in Graph's words: a `targetScheduleId` is the id of a request of ours. */
export const AssignmentId = z
  .string()
  .regex(/^req-[0-9a-f]{32}-[0-9a-z]{19,25}$/, 'must be an id that begins with req-')

const reasons = { justification: text(1000).nullish(), ticketInfo: TicketInfo.nullish() }
const isValidationOnly = z.boolean().default(false)

export const AdminAssign = z
  .strictObject({
    action: z.literal('adminAssign'),
    principalId: Guid,
    ...roleFields,
    ...reasons,
    scheduleInfo: EligibilitySchedule.default({ expiration: { type: 'noExpiration' } }),
    ...conditionFields,
    isValidationOnly,
  })
  .superRefine(rightForProvider)
  .superRefine(conditionForAzure)
export type AdminAssign = z.infer<typeof AdminAssign>

export const AdminUpdate = z
  .strictObject({
    action: z.enum(['adminUpdate', 'adminExtend', 'adminRenew']),
    ...targetFields(AssignmentId),
    ...reasons,
    scheduleInfo: EligibilitySchedule,
    isValidationOnly,
  })
  .superRefine(namesTarget)
export type AdminUpdate = z.infer<typeof AdminUpdate>

export const AdminRemove = z
  .strictObject({
    action: z.literal('adminRemove'),
    ...targetFields(AssignmentId),
    justification: text(1000).nullish(),
  })
  .superRefine(namesTarget)
export type AdminRemove = z.infer<typeof AdminRemove>

/**
 * The window that is asked for. Of a new one a duration counts from its start. Where that of a `running` one is moved the start stays,
 * and a duration counts from now: nobody gets the time that has gone by once more.
 */
export function assignmentWindow(
  { startDateTime, expiration }: EligibilitySchedule,
  now: Date,
  running: string | null = null,
): EligibilityWindow {
  const start = running ? new Date(running) : later(startDateTime ? new Date(startDateTime) : now, now)
  const end =
    expiration.type === 'noExpiration'
      ? null
      : expiration.type === 'afterDuration'
        ? after(later(start, now), expiration.duration)
        : new Date(expiration.endDateTime)
  return { startDateTime: start.toISOString(), endDateTime: end?.toISOString() ?? null }
}

/** Nothing is assigned for less, and nothing is taken away sooner after it was assigned; as at Microsoft. */
export const SHORTEST_ASSIGNMENT = 5 * MINUTE

/** Why a window makes no sense, whatever the role's settings say; null: it does. */
export function windowFault({ startDateTime, endDateTime }: EligibilityWindow, now: Date): string | null {
  const start = later(new Date(startDateTime), now)
  if (endDateTime && new Date(endDateTime) < plus(start, SHORTEST_ASSIGNMENT))
    return 'An assignment lasts at least 5 minutes, and they must lie ahead.'
  if (start > plus(now, LATEST_START)) return 'An assignment may begin at most 180 days ahead.'
  return null
}

const LATEST_START = 180 * 24 * 60 * MINUTE

/** How long after its end an assignment may still be renewed. */
export const RENEW_WITHIN = 30 * 24 * 60 * MINUTE

/** An administrator has moved its window: the only way in which the end of a grant ever moves. */
export function rescheduled(
  before: Request,
  how: 'adminUpdate' | 'adminExtend' | 'selfExtend',
  { asked, window, reason }: { asked: Request['asked']; window: EligibilityWindow; reason: string | null },
  by: Actor,
  now: Date,
): Step {
  const changes = (before.changes ?? 0) + 1
  const request: Request = {
    ...before,
    asked,
    changes,
    startsAt: window.startDateTime,
    endsAt: window.endDateTime,
    warned: warnedFromTheStart({ startsAt: window.startDateTime, endsAt: window.endDateTime }, now),
  }
  const lasting = window.endDateTime === null ? 'permanent' : 'timebound'
  const details: [string, string][] = [
    ['previousStart', before.startsAt ?? ''],
    ['previousExpiration', before.endsAt ?? 'never'],
    ['start', window.startDateTime],
    ['expiration', window.endDateTime ?? 'never'],
  ]
  const activity = `Update member in PIM completed (${how === 'adminUpdate' ? lasting : 'extend'})` as const
  return {
    request,
    events: [event(request, `${how}-${changes}`, activity, by, now.toISOString(), { reason, details })],
  }
}
