import { type Approval, answeredIn, openStages } from '../domain/approval.ts'
import type { Notice, NoticeKind } from '../domain/notice.ts'
import { type Capacity, occasionOf, toldOf } from '../domain/notification.ts'
import { awaitsDecision, isAboutSchedule, type Request } from '../domain/request.ts'
import { askedNow } from '../live/approvers.ts'
import { type Asked, withDelegates } from '../live/delegations.ts'
import { decidersOf, ownersOf, watchersBesides } from '../live/recipients.ts'
import type { Ports } from '../ports.ts'
import { letter } from '../words/letters.ts'
import { type Mailing, type Recipient, recipientsOf, rulesOf } from './addressed.ts'

/** Of a request: who has asked, who is or was asked, and who looks after it. */
export async function ofRequest(ports: Ports, { kinds, request: told, events }: Notice): Promise<Mailing[]> {
  const rules = rulesOf(ports, told)
  const occasion = occasionOf(told)
  const movers = events.map(({ initiatedBy }) => initiatedBy.id)
  const mailings: Mailing[] = []
  for (const kind of kinds) {
    const request = await stillNews(ports, kind, told)
    if (!request) continue
    const recipients = await recipientsOf(ports, toldOf(kind, occasion), {
      rules,
      occasion,
      people: (capacity) => peopleOf(ports, capacity, request, kind),
      isKnownTo: (id, capacity) => hasDone(kind, request, movers, id, capacity),
    })
    // Whoever is given it is not also told that they may have it.
    const isToldAnyway = (capacity: Capacity) =>
      kind === 'decided' && capacity === 'requester' && kinds.includes('activated')
    mailings.push(
      ...recipients
        .filter(({ capacity }) => !isToldAnyway(capacity))
        .map((recipient) => requestMailing(ports, kind, request, recipient)),
    )
  }
  return mailings
}

/** Only whoever may decide gets a link, and one of their own. An address of the settings is told of others. */
function requestMailing(
  { links }: Ports,
  kind: NoticeKind,
  request: Request,
  { to, capacity, isNamedOnly }: Recipient,
): Mailing {
  const reader = isNamedOnly && capacity === 'requester' ? 'administrator' : capacity
  const mayDecide = reader === 'approver' && !isNamedOnly
  return {
    name: `${kind} ${to.id}`,
    key: `${request.id} ${kind}${roundOf(kind, request)} ${to.id}`,
    to,
    mayWait: capacity !== 'requester',
    write: () => {
      const claim = { requestId: request.id, approverId: to.id }
      return letter(kind, request, reader, mayDecide ? links.approve(claim) : null, to.standsInFor)
    },
  }
}

/** Which time it is that a request is told this: the end is moved, and given again, more than once. */
function roundOf(kind: NoticeKind, { changes = 0, grant, approval }: Request): string {
  if (kind.startsWith('approval')) return approval && approval.news.n > 1 ? `-${approval.news.n}` : ''
  if (kind === 'moved' || kind === 'endsIn14Days' || kind === 'endsIn1Day') return ` ${changes}`
  return kind === 'activated' && grant?.restored ? ` ${grant.restored}` : ''
}

/**
 * Who is asked by what has just happened, or, when it is over, all who were; with those who stand in for them. After an escalation
 * only whom it goes to and who was not asked before, in no place. Nobody is asked for what they have said.
 */
async function peopleAsked(
  ports: Ports,
  request: Request,
  approval: Approval,
  kind: NoticeKind,
): Promise<Asked[]> {
  const isAsking = kind.startsWith('approval')
  const stages = isAsking ? approval.news.stages : begunStages(approval)
  const asked = isAsking ? approval : { ...approval, votes: [] }
  const isEscalating = kind === 'approvalEscalated'
  const people = await withDelegates(
    ports,
    await askedNow(ports, request, asked, stages, isEscalating ? 'escalation' : undefined),
  )
  const before = isEscalating ? await askedFirst(ports, request, asked, stages) : []
  const done = stages.map((index) => answeredIn(asked, index))
  const isThrough = (id: string) => done.length > 0 && done.every((ids) => ids.has(id))
  return people.filter(({ id }) => id !== request.principal.id && !before.includes(id) && !isThrough(id))
}

/** Those who were asked before it went further, as they are now. */
async function askedFirst(
  ports: Ports,
  request: Request,
  approval: Approval,
  stages: readonly number[],
): Promise<string[]> {
  const unescalated = approval.stages.map((stage) => ({ ...stage, escalatedAt: null }))
  const people = await askedNow(ports, request, { ...approval, stages: unescalated }, stages)
  return (await withDelegates(ports, people)).map(({ id }) => id)
}

const begunStages = ({ stages }: Approval) =>
  stages.flatMap(({ begunAt }, index) => (begunAt === null ? [] : [index]))

async function peopleOf(
  ports: Ports,
  capacity: Capacity,
  request: Request,
  kind: NoticeKind,
): Promise<Asked[]> {
  const { principal, principalType } = request
  if (capacity === 'requester') return ownersOf(ports, principal.id, principalType)
  if (capacity === 'administrator') return watchersBesides(ports, request, principal.id)
  if (isAboutSchedule(request)) return decidersOf(ports, request, principal.id)
  return request.approval ? peopleAsked(ports, request, request.approval, kind) : []
}

/**
 * Whoever has done something is not told of it. But whose it is hears what Interim has made of their wish; and in whose name a mailed
 * link has decided hears it too: nobody had signed in, so it may have been somebody else.
 */
function hasDone(
  kind: NoticeKind,
  { approval, createdBy, ending }: Request,
  movers: readonly string[],
  personId: string,
  capacity: Capacity,
): boolean {
  switch (kind) {
    case 'decided':
      return approval?.decision?.reviewedBy.id === personId && approval.decision.via !== 'link'
    case 'canceled':
    case 'moved':
      return movers.includes(personId)
    case 'activated':
    case 'failed':
      return capacity === 'administrator' && kind === 'activated' && createdBy?.id === personId
    case 'ended':
      return capacity === 'administrator' && ending?.by.id === personId
    default:
      return false
  }
}

/**
 * What is told, with the answers that have come since; undefined: nothing any more. Nobody is asked once it is decided, nor warned of
 * an end that is none any more. What was written a moment ago is not read again.
 */
async function stillNews(
  { store, now }: Ports,
  kind: NoticeKind,
  request: Request,
): Promise<Request | undefined> {
  const isQuestion = kind.startsWith('approval')
  const isWarning = kind === 'endsIn14Days' || kind === 'endsIn1Day'
  if (!isQuestion && !isWarning) return request
  const { approval } = request
  const askedAt = approval?.news.at ?? request.createdDateTime
  if (isQuestion && now().getTime() - Date.parse(askedAt) < A_MOMENT) return request
  const latest = (await store.findRequest(request.id))?.value
  if (!latest) return undefined
  if (isWarning)
    return latest.status === 'Provisioned' && latest.endsAt === request.endsAt ? request : undefined
  if (!awaitsDecision(latest) || !isStillOpen(request, latest)) return undefined
  const votes = latest.approval?.votes ?? []
  return { ...request, approval: approval && { ...approval, votes } }
}

/** Is any of the stages that it was about still open? Of more time for an eligibility there is one, of no number. */
function isStillOpen({ approval: then }: Request, { approval: now }: Request): boolean {
  const stages = then?.news.stages ?? []
  if (!now || stages.length === 0) return true
  return openStages(now).some((index) => stages.includes(index))
}

const A_MOMENT = 10_000
