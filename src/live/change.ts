import type { AuditEvent } from '../domain/audit.ts'
import { noticeOf, noticesOf } from '../domain/notice.ts'
import { listedWhileChanging } from '../domain/open-work.ts'
import type { Request } from '../domain/request.ts'
import type { Step } from '../domain/request-steps.ts'
import type { Ports, Stored, Workflows } from '../ports.ts'

/**
 * How people change a request. First the lists, so that the sweep looks a minute later whatever becomes of this
 * process; then the truth; then the outbox; and last the workflow is told. Dying in between loses nothing: the sweep
 * finds a request whose workflow has not looked since the change, and does the rest again.
 *
 * Undefined, and nothing changed, when another writer came between: look again and decide again.
 */
export async function changeRequest(
  ports: Ports,
  workflows: Workflows,
  read: Stored<Request>,
  step: Step,
): Promise<Request | undefined> {
  const { store, views, now } = ports
  const listed = listedWhileChanging(read.value, step.request, now())
  const request: Request = { ...step.request, listed, changedIn: step.request.turn }
  await views.list(request.id, listed, read.value.listed)
  if (!(await store.writeRequest(read, { ...step, request }))) return undefined
  await tell(ports, request, step.events)
  await leaveToTheSweep(ports, request, () => workflows.announce(request.id, request.turn))
  return request
}

/** Puts a notice into the outbox. That it takes none at the moment keeps nobody from acting: the sweep tells later. */
export async function tell(ports: Ports, request: Request, events: AuditEvent[]): Promise<void> {
  await leaveToTheSweep(ports, request, () => ports.outbox.send({ kind: noticeOf(request), request, events }))
}

/** The change is made, whatever happens now: who asked for it is not told that it was not. */
export async function leaveToTheSweep(
  { log }: Pick<Ports, 'log'>,
  request: Request,
  telling: () => Promise<unknown>,
): Promise<void> {
  try {
    await telling()
  } catch (error) {
    log.warn('A change could not be told yet; the sweep will tell it.', {
      requestId: request.id,
      error: `${error}`,
    })
  }
}

/**
 * Tells again what may have been told to nobody, when a process died between writing a change and telling of it. True
 * when there was something to tell.
 */
export async function tellIfUntold(ports: Ports, request: Request): Promise<boolean> {
  return tellAgain(ports, request, await untoldOf(ports, request))
}

export type Untold = { events: AuditEvent[]; isLatest: boolean }

/** What nobody was told. The index shows: an event that is in it has been through the outbox. */
export async function untoldOf({ store, views }: Ports, { id }: Request): Promise<Untold> {
  const all = await store.eventsOf(id)
  const indexed = await Promise.all(all.map((event) => views.isIndexed(event)))
  return { events: all.filter((_, index) => !indexed[index]), isLatest: indexed.at(-1) === false }
}

export async function tellAgain({ outbox }: Ports, request: Request, untold: Untold): Promise<boolean> {
  const { events, isLatest } = untold
  if (events.length === 0) return false
  const [first = null, ...others] = noticesOf(request, events, isLatest)
  await outbox.send({ kind: first, request, events })
  for (const kind of others) await outbox.send({ kind, request, events: [] })
  return true
}
