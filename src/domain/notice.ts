import type { News } from './approval.ts'
import { decisionEvent } from './approval-steps.ts'
import type { AuditEvent } from './audit.ts'
import type { Addressee } from './bundle.ts'
import type { Eligibility } from './eligibility.ts'
import type { Warning } from './eligibility-life.ts'
import type { Incident } from './incident.ts'
import type { Request } from './request.ts'
import { ALARMING_ATTEMPTS, opened } from './request-steps.ts'
import type { RuleId } from './rules.ts'
import { MINUTE } from './schedule.ts'
import type { SettingsChange } from './settings-change.ts'

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
  | 'endsIn14Days'
  | 'endsIn1Day'
  | 'moved'

/**
 * What stands in the outbox after a change: the events to be indexed, the request as it was then, and whom to tell.
 * Recipients are found when it is sent, on live data.
 */
export type Notice = {
  kinds: NoticeKind[]
  request: Request
  events: AuditEvent[]
} & Unsent

/** What is left of a notice that has gone out in part, or was held back: only these mails (`<kind> <person>`) are still to go out. */
type Unsent = { left?: string[] }

/** Everything that people are told. */
export type AnyNotice = NoticeToMany | DigestNotice | BundleNotice
/** Of something that has happened, to all whom it concerns. */
export type NoticeToMany = Notice | EligibilityNotice | IncidentNotice | SettingsNotice

/** What a notice is about, by its id. */
export function subjectOf(notice: AnyNotice): string {
  if ('digest' in notice) return notice.digest.week
  if ('bundle' in notice) return notice.bundle.id
  if ('request' in notice) return notice.request.id
  if ('eligibility' in notice) return notice.eligibility.id
  return 'incident' in notice ? notice.incident.id : notice.change.id
}

/** A change of settings that waits for a second person, or was decided by one. */
export type SettingsNotice = {
  kinds: ['settingsChangeAsked'] | ['settingsChangeDecided']
  change: ChangeInShort
  events: AuditEvent[]
} & Unsent

/** Without the rules themselves, which may be larger than a message. */
export type ChangeInShort = Omit<SettingsChange, 'rules' | 'tier' | 'basedOn'> & { ruleIds: RuleId[] }

export function settingsNotice(change: SettingsChange, events: AuditEvent[]): SettingsNotice {
  const { rules, tier: _tier, basedOn: _basedOn, ...rest } = change
  const kind = change.status === 'Pending' ? 'settingsChangeAsked' : 'settingsChangeDecided'
  return { kinds: [kind], change: { ...rest, ruleIds: rules.map(({ id }) => id) }, events }
}

/** An incident, or for the first look at a scope all that was found there, told to those who administer it. */
export type IncidentNotice = {
  kinds: ['foundOutside'] | ['foundAtFirstLook']
  incident: Incident
  /** How many were found at the first look, this one among them. */
  count: number
  events: AuditEvent[]
} & Unsent

/** The digest of a week, to one person. What it says is kept where digests are. */
export type DigestNotice = {
  kinds: ['weeklyDigest']
  digest: { week: string }
  personId: string
  events: AuditEvent[]
  left?: string[]
}

/** Mails to one person that were gathered for some minutes. What they say is kept where bundles are. */
export type BundleNotice = {
  kinds: ['bundle']
  bundle: { id: string; n: number }
  to: Addressee
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
  const ownNews = untold.map(({ id }) => ownNewsOf(request, id))
  for (const kind of ownNews) if (kind && kind !== 'known') kinds.add(kind)
  // The state is untold when anything that led to it is: a warning that came after it does not tell it.
  const latest = isLatestUntold && ownNews.includes(null) ? noticeOf(request) : null
  if (latest) kinds.add(latest)
  return [...kinds]
}

/**
 * What an event by itself tells, whatever the state: a warning of an end, or that the end was moved. `known`: it is news no more, or
 * never was. Null: the state tells.
 */
function ownNewsOf({ id, changes = 0 }: Request, eventId: string): NoticeKind | 'known' | null {
  const step = eventId.slice(id.length + 1)
  // Of an extension one hears by the decision on it; what came back after its end was told to have ended.
  if (/^(undelivered|selfExtend|verified)-/.test(step)) return 'known'
  const [, what, change] = /^(endsIn14Days|endsIn1Day|adminUpdate|adminExtend)-(\d+)$/.exec(step) ?? []
  if (!what) return null
  if (change !== `${changes}`) return 'known'
  return what === 'endsIn14Days' || what === 'endsIn1Day' ? what : 'moved'
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

/** Something that has happened to an eligibility and that people are told: given, near its end, moved by an administrator, removed. */
export type EligibilityNoticeKind = Warning | 'assigned' | 'moved' | 'removed'

export type EligibilityNotice = {
  kinds: EligibilityNoticeKind[]
  eligibility: Eligibility
  events: AuditEvent[]
} & Unsent

/**
 * What people are told when these events of an eligibility were told to nobody. A warning of an end that has been moved since
 * is no news any more, and neither is anything of one that was removed but just that; what somebody asked for and got, they hear of
 * by the decision.
 */
export function eligibilityNoticesOf(
  { changes = 0 }: Eligibility,
  untold: readonly AuditEvent[],
): EligibilityNoticeKind[] {
  if (untold.some(({ id }) => id.endsWith('.removed'))) return ['removed']
  const kinds = untold.flatMap(({ id }): EligibilityNoticeKind[] => {
    const [step = '', change] = id.slice(id.indexOf('.') + 1).split('-')
    if (step === 'added') return changes === 0 ? ['assigned'] : []
    if (change !== `${changes}`) return []
    if (step === 'endsIn14Days' || step === 'endsIn1Day' || step === 'hasEnded') return [step]
    return step.startsWith('admin') ? ['moved'] : []
  })
  return [...new Set(kinds)]
}
