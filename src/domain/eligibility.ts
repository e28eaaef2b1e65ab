import { z } from 'zod'
import type { Actor } from './person.ts'
import { Guid, type PrincipalType, type Role, rightForProvider, roleFields } from './role.ts'
import { Expiration, Instant } from './schedule.ts'
import { text } from './text.ts'

/** What an administrator sends to make somebody eligible. */
export const NewEligibility = z
  .strictObject({
    principalId: Guid,
    ...roleFields,
    justification: text(1000).nullish(),
    scheduleInfo: z
      .strictObject({
        startDateTime: Instant.nullish(),
        expiration: z.union([
          z
            .strictObject({ type: z.literal(['noExpiration', 'NoExpiration']) })
            .transform(() => ({ type: 'noExpiration' as const })),
          Expiration,
        ]),
      })
      .default({ expiration: { type: 'noExpiration' } }),
  })
  .superRefine(rightForProvider)
export type NewEligibility = z.infer<typeof NewEligibility>

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
}

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
export function isCurrent({ startDateTime, endDateTime }: Eligibility, now: Date): boolean {
  return new Date(startDateTime) <= now && (endDateTime === null || now < new Date(endDateTime))
}

/** Time-bound eligibilities whose end lies ahead or that never end: what “My roles” lists. */
export function isNotOver({ endDateTime }: Eligibility, now: Date): boolean {
  return endDateTime === null || now < new Date(endDateTime)
}
