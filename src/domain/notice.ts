import type { News } from './approval.ts'
import { decisionEvent } from './approval-steps.ts'
import type { AuditEvent } from './audit.ts'
import type { Eligibility } from './eligibility.ts'
import type { Warning } from './eligibility-life.ts'
import type { Incident } from './incident.ts'
import type { Request } from './request.ts'
import { ALARMING_ATTEMPTS, opened } from './request-steps.ts'
import { MINUTE } from './schedule.ts'

/** Something that has happened to a request and that people are told. */
export type NoticeKind =
  | 'approvalRequested'
  | 'approvalReminder'
  | 'approvalEscalated'
  | 'decided'
  | 'canceled'
  | 'timedOut'
  | 'activated'
  | 'ended'
  | 'failed'
  | 'removalFailing'
  | 'keptAsLast'

/**
 * What stands in the outbox after a change: the events to be indexed, the request as it was then, and whom to tell.
 * Recipients are found when it is sent, on live data.
 */
export type Notice = {
  kinds: NoticeKind[]
  request: Request
  events: AuditEvent[]
  /** Only these mails (`<kind> <person>`) are still to go out: what is left of a notice that partly did. */
  left?: string[]
}

/** An incident, or for the first look at a scope all that was found there, told to those who administer it. */
export type IncidentNotice = {
  kinds: ['foundOutside'] | ['foundAtFirstLook']
  incident: Incident
  /** How many were found at the first look, this one among them. */
  count: number
  events: AuditEvent[]
  left?: string[]
}

/** Everything that people are told. */
export type AnyNotice = Notice | EligibilityNotice | IncidentNotice | DigestNotice

/** The digest of a week, to one person. What it says is kept where digests are. */
export type DigestNotice = {
  kinds: ['weeklyDigest']
  digest: { week: string }
  personId: string
  events: AuditEvent[]
  left?: string[]
}

/** What people are told of a request in this state, after a change; null: nothing that they do not know. */
export function noticeOf(request: Request): NoticeKind | null {
  switch (request.status) {
    case 'PendingApproval':
    case 'PendingAdminDecision':
      return request.approval ? ASKED[request.approval.news.what] : null
    case 'Granted':
      return request.approval ? 'decided' : null // without an approval the next mail says that it is active
    case 'Denied':
    case 'ScheduleCreated':
      return 'decided'
    case 'Canceled':
      return 'canceled'
    case 'TimedOut':
      return 'timedOut'
    case 'Provisioned':
      return 'activated'
    case 'PendingRevocation':
      return removalNotice(request)
    case 'Expired':
      return request.ending?.coveredBy ? null : 'ended' // whoever has it longer was told until when
    case 'Revoked':
      return 'ended'
    case 'Failed':
      return 'failed'
    default:
      return null
  }
}

/** That somebody has signed and others are still to is no news for anybody who has to act. */
const ASKED = {
  asked: 'approvalRequested',
  advanced: 'approvalRequested',
  reminded: 'approvalReminder',
  escalated: 'approvalEscalated',
  voted: null,
} as const satisfies Record<News['what'], NoticeKind | null>

/** Once when it does not go, and once when it has to stay. */
function removalNotice({ ending }: Request): NoticeKind | null {
  if (ending?.keptSince !== undefined) return ending.keptSince === ending.attempts ? 'keptAsLast' : null
  return ending?.attempts === ALARMING_ATTEMPTS ? 'removalFailing' : null
}

/**
 * What people are told when these events were told to nobody. A decision stays news when the access has already followed
 * from it; whatever else came before the latest change is overtaken by it.
 */
export function noticesOf(
  request: Request,
  untold: readonly AuditEvent[],
  isLatestUntold: boolean,
): NoticeKind[] {
  const kinds = new Set<NoticeKind>()
  if (untold.some(({ id }) => id === `${request.id}.decided`)) kinds.add('decided')
  const latest = isLatestUntold ? noticeOf(request) : null
  if (latest) kinds.add(latest)
  return [...kinds]
}

/**
 * What a request or a decision leaves for the grant that follows at once to tell with its own news: one notice, not two.
 * Only for a minute: when nothing has followed by then, the sweep has looked and told it.
 */
export function leftForTheGrant(request: Request, now: Date): AuditEvent[] {
  const { status, approval, startsAt, createdDateTime } = request
  if (status !== 'Granted' && status !== 'PendingProvisioning') return []
  const at = Date.parse(approval ? (approval.decision?.reviewedDateTime ?? '') : createdDateTime)
  const startsAtOnce = Date.parse(startsAt ?? '') <= at
  if (!startsAtOnce || now.getTime() - at >= MINUTE) return []
  const { decision } = approval ?? {}
  return decision && decision.via !== 'automatic'
    ? [decisionEvent(request, decision)]
    : opened(request).events
}

/** Something that has happened to an eligibility and that people are told: its end comes near, or an administrator has moved it. */
export type EligibilityNoticeKind = Warning | 'moved'

export type EligibilityNotice = {
  kinds: EligibilityNoticeKind[]
  eligibility: Eligibility
  events: AuditEvent[]
  left?: string[]
}

/**
 * What people are told when these events of an eligibility were told to nobody. A warning of an end that has been moved since
 * is no news any more; what somebody asked for and got, they hear of by the decision.
 */
export function eligibilityNoticesOf(
  { changes = 0 }: Eligibility,
  untold: readonly AuditEvent[],
): EligibilityNoticeKind[] {
  const kinds = untold.flatMap(({ id }): EligibilityNoticeKind[] => {
    const [step = '', change] = id.slice(id.indexOf('.') + 1).split('-')
    if (change !== `${changes}`) return []
    if (step === 'endsIn14Days' || step === 'endsIn1Day' || step === 'hasEnded') return [step]
    return step.startsWith('admin') ? ['moved'] : []
  })
  return [...new Set(kinds)]
}
