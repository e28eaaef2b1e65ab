import type { IncidentNotice, Notice, NoticeKind } from '../domain/notice.ts'
import type { Person } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import { approverPeople } from '../live/approvers.ts'
import { providerOf } from '../live/providers.ts'
import { type Ports, Unavailable } from '../ports.ts'
import { incidentLetter } from '../words/incident-letters.ts'
import { letter, type Reader } from '../words/letters.ts'

type Mailing = { kind: NoticeKind; person: Person; reader: Reader }

/**
 * What the outbox brings: the events are indexed, and each who is concerned gets a mail of their own. When a mail does not
 * go out, the others still do, and only the rest is put back. Throws when none went out, for the queue to try again.
 */
export async function deliver(ports: Ports, notice: Notice | IncidentNotice): Promise<void> {
  await ports.views.indexEvents(notice.events)
  if ('incident' in notice) return deliverIncident(ports, notice)
  const mailings = (await mailingsOf(ports, notice)).filter(
    (mailing) => !notice.left || notice.left.includes(nameOf(mailing)),
  )
  const left: string[] = []
  for (const mailing of mailings) {
    try {
      await tell(ports, notice, mailing)
    } catch (error) {
      ports.log.warn('A mail did not go out yet.', {
        requestId: notice.request.id,
        kind: mailing.kind,
        error: `${error}`,
      })
      left.push(nameOf(mailing))
    }
  }
  if (left.length === 0) return
  if (left.length === mailings.length) throw new Unavailable(`None of ${left.length} mails went out.`)
  await ports.outbox.send({ ...notice, events: [], left })
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

const nameOf = ({ kind, person }: Mailing) => `${kind} ${person.id}`

async function tell(
  { mailer, links, log }: Ports,
  { request }: Notice,
  { kind, person, reader }: Mailing,
): Promise<void> {
  if (!person.mail) {
    log.warn('Somebody has no mail address and was not told.', {
      requestId: request.id,
      kind,
      person: person.id,
    })
    return
  }
  const address =
    reader === 'approver' ? links.approve({ requestId: request.id, approverId: person.id }) : null
  await mailer.send(
    { to: person, ...letter(kind, request, reader, address) },
    `${request.id} ${kind} ${person.id}`,
  )
}

/** Who is told of what. Each person once of each, in their nearest capacity; whoever is given it, not also that they may have it. */
async function mailingsOf(ports: Ports, { kinds, request }: Notice): Promise<Mailing[]> {
  const mailings: Mailing[] = []
  for (const kind of kinds)
    for (const recipient of await recipientsOf(ports, kind, request)) mailings.push({ kind, ...recipient })
  const given = kinds.includes('activated')
  return mailings.filter(({ kind, reader }) => !(given && kind === 'decided' && reader === 'requester'))
}

type Recipient = Pick<Mailing, 'person' | 'reader'>

async function recipientsOf(ports: Ports, kind: NoticeKind, request: Request): Promise<Recipient[]> {
  const requester = async (): Promise<Recipient[]> => {
    const person = await ports.directory.person(request.principal.id)
    return person ? [{ person, reader: 'requester' }] : []
  }
  const approvers = async (): Promise<Recipient[]> => {
    const people = await approverPeople(
      ports.directory,
      request.approval?.approvers ?? [],
      request.principal.id,
    )
    return people.map((person) => ({ person, reader: 'approver' }))
  }
  const administrators = async (): Promise<Recipient[]> =>
    (await administratorsBesides(ports, request)).map((person) => ({ person, reader: 'administrator' }))

  switch (kind) {
    case 'approvalRequested':
    case 'approvalReminder':
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
  const askedAt = request.approval?.remindedAt ?? request.createdDateTime
  if (now().getTime() - Date.parse(askedAt) < A_MOMENT) return true
  return (await store.findRequest(request.id))?.value.status === 'PendingApproval'
}

const A_MOMENT = 10_000

const distinct = (recipients: Recipient[]) => [
  ...new Map(recipients.reverse().map((each) => [each.person.id, each])).values(),
]
