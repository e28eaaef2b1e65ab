import { openStages } from '../domain/approval.ts'
import type { NoticeKind } from '../domain/notice.ts'
import { awaitsDecision, isAboutSchedule, isAssigned, type Request } from '../domain/request.ts'
import { titleOf } from '../domain/role.ts'
import { durationMillis, inWords } from '../domain/schedule.ts'
import { accessOf, kindOfAccess, ownedAccessOf, scopeLabel, someAccessOf } from './access.ts'
import { type Button, type Composed, composed, type Fact, type Tone } from './letter.ts'

/** For whom a mail is written: the same event reads differently to each. */
export type Reader = 'approver' | 'requester' | 'administrator'

/**
 * What a notice says to one reader; `address`: where this very person decides, null for whom there is nothing to decide;
 * `standsInFor`: in whose place they are told.
 */
export function letter(
  kind: NoticeKind,
  request: Request,
  reader: Reader,
  address: string | null,
  standsInFor?: string,
): Composed {
  return composed({
    tone: TONES[kind] ?? 'news',
    ...words(kind, request, reader),
    facts: factsOf(request),
    button: buttonOf(kind, request, address),
    because: standsInFor ? `You get it because you stand in for ${standsInFor}.` : BECAUSE[reader],
  })
}

const TONES: Partial<Record<NoticeKind, Tone>> = {
  approvalRequested: 'decision',
  approvalReminder: 'decision',
  approvalEscalated: 'decision',
  failed: 'attention',
  removalFailing: 'attention',
  keptAsLast: 'attention',
  endsIn1Day: 'attention',
}

/** Why somebody gets a mail, at its foot. */
export const BECAUSE: Record<Reader, string> = {
  approver: 'You get it because you may decide such requests, or the settings name your address.',
  requester: 'You get it because it is about your own access.',
  administrator: 'You get it because you look after this access, or the settings name your address.',
}

function words(kind: NoticeKind, request: Request, reader: Reader): { headline: string; sentence: string } {
  const role = accessOf(request)
  const who = reader === 'requester' ? 'Your' : `${request.principal.displayName}'s`
  const decision = request.approval?.decision
  const place = decision?.onBehalfOf ? ` for ${decision.onBehalfOf.displayName}` : ''
  const by = `${decision?.reviewedBy.displayName ?? 'somebody'}${place}`
  const why = decision?.justification ? ` Reason: “${decision.justification}”` : ''
  switch (kind) {
    case 'approvalRequested':
      return {
        headline: `Review ${request.principal.displayName}'s request to ${deed(request)}`,
        sentence: `${request.principal.displayName} asks to ${isAboutSchedule(request) ? deed(request) : `activate ${someAccessOf(request)}`} and needs your decision by ${when(request.approval?.pendingUntil ?? null)}.`,
      }
    case 'approvalReminder':
      return {
        headline: `Reminder: ${request.principal.displayName}'s request to ${deed(request)} still waits`,
        sentence: `Nobody has decided yet. Without a decision the request ends at ${when(request.approval?.pendingUntil ?? null)}.`,
      }
    case 'approvalEscalated':
      return {
        headline: `${request.principal.displayName}'s request to ${deed(request)} waits, and now for you`,
        sentence: `Those who were asked first have not decided. Without a decision the request ends at ${when(request.approval?.pendingUntil ?? null)}.`,
      }
    case 'decided':
      return decidedWords(request, who, by, why)
    case 'canceled':
      return {
        headline: `${who} request to ${deed(request)} was canceled`,
        sentence: 'There is nothing left to decide.',
      }
    case 'timedOut':
      return {
        headline: `${who} request to ${deed(request)} was not decided in time`,
        sentence: 'Nobody decided it, so nothing was given. It can be asked for again.',
      }
    case 'activated':
      return isAssigned(request) ? assignedWords(request, who) : activatedWords(request, who, why)
    case 'ended':
      return {
        headline: `${ownedAccessOf(who, request)} has ended`,
        sentence: endedHow(request),
      }
    case 'failed':
      return {
        headline: `${who} request to activate ${role} failed`,
        sentence: `Nothing was left behind. ${request.failure?.code ?? ''}: ${request.failure?.message ?? ''}`,
      }
    case 'removalFailing':
    case 'keptAsLast':
      return stillThere(kind, request, who)
    case 'endsIn14Days':
    case 'endsIn1Day':
    case 'moved':
      return endOf(kind, request, who)
  }
}

/** Of an active assignment: its end comes near, or has been moved. */
function endOf(kind: 'endsIn14Days' | 'endsIn1Day' | 'moved', request: Request, who: string) {
  const what = ownedAccessOf(who, request)
  const until = when(request.endsAt)
  if (kind === 'moved')
    return {
      headline: `${what} ${request.endsAt ? `now ends at ${until}` : 'now stays for good'}`,
      sentence: 'An administrator has changed how long it lasts.',
    }
  return {
    headline: `${what} ends ${kind === 'endsIn1Day' ? 'within a day' : 'within 14 days'}`,
    sentence: `It will be taken away at ${until}. If it is still needed, those who administer it may extend it.`,
  }
}

/** Of access that should have ended and is still there. */
function stillThere(kind: 'removalFailing' | 'keptAsLast', request: Request, who: string) {
  const { principal, ending } = request
  const until = when(request.endsAt)
  if (kind === 'keptAsLast')
    return {
      headline: `${ownedAccessOf(who, request)} stays: nobody else holds it`,
      sentence: `It was to end at ${until}. ${ending?.lastError ?? ''} Give the ${kindOfAccess(request)} to somebody else, and this one is taken away within minutes.`,
    }
  return {
    headline: `${ownedAccessOf(`${principal.displayName}'s`, request)} could not be removed yet`,
    sentence: `It ended at ${until} and is still there. Interim goes on trying; look at it: ${ending?.lastError ?? ''}`,
  }
}

function decidedWords(request: Request, who: string, by: string, why: string) {
  const isApproved = request.approval?.decision?.reviewResult === 'Approved'
  const headline = `${who} request to ${deed(request)} was ${isApproved ? 'approved' : 'denied'} by ${by}`
  const [from, until] = [when(request.startsAt), when(request.endsAt)]
  if (!isAboutSchedule(request))
    return {
      headline,
      sentence: isApproved
        ? `The ${kindOfAccess(request)} is being given from ${from} until ${until}.${why}`
        : `Nothing was given.${why}`,
    }
  const lasting = request.endsAt ? `from ${from} until ${until}` : `from ${from} on, without an end`
  return {
    headline,
    sentence: isApproved
      ? `The ${kindOfAccess(request)} ${isEligibleThen(request) ? 'may be activated' : 'is assigned'} ${lasting}.${why}`
      : `Nothing has changed.${why}`,
  }
}

/** Approved as what it was, or as the other type. */
const isEligibleThen = ({ about, approval }: Request) =>
  (about === 'eligibility') !== (approval?.decision?.givenAs !== undefined)

/** What is asked for, as it stands after “request to”. */
export function deed(request: Request): string {
  if (!isAboutSchedule(request)) return `activate ${accessOf(request)}`
  const verb = request.action === 'selfExtend' ? 'extend' : 'renew'
  return request.about === 'assignment'
    ? `${verb} the assignment of ${accessOf(request)}`
    : `${verb} eligibility for ${accessOf(request)}`
}

function activatedWords(request: Request, who: string, why: string) {
  const decision = request.approval?.decision
  return {
    headline: `${ownedAccessOf(who, request)} is active until ${when(request.endsAt)}${decision ? `, approved by ${decision.reviewedBy.displayName}` : ''}`,
    sentence: `The ${kindOfAccess(request)} was given and will be taken away at ${when(request.endsAt)}.${why}`,
  }
}

function endedHow(request: Request): string {
  if (request.ending?.because === 'removedOutside')
    return 'Somebody has removed it outside of Interim before its end. If that was a mistake, activate it again.'
  if (request.grant?.preExisting)
    return 'The activation is over. The assignment that was there before it stays.'
  if (request.ending?.coveredBy) return 'It is over. What else was given of the same goes on, to its own end.'
  return `The ${kindOfAccess(request)} was taken away, and ${request.provider === 'azure' ? 'Azure' : 'the directory'} was read back to be sure. Tokens issued before may work for about an hour.`
}

function assignedWords(request: Request, who: string) {
  const { endsAt, createdBy } = request
  const what = ownedAccessOf(who, request)
  const by = createdBy?.displayName ?? 'an administrator'
  return endsAt === null
    ? {
        headline: `${what} was assigned for good`,
        sentence: `${by} assigned it. It stays until an administrator takes it away.`,
      }
    : {
        headline: `${what} was assigned until ${when(endsAt)}`,
        sentence: `${by} assigned it. It will be taken away at ${when(endsAt)}.`,
      }
}

/** Role, scope, who, why and until when first: what whoever decides has to know. */
export function factsOf(request: Request): Fact[] {
  const facts: Fact[] = [
    ['Role', titleOf(request)],
    [scopeLabel(request.provider), request.scopeName],
    ['Who', request.principal.displayName],
    ['Why', request.justification ?? 'no reason given'],
    ['Until', request.endsAt ? when(request.endsAt) : howLong(request)],
  ]
  if (request.startsAt) facts.push(['From', when(request.startsAt)])
  if (request.startsAt && request.endsAt) facts.push(['How long', howLong(request)])
  const signers = awaitsDecision(request) ? signersOf(request) : ''
  if (signers) facts.push(['Approved so far by', signers])
  const { ticketNumber, ticketSystem } = request.ticketInfo ?? {}
  if (ticketNumber) facts.push(['Ticket', `${ticketSystem ?? ''} ${ticketNumber}`.trim()])
  return facts
}

/** Whoever is asked next wants to know who has agreed, and in whose place. */
function signersOf({ approval }: Request): string {
  const names = (approval?.votes ?? []).map(({ reviewedBy, onBehalfOf }) =>
    onBehalfOf ? `${reviewedBy.displayName} (for ${onBehalfOf.displayName})` : reviewedBy.displayName,
  )
  return names.join(', ')
}

function howLong({ asked, startsAt, endsAt, createdDateTime }: Request): string {
  if (startsAt && endsAt) return inWords(Date.parse(endsAt) - Date.parse(startsAt))
  const { expiration } = asked
  if (expiration.type === 'noExpiration' || (startsAt && !endsAt)) return 'for good'
  if (expiration.type === 'afterDateTime') return `until ${when(expiration.endDateTime)}`
  return `${inWords(durationMillis(expiration.duration, new Date(createdDateTime)))} from the approval`
}

function buttonOf(kind: NoticeKind, request: Request, address: string | null): Button | null {
  const { approval } = request
  if (!address || !approval || !kind.startsWith('approval')) return null
  const hint = openStages(approval).every((index) => approval.stages[index]?.byLink)
    ? 'The page shows the request; your decision is a button on it. This link is yours alone: do not forward it.'
    : 'The page shows the request; to decide you sign in. Opening it decides nothing.'
  return { label: 'Approve or deny request', address, hint }
}

/** An instant for people of every time zone: `21 Nov 2026, 14:05 UTC`. */
export function when(instant: string | null): string {
  if (!instant) return 'unknown'
  const [date = '', time = ''] = instant.split('T')
  const [year, month, day] = date.split('-')
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}, ${time.slice(0, 5)} UTC`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
