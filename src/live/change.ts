import type { AuditEvent } from '../domain/audit.ts'
import { leftForTheGrant, noticesOf } from '../domain/notice.ts'
import { listedByNow, listedWhileChanging } from '../domain/open-work.ts'
import { isAboutSchedule, isForGood, type Request } from '../domain/request.ts'
import type { Step } from '../domain/request-steps.ts'
import type { Answered, Ports, Stored, Workflows } from '../ports.ts'

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
  answers?: Answered,
): Promise<Request | undefined> {
  const request = await changeUnannounced(ports, read, step, answers)
  if (!request || isAboutSchedule(request)) return request
  const { id: requestId, turn } = request
  await leaveToTheSweep(ports, request, () =>
    isForGood(read.value) // nobody waits: its workflow ended when it was given
      ? workflows.start({ requestId, turn, until: ports.now().toISOString() })
      : workflows.announce(requestId, turn),
  )
  return request
}

/** The same where no workflow can be told: the sweep, a minute later, finds that its workflow has not looked since. */
export async function changeUnannounced(
  ports: Ports,
  read: Stored<Request>,
  step: Step,
  answers?: Answered,
): Promise<Request | undefined> {
  const { store, views, now } = ports
  if (answers) await listWhileAnswered(ports, answers)
  const listed = listedWhileChanging(read.value, step.request, now())
  const request: Request = { ...step.request, listed, changedIn: step.request.turn }
  await views.list(request.id, listed, listedByNow(read.value, now()))
  if (!(await store.writeRequest(read, { ...step, request }, answers))) return undefined
  await tellChange(ports, read.value, { ...step, request })
  if (answers) await tellChange(ports, answers.read.value, answers.step)
  return request
}

/** Before the truth: a minute later the sweep sees to it that those who asked are told, and that nobody is asked any more. */
export async function listWhileAnswered({ views, now }: Ports, { read, step }: Answered): Promise<void> {
  const listed = listedWhileChanging(read.value, step.request, now())
  await views.list(step.request.id, listed, listedByNow(read.value, now()))
}

/** Tells of a change, and of what the one before has left for it; unless a grant follows at once and tells both. */
export async function tellChange(
  ports: Ports,
  before: Request | undefined,
  { request, events }: Step,
): Promise<void> {
  const now = ports.now()
  if (leftForTheGrant(request, now).length > 0) return
  const left = before ? leftForTheGrant(before, now) : []
  await leaveToTheSweep(ports, request, () => tell(ports, request, [...left, ...events], true))
}

/** Into the outbox, or where nobody gets a mail straight into the index, which shows that there is nothing left to tell. */
async function tell(
  { outbox, views }: Ports,
  request: Request,
  events: AuditEvent[],
  isLatest: boolean,
): Promise<void> {
  const kinds = noticesOf(request, events, isLatest)
  if (kinds.length > 0) await outbox.send({ kinds, request, events })
  else if (events.length > 0) await views.indexEvents(events)
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
  const told = await views.indexed(all)
  const last = all.at(-1)
  return { events: all.filter((event) => !told.has(event.id)), isLatest: !!last && !told.has(last.id) }
}

export async function tellAgain(ports: Ports, request: Request, untold: Untold): Promise<boolean> {
  const { events, isLatest } = untold
  if (events.length > 0) await tell(ports, request, events, isLatest)
  return events.length > 0
}
