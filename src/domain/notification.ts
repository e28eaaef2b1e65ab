import type { EligibilityNoticeKind, NoticeKind, NoticeToMany } from './notice.ts'
import { isAboutSchedule, isAssigned, type Request } from './request.ts'
import { type NOTIFICATIONS, type Rule, ruleOf } from './rules.ts'

/**
 * Who is told of what, by the nine notification rules of a role: Microsoft's matrix of three occasions and three capacities.
 * The same for every provider; who its administrators are, only the provider knows. In words: docs/notices.md.
 */

/** In which capacity somebody is told. */
export type Capacity = 'requester' | 'approver' | 'administrator'
/** What it is about: as the names of the rules end. */
export type Occasion = 'Admin_Eligibility' | 'Admin_Assignment' | 'EndUser_Assignment'
/**
 * `critical`: somebody is to act now, so it goes out under "critical mails only" as well. `always`: whatever the rules say, since
 * it tells that what they protect does not hold.
 */
export type Urgency = 'always' | 'critical' | 'ordinary'

type NotificationRuleId = (typeof NOTIFICATIONS)[number]
type Told = Partial<Record<Capacity, Urgency>>

const BOTH_SIDES: Told = { requester: 'ordinary', approver: 'ordinary' }
const ORDINARY: Told = { requester: 'ordinary', administrator: 'ordinary' }
const CRITICAL: Told = { requester: 'critical', administrator: 'critical' }

const TOLD: Record<NoticeKind | EligibilityNoticeKind, Told> = {
  approvalRequested: { approver: 'critical' },
  approvalReminder: { approver: 'critical' },
  approvalEscalated: { approver: 'critical' },
  decided: BOTH_SIDES,
  canceled: BOTH_SIDES,
  timedOut: BOTH_SIDES,
  activated: ORDINARY,
  ended: ORDINARY,
  failed: CRITICAL,
  removalFailing: { administrator: 'always' },
  keptAsLast: { requester: 'always', administrator: 'always' },
  assigned: ORDINARY,
  moved: ORDINARY,
  removed: ORDINARY,
  endsIn14Days: ORDINARY, // from now on it may be extended: there is time to act
  endsIn1Day: CRITICAL,
  hasEnded: ORDINARY,
}

/** Who is told of a notice, and how urgently. That an activation ends as it was to end is news to nobody but whose it was. */
export function toldOf(kind: NoticeKind | EligibilityNoticeKind, occasion: Occasion): Told {
  return kind === 'ended' && occasion === 'EndUser_Assignment' ? { requester: 'ordinary' } : TOLD[kind]
}

export function occasionOf(request: Request): Occasion {
  if (isAboutSchedule(request))
    return request.about === 'assignment' ? 'Admin_Assignment' : 'Admin_Eligibility'
  return isAssigned(request) ? 'Admin_Assignment' : 'EndUser_Assignment'
}

const WHOM = { requester: 'Requestor', approver: 'Approver', administrator: 'Admin' } as const

/** The rule that says whether somebody in this capacity is told on this occasion. */
export const cellOf = (capacity: Capacity, occasion: Occasion): NotificationRuleId =>
  `Notification_${WHOM[capacity]}_${occasion}`

/** What the rules in force leave of it: whether those concerned are told, and which addresses besides. */
export type Audience = { byDefault: boolean; addresses: readonly string[] }

const NOBODY: Audience = { byDefault: false, addresses: [] }

export function audienceOf(
  rules: readonly Rule[],
  capacity: Capacity,
  occasion: Occasion,
  urgency: Urgency,
): Audience {
  const rule = ruleOf(rules, cellOf(capacity, occasion))
  const isLetThrough =
    rule.notificationLevel === 'All' || (rule.notificationLevel === 'Critical' && urgency === 'critical')
  if (urgency === 'always') return { byDefault: true, addresses: rule.notificationRecipients }
  if (!isLetThrough) return NOBODY
  return { byDefault: rule.isDefaultRecipientsEnabled, addresses: rule.notificationRecipients }
}

/** Does somebody wait for it, or has something gone wrong: then it goes before what can wait. */
export function isPressing(notice: NoticeToMany): boolean {
  if ('incident' in notice || 'change' in notice) return true
  return notice.kinds.some((kind) => Object.values(TOLD[kind]).some((urgency) => urgency !== 'ordinary'))
}

/** Whose doing a mail is, where anybody may cause as many as they like: asking, and withdrawing, and asking again. */
export function causeOf(notice: NoticeToMany): string | undefined {
  if (!('request' in notice)) return undefined
  const { createdBy, principal } = notice.request
  const isTheirDoing = notice.kinds.every(
    (kind) => !['removalFailing', 'keptAsLast', 'endsIn1Day'].includes(kind),
  )
  return isTheirDoing ? (createdBy ?? principal).id : undefined
}
