import { z } from 'zod'
import { justificationDenials } from './activation.ts'
import type { Ask } from './ask.ts'
import { type AssigningDemands, expirationDenials } from './assigning.ts'
import { AssignmentId } from './assignment.ts'
import type { Denial } from './denial.ts'
import { EligibilityId, type EligibilityWindow } from './eligibility.ts'
import { endsLater, makesSense, mayBeExtended, mayBeRenewed, RENEW_WITHIN } from './eligibility-life.ts'
import type { Person } from './person.ts'
import type { RoleDescription } from './role.ts'
import { earlier, HOUR, plus, ScheduleInfo } from './schedule.ts'
import { namesOwnTarget, targetFields } from './schedule-target.ts'
import { text } from './text.ts'

/** What somebody sends to keep an eligibility of their own for longer, or to get one back that has ended. */
export const SelfExtend = z
  .strictObject({
    action: z.literal(['selfExtend', 'selfRenew']),
    ...targetFields(EligibilityId),
    scheduleInfo: ScheduleInfo,
    justification: text(1000).nullish(),
    isValidationOnly: z.boolean().default(false),
  })
  .superRefine(namesOwnTarget)
export type SelfExtend = z.infer<typeof SelfExtend>

/** The same for an active assignment: a `targetScheduleId` is the id of the request that gave it. */
export const SelfExtendAssignment = z
  .strictObject({ ...SelfExtend.shape, ...targetFields(AssignmentId) })
  .superRefine(namesOwnTarget)
export type SelfExtendAssignment = z.infer<typeof SelfExtendAssignment>

type MoreTime = SelfExtend['action']

type What = 'eligibility' | 'assignment'

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
  before: EligibilityWindow,
  ask: Pick<Ask, 'justification'> & { window: EligibilityWindow },
  c: ExtensionCircumstances,
  what: What = 'eligibility',
): Denial[] {
  return [
    ...askingDenials(action, before, ask, c, what),
    ...windowDenials(action, before, ask.window, c.now),
    ...expirationDenials(ask.window, c.demands, c.now),
  ]
}

/** Why it may not be asked for at all, with whatever window; what it is answered with may be judged by rules of its own. */
export function askingDenials(
  action: MoreTime,
  before: EligibilityWindow,
  ask: Pick<Ask, 'justification'>,
  c: Omit<ExtensionCircumstances, 'demands'>,
  what: What = 'eligibility',
): Denial[] {
  return [
    ...requesterDenials(c),
    ...timeDenials(action, before, c.now, what),
    ...justificationDenials(ask, { demands: { justification: true } }),
  ]
}

function requesterDenials({
  requester,
  definition,
}: Pick<ExtensionCircumstances, 'requester' | 'definition'>): Denial[] {
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

function timeDenials(action: MoreTime, before: EligibilityWindow, now: Date, what: What): Denial[] {
  const an = what === 'eligibility' ? 'An eligibility' : 'An assignment'
  const deny = (message: string): Denial[] => [
    { rule: 'ExpirationRule', target: 'targetScheduleId', message },
  ]
  if (action === 'selfRenew')
    return mayBeRenewed(before, now)
      ? []
      : deny(`${an} is renewed within 30 days after its end; before it, it is extended.`)
  if (mayBeExtended(before, now)) return []
  if (before.endDateTime === null) return deny(`This ${what} is permanent: there is nothing to extend.`)
  return deny(`${an} is extended within the 14 days before its end; after it, it is renewed.`)
}

function windowDenials(
  action: MoreTime,
  before: EligibilityWindow,
  window: EligibilityWindow,
  now: Date,
): Denial[] {
  const target = 'scheduleInfo.expiration'
  if (!makesSense(window, now))
    return [{ rule: 'ExpirationRule', target, message: 'At least 5 minutes, and they must lie ahead.' }]
  if (action === 'selfRenew' || before.endDateTime === null || endsLater(window, before)) return []
  return [
    {
      rule: 'ExpirationRule',
      target,
      message: `It ends at ${before.endDateTime}: ask for a later end.`,
    },
  ]
}

/** When nobody is asked any more: after a fortnight; and of an extension not after the end, for then it would be a renewal. */
export function pendingUntil(action: MoreTime, { endDateTime }: EligibilityWindow, now: Date): Date {
  const end = new Date(endDateTime as string)
  return earlier(plus(now, 14 * 24 * HOUR), action === 'selfExtend' ? end : plus(end, RENEW_WITHIN))
}
