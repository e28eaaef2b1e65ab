import { z } from 'zod'
import { conditionFields, conditionForAzure } from './condition.ts'
import type { Actor } from './person.ts'
import { Guid, type PrincipalType, type Role, rightForProvider, roleFields } from './role.ts'
import { AnyExpiration, absent, Instant } from './schedule.ts'
import { namesTarget, targetFields } from './schedule-target.ts'
import { text } from './text.ts'
import { TicketInfo } from './ticket.ts'

export const EligibilityId = z
  .string()
  .regex(/^elig-[0-9a-f]{32}-[0-9a-z]{19,25}$/, 'must be an id that begins with elig-')

/** From when to when somebody is to be eligible: for a time, or for good. */
export const EligibilitySchedule = z.strictObject({
  startDateTime: Instant.nullish(),
  expiration: AnyExpiration,
  recurrence: absent,
})
export type EligibilitySchedule = z.infer<typeof EligibilitySchedule>

/** What an administrator sends to make somebody eligible. */
export const NewEligibility = z
  .strictObject({
    action: z.literal('adminAssign').optional(),
    principalId: Guid,
    ...roleFields,
    justification: text(1000).nullish(),
    ticketInfo: TicketInfo.nullish(),
    scheduleInfo: EligibilitySchedule.default({ expiration: { type: 'noExpiration' } }),
    ...conditionFields,
  })
  .superRefine(rightForProvider)
  .superRefine(conditionForAzure)
export type NewEligibility = z.infer<typeof NewEligibility>

/** What an administrator sends to move the dates of an eligibility. */
const EligibilityUpdate = z
  .strictObject({
    action: z.enum(['adminUpdate', 'adminExtend', 'adminRenew']),
    ...targetFields(EligibilityId),
    justification: text(1000).nullish(),
    ticketInfo: TicketInfo.nullish(),
    scheduleInfo: EligibilitySchedule,
  })
  .superRefine(namesTarget)
export type EligibilityUpdate = z.infer<typeof EligibilityUpdate>

const EligibilityRemoval = z
  .strictObject({
    action: z.literal('adminRemove'),
    ...targetFields(EligibilityId),
    justification: text(1000).nullish(),
  })
  .superRefine(namesTarget)

/** Everything that administrators do with eligibilities, in Graph's words. Without a word: adminAssign. */
export const EligibilityAction = z.discriminatedUnion('action', [
  NewEligibility,
  EligibilityUpdate,
  EligibilityRemoval,
])
export type EligibilityAction = z.infer<typeof EligibilityAction>

/** The right to activate a role: who, which role, and the window in which it may be used (no end: permanent). */
export type Eligibility = Role & {
  id: string
  principalId: string
  principalType: 'User' | 'Group'
  principalName: string
  roleName: string
  scopeName: string
  startDateTime: string
  endDateTime: string | null
  createdDateTime: string
  createdBy: Actor
  justification: string | null
  /** Azure: under which condition it is given when it is activated; absent: under none. */
  condition?: string | null
  /** How often its window has been moved; absent: never. */
  changes?: number
  /** How many of the {@link WARNINGS} of this end have been given, or had no place; absent: none. */
  warned?: number
}

export type EligibilityWindow = Pick<Eligibility, 'startDateTime' | 'endDateTime'>

/**
 * Why this kind of principal cannot be made eligible for this role, with a code; null: it can. Whether a group can hold
 * directory roles is settled when it is made and never changes, so that nothing has to be judged again later.
 */
export function principalRefusal(
  { provider, roleDefinitionId }: Role,
  principal: { type: PrincipalType; displayName: string; isAssignableToRole?: boolean },
): { code: string; message: string } | null {
  if (principal.type !== 'Group') return null
  if (provider === 'directory' && !principal.isAssignableToRole)
    return {
      code: 'GroupNotAssignableToRole',
      message: `The group ${principal.displayName} is not role-assignable (isAssignableToRole): whoever manages its members would decide who gets a directory role. Make a role-assignable group eligible, or people.`,
    }
  if (provider === 'group' && roleDefinitionId === 'owner')
    return {
      code: 'GroupCannotOwn',
      message: `A group cannot own a group: make ${principal.displayName} eligible for membership, or people for ownership.`,
    }
  return null
}

/** May be used at this instant. The end itself is outside, as it is for everything that ends here. */
export function isCurrent({ startDateTime, endDateTime }: EligibilityWindow, now: Date): boolean {
  return new Date(startDateTime) <= now && (endDateTime === null || now < new Date(endDateTime))
}

/** Time-bound eligibilities whose end lies ahead or that never end: what “My roles” lists. */
export function isNotOver({ endDateTime }: Pick<Eligibility, 'endDateTime'>, now: Date): boolean {
  return endDateTime === null || now < new Date(endDateTime)
}

/** Do these two have an instant in common? Where one ends the other may begin. */
export function overlaps(a: EligibilityWindow, b: EligibilityWindow): boolean {
  const ends = (end: string | null) => (end === null ? Number.POSITIVE_INFINITY : Date.parse(end))
  return (
    Date.parse(a.startDateTime) < ends(b.endDateTime) && Date.parse(b.startDateTime) < ends(a.endDateTime)
  )
}
