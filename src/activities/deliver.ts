import type { Approval } from '../domain/approval.ts'
import type { Eligibility } from '../domain/eligibility.ts'
import type { AnyNotice, EligibilityNotice, IncidentNotice, Notice, NoticeKind } from '../domain/notice.ts'
import type { Person } from '../domain/person.ts'
import { awaitsDecision, isAboutSchedule, type Request } from '../domain/request.ts'
import type { Role } from '../domain/role.ts'
import { askedNow } from '../live/approvers.ts'
import { withDelegates } from '../live/delegations.ts'
import { providerOf } from '../live/providers.ts'
import { type Ports, Unavailable } from '../ports.ts'
import { eligibilityLetter } from '../words/eligibility-letters.ts'
import { incidentLetter } from '../words/incident-letters.ts'
import { type Letter, letter, type Reader } from '../words/letters.ts'
import { deliverDigest } from './deliver-digest.ts'

/** One mail to one person. `name` tells it from the others of its notice, `key` from all others. */
type Mailing = { name: string; key: string; person: Person; about: object; write(): Letter }

/**
 * What the outbox brings: the events are indexed, and each who is concerned gets a mail of their own. When a mail does not
 * go out, the others still do, and only the rest is put back. Throws when none went out, for the queue to try again.
 */
export async function deliver(ports: Ports, notice: AnyNotice): Promise<void> {
  if ('digest' in notice) return deliverDigest(ports, notice)
  await ports.views.indexEvents(notice.events)
  if ('incident' in notice) return deliverIncident(ports, notice)
  const all =
    'eligibility' in notice ? await eligibilityMailings(ports, notice) : await requestMailings(ports, notice)
  const mailings = all.filter(({ name }) => !notice.left || notice.left.includes(name))
  const left: string[] = []
  for (const mailing of mailings) {
    try {
      await tell(ports, mailing)
    } catch (error) {
      ports.log.warn('A mail did not go out yet.', { ...mailing.about, error: `${error}` })
      left.push(mailing.name)
    }
  }
  if (left.length === 0) return
  if (left.length === mailings.length) throw new Unavailable(`None of ${left.length} mails went out.`)
  await ports.outbox.send({ ...notice, events: [], left })
}

async function tell({ mailer, log }: Ports, { person, key, about, write }: Mailing): Promise<void> {
  if (person.mail) await mailer.send({ to: person, ...write() }, key)
  else log.warn('Somebody has no mail address and was not told.', { ...about, person: person.id })
}

/** To those who administer the role, each once: the key of a mail is the same at every attempt. */
async function deliverIncident(ports: Ports, notice: IncidentNotice): Promise<void> {
  const { incident, kinds, count } = notice
  const everybody = await providerOf(ports, incident).administrators(incident)
  const people = everybody.filter(({ id }) => !notice.left || notice.left.includes(id))
  const left: string[] = []
  for (const person of people) {
    if (!person.mail) continue
    const mail = { to: person, ...incidentLetter(kinds[0], incident, count) }
    await ports.mailer.send(mail, `${incident.id} ${kinds[0]} ${person.id}`).catch((error) => {
      ports.log.warn('A mail did not go out yet.', { incidentId: incident.id, error: `${error}` })
      left.push(person.id)
    })
  }
  if (left.length === 0) return
  if (left.length === people.length) throw new Unavailable(`None of ${left.length} mails went out.`)
  await ports.outbox.send({ ...notice, events: [], left })
}

async function requestMailings(ports: Ports, notice: Notice): Promise<Mailing[]> {
  const { request } = notice
  return (await mailingsOf(ports, notice)).map(({ kind, person, reader }) => ({
    name: `${kind} ${person.id}`,
    key: `${request.id} ${kind}${turnOf(kind, request)} ${person.id}`,
    person,
    about: { requestId: request.id, kind },
    write: () => {
      const claim = { requestId: request.id, approverId: person.id }
      return letter(kind, request, reader, reader === 'approver' ? ports.links.approve(claim) : null)
    },
  }))
}

/** People are asked more than once: each time is a mail of its own, the same at every attempt. */
const turnOf = (kind: NoticeKind, { approval }: Request) =>
  kind.startsWith('approval') && approval && approval.news.n > 1 ? `-${approval.news.n}` : ''

/**
 * Who is asked by what has just happened, or, when it is over, all who were; with those who stand in for them. After an escalation
 * only whom it goes to: the others have been asked.
 */
async function peopleAsked(
  ports: Ports,
  request: Request,
  approval: Approval,
  kind: NoticeKind,
): Promise<Person[]> {
  const isAsking = kind.startsWith('approval')
  const stages = isAsking ? approval.news.stages : begunStages(approval)
  const asked = isAsking ? approval : { ...approval, votes: [] }
  const only = kind === 'approvalEscalated' ? ('escalation' as const) : undefined
  const people = await withDelegates(ports, await askedNow(ports, request, asked, stages, only))
  return people.filter(({ id }) => id !== request.principal.id)
}

const begunStages = ({ stages }: Approval) =>
  stages.flatMap(({ begunAt }, index) => (begunAt === null ? [] : [index]))

/** Each person once of each; and nobody of an end that is none any more. */
async function eligibilityMailings(
  ports: Ports,
  { kinds, eligibility, events }: EligibilityNotice,
): Promise<Mailing[]> {
  const latest = (await ports.store.findEligibility(eligibility.id))?.value
  if (latest?.changes !== eligibility.changes || latest?.endDateTime !== eligibility.endDateTime) return []
  const recipients = await concernedBy(ports, eligibility)
  const movers = events.map(({ initiatedBy }) => initiatedBy.id)
  return kinds.flatMap((kind) =>
    recipients
      .filter(({ person }) => kind !== 'moved' || !movers.includes(person.id)) // who has done it knows
      .map(({ person, isOwn }) => ({
        name: `${kind} ${person.id}`,
        key: `${eligibility.id} ${kind} ${eligibility.changes ?? 0} ${person.id}`,
        person,
        about: { eligibilityId: eligibility.id, kind },
        write: () => eligibilityLetter(kind, eligibility, isOwn),
      })),
  )
}

/** Whose it is, of a group its owners; and those who administer the role. */
async function concernedBy(
  ports: Ports,
  { principalId, principalType, ...role }: Eligibility,
): Promise<{ person: Person; isOwn: boolean }[]> {
  const owners = async () => {
    const group: Role = { provider: 'group', roleDefinitionId: 'member', scope: `/groups/${principalId}` }
    return providerOf(ports, group).administrators(group)
  }
  const own =
    principalType === 'User'
      ? [await ports.directory.person(principalId)].filter((person) => person !== undefined)
      : await owners()
  const administrators = await providerOf(ports, role).administrators(role)
  const all = new Map(administrators.map((person) => [person.id, { person, isOwn: false }]))
  for (const person of own) all.set(person.id, { person, isOwn: principalType === 'User' })
  return [...all.values()]
}

/** Who is told of what. Each person once of each, in their nearest capacity; whoever is given it, not also that they may have it. */
async function mailingsOf(ports: Ports, { kinds, request }: Notice): Promise<Recipient[]> {
  const mailings: Recipient[] = []
  for (const kind of kinds)
    for (const recipient of await recipientsOf(ports, kind, request)) mailings.push({ kind, ...recipient })
  const given = kinds.includes('activated')
  return mailings.filter(({ kind, reader }) => !(given && kind === 'decided' && reader === 'requester'))
}

type Reading = { person: Person; reader: Reader }
type Recipient = Reading & { kind: NoticeKind }

async function recipientsOf(ports: Ports, kind: NoticeKind, request: Request): Promise<Reading[]> {
  const requester = async (): Promise<Reading[]> => {
    const person = await ports.directory.person(request.principal.id)
    return person ? [{ person, reader: 'requester' }] : []
  }
  const approvers = async (): Promise<Reading[]> => {
    if (isAboutSchedule(request)) return deciders()
    const { approval } = request
    const people = approval ? await peopleAsked(ports, request, approval, kind) : []
    return people.map((person) => ({ person, reader: 'approver' }))
  }
  const administrators = async (): Promise<Reading[]> =>
    (await administratorsBesides(ports, request)).map((person) => ({ person, reader: 'administrator' }))

  const deciders = async (): Promise<Reading[]> =>
    (await administrators())
      .filter(({ person }) => person.id !== request.principal.id)
      .map(({ person }) => ({ person, reader: 'approver' }))

  switch (kind) {
    case 'approvalRequested':
    case 'approvalReminder':
    case 'approvalEscalated':
      return (await isStillPending(ports, request)) ? approvers() : []
    case 'decided':
    case 'canceled':
    case 'timedOut':
      return distinct([...(await requester()), ...(await approvers())])
    case 'activated':
    case 'ended':
      return requester()
    case 'failed':
    case 'removalFailing':
      return distinct([...(kind === 'failed' ? await requester() : []), ...(await administrators())])
    case 'keptAsLast':
      return distinct([...(await requester()), ...(await administrators())])
  }
}

/** Somebody other than the one it is about: the last owner of a group, who cannot be removed, is no one to be told so alone. */
async function administratorsBesides(ports: Ports, request: Request): Promise<Person[]> {
  const told = await providerOf(ports, request).administrators(request)
  const others = told.filter(({ id }) => id !== request.principal.id)
  return others.length > 0 ? others : ports.providers.directory.administrators(request)
}

/** Decided before the mail left: nobody is asked any more. What was asked a moment ago is not looked at again. */
async function isStillPending({ store, now }: Ports, request: Request): Promise<boolean> {
  const askedAt = request.approval?.news.at ?? request.createdDateTime
  if (now().getTime() - Date.parse(askedAt) < A_MOMENT) return true
  const latest = (await store.findRequest(request.id))?.value
  return latest !== undefined && awaitsDecision(latest)
}

const A_MOMENT = 10_000

const distinct = (recipients: Reading[]) => [
  ...new Map(recipients.reverse().map((each) => [each.person.id, each])).values(),
]
