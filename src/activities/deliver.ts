import type { Notice } from '../domain/notice.ts'
import type { Person } from '../domain/person.ts'
import { ADMINISTRATORS } from '../domain/role.ts'
import { approverPeople } from '../live/approvers.ts'
import { type Ports, Unavailable } from '../ports.ts'
import { letter, type Reader } from '../words/letters.ts'

type Recipient = { person: Person; reader: Reader }

/**
 * What the outbox brings: the events are indexed, and each who is concerned gets a mail of their own. When a mail does not
 * go out, the others still do, and only the rest is put back. Throws when none went out, for the queue to try again.
 */
export async function deliver(ports: Ports, notice: Notice): Promise<void> {
  await ports.views.indexEvents(notice.events)
  const recipients = (await recipientsOf(ports, notice)).filter(
    ({ person }) => !notice.to || notice.to.includes(person.id),
  )
  const left: string[] = []
  for (const { person, reader } of recipients) {
    try {
      await tell(ports, notice, person, reader)
    } catch (error) {
      ports.log.warn('A mail did not go out yet.', {
        requestId: notice.request.id,
        kind: notice.kind,
        error: `${error}`,
      })
      left.push(person.id)
    }
  }
  if (left.length === 0) return
  if (left.length === recipients.length) throw new Unavailable(`None of ${left.length} mails went out.`)
  await ports.outbox.send({ ...notice, events: [], to: left })
}

async function tell(
  { mailer, links, log }: Ports,
  { kind, request }: Notice,
  person: Person,
  reader: Reader,
): Promise<void> {
  if (!kind) return
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

/** Who is told of what. Each person once, in their nearest capacity. */
async function recipientsOf(ports: Ports, { kind, request }: Notice): Promise<Recipient[]> {
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
    (await ports.directory.holdersOf(ADMINISTRATORS)).map((person) => ({ person, reader: 'administrator' }))

  switch (kind) {
    case null:
      return []
    case 'approvalRequested':
    case 'approvalReminder':
      return (await isStillPending(ports, request.id)) ? approvers() : []
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

/** Decided before the mail left: nobody is asked any more. */
async function isStillPending({ store }: Ports, requestId: string): Promise<boolean> {
  return (await store.findRequest(requestId))?.value.status === 'PendingApproval'
}

const distinct = (recipients: Recipient[]) => [
  ...new Map(recipients.reverse().map((each) => [each.person.id, each])).values(),
]
