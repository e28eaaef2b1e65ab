import { z } from 'zod'
import type { Request } from './request.ts'
import { Guid, type Role, rightForProvider, roleFields } from './role.ts'
import { absent, Expiration, later, ScheduleInfo, windowOf } from './schedule.ts'
import { text } from './text.ts'
import { TicketInfo } from './ticket.ts'

/** What somebody sends to activate a role. `principalId`, if given, must be the caller's own. */
export const SelfActivate = z
  .strictObject({
    action: z.literal('selfActivate'),
    ...roleFields,
    principalId: Guid.optional(),
    scheduleInfo: ScheduleInfo,
    justification: text(1000).nullish(),
    ticketInfo: TicketInfo.nullish(),
    isValidationOnly: z.boolean().default(false),
  })
  .superRefine(rightForProvider)
export type SelfActivate = z.infer<typeof SelfActivate>

/** What somebody sends to keep an active role for longer: from now, or from the approval, to a later end than it has. */
export const SelfExtend = z
  .strictObject({
    ...SelfActivate.shape,
    action: z.literal('selfExtend'),
    scheduleInfo: z
      .strictObject({ startDateTime: absent, expiration: Expiration, recurrence: absent })
      .transform(({ expiration }) => ({ startDateTime: null, expiration })),
  })
  .superRefine(rightForProvider)
export type SelfExtend = z.infer<typeof SelfExtend>

/** What is asked for, in the form in which it is also kept and judged again later. */
export type Ask = Pick<SelfActivate, 'justification' | 'ticketInfo' | 'scheduleInfo'> & {
  role: Role
  /** Judged again: the condition that it was asked for under, or none; not known when it is first asked for. */
  condition?: string | null
  /** To extend what is active: then approval is also needed where the role asks for it only then. */
  extends?: boolean
  /** It begins when another activation has not ended, or has just: then the same holds. */
  continues?: boolean
  /** Judged again: the end that its approvers were shown and that it is given until; none while that counts from the approval. */
  until?: string | null
}

/** From when to when it would last: from now, unless a later start is asked for. */
export function windowAsked(
  { scheduleInfo, until }: Pick<Ask, 'scheduleInfo' | 'until'>,
  now: Date,
): { start: Date; end: Date } {
  const { startDateTime, expiration } = scheduleInfo
  const asked = startDateTime ? new Date(startDateTime) : now
  const { end } = until ? { end: new Date(until) } : windowOf(asked, expiration)
  return { start: later(asked, now), end }
}

/**
 * What a kept request asks for, to be judged again: from the start that it was given, if it has one by now, until the end that it
 * was given with it. The duration that was asked for is not counted once more: its start may have been past.
 */
export function askOf(request: Request): Ask {
  const { provider, roleDefinitionId, scope, justification, ticketInfo, asked, startsAt, endsAt } = request
  if (asked.expiration.type === 'noExpiration') throw new Error(`Request ${request.id} is no activation.`)
  return {
    extends: request.action === 'selfExtend',
    continues: request.continues === true,
    condition: request.condition ?? null,
    role: { provider, roleDefinitionId, scope },
    justification,
    ticketInfo,
    scheduleInfo: { startDateTime: startsAt ?? asked.startDateTime, expiration: asked.expiration },
    ...(startsAt && endsAt && { until: endsAt }),
  }
}
