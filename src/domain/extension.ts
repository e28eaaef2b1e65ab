import { z } from 'zod'
import { type Ask, justificationDenials } from './activation.ts'
import { type AssigningDemands, expirationDenials } from './assigning.ts'
import type { Denial } from './denial.ts'
import { type Eligibility, EligibilityId, type EligibilityWindow } from './eligibility.ts'
import { endsLater, makesSense, mayBeExtended, mayBeRenewed, RENEW_WITHIN } from './eligibility-life.ts'
import type { Person } from './person.ts'
import { Guid, type RoleDescription } from './role.ts'
import { earlier, HOUR, plus, ScheduleInfo } from './schedule.ts'
import { text } from './text.ts'

/** What somebody sends to keep an eligibility of their own for longer, or to get one back that has ended. */
export const SelfExtend = z.strictObject({
  action: z.literal(['selfExtend', 'selfRenew']),
  targetScheduleId: EligibilityId,
  principalId: Guid.optional(),
  scheduleInfo: ScheduleInfo,
  justification: text(1000).nullish(),
  isValidationOnly: z.boolean().default(false),
})
export type SelfExtend = z.infer<typeof SelfExtend>

type MoreTime = SelfExtend['action']

/** All that the answer depends on, as it is now. */
export type ExtensionCircumstances = {
  now: Date
  requester: Person | undefined
  definition: RoleDescription | undefined
  demands: AssigningDemands
}

/**
 * Every reason to refuse an extension or a renewal with this window: the one function that decides it, when it is asked for and
 * when it is approved.
 */
export function extensionDenials(
  action: MoreTime,
  eligibility: Eligibility,
  ask: Pick<Ask, 'justification'> & { window: EligibilityWindow },
  c: ExtensionCircumstances,
): Denial[] {
  return [
    ...requesterDenials(c),
    ...timeDenials(action, eligibility, c.now),
    ...windowDenials(action, eligibility, ask.window, c.now),
    ...expirationDenials(ask.window, c.demands, c.now),
    ...justificationDenials(ask, { demands: { justification: true } }),
  ]
}

function requesterDenials({ requester, definition }: ExtensionCircumstances): Denial[] {
  const denials: Denial[] = []
  if (!requester?.accountEnabled)
    denials.push({
      rule: 'RequesterRule',
      target: 'principalId',
      message: 'The account of the requester is disabled or gone.',
    })
  if (!definition?.isEnabled || definition.refusal)
    denials.push({
      rule: 'RoleRule',
      target: 'targetScheduleId',
      message: definition?.refusal?.message ?? 'The role is disabled, or there is none any more.',
    })
  return denials
}

function timeDenials(action: MoreTime, eligibility: Eligibility, now: Date): Denial[] {
  const deny = (message: string): Denial[] => [
    { rule: 'ExpirationRule', target: 'targetScheduleId', message },
  ]
  if (action === 'selfRenew')
    return mayBeRenewed(eligibility, now)
      ? []
      : deny('An eligibility is renewed within 30 days after its end; before it, it is extended.')
  if (mayBeExtended(eligibility, now)) return []
  if (eligibility.endDateTime === null)
    return deny('This eligibility is permanent: there is nothing to extend.')
  return deny('An eligibility is extended within the 14 days before its end; after it, it is renewed.')
}

function windowDenials(
  action: MoreTime,
  eligibility: Eligibility,
  window: EligibilityWindow,
  now: Date,
): Denial[] {
  const target = 'scheduleInfo.expiration'
  if (!makesSense(window, now))
    return [{ rule: 'ExpirationRule', target, message: 'At least 5 minutes, and they must lie ahead.' }]
  if (action === 'selfRenew' || eligibility.endDateTime === null || endsLater(window, eligibility)) return []
  return [
    {
      rule: 'ExpirationRule',
      target,
      message: `It ends at ${eligibility.endDateTime}: ask for a later end.`,
    },
  ]
}

/** When nobody is asked any more: after a fortnight; and of an extension not after the end, for then it would be a renewal. */
export function pendingUntil(action: MoreTime, { endDateTime }: Eligibility, now: Date): Date {
  const end = new Date(endDateTime as string)
  return earlier(plus(now, 14 * 24 * HOUR), action === 'selfExtend' ? end : plus(end, RENEW_WITHIN))
}
