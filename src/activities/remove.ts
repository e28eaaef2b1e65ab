import { resolved } from '../domain/incident.ts'
import { removalRetryAt } from '../domain/next-step.ts'
import { A_LOOK_IS_GOOD_FOR, coverAmong, othersOf } from '../domain/overlaps.ts'
import { INTERIM } from '../domain/person.ts'
import { isOurs, mayHold, type Request } from '../domain/request.ts'
import { ended, endingBegun, handedOver, inherited, removalDelayed } from '../domain/request-steps.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import { changeIncident } from '../live/incidents.ts'
import { LastAdministrator, takeUnlessLast } from '../live/last-administrator.ts'
import { look } from '../live/look.ts'
import { madeFor, providerOf } from '../live/providers.ts'
import { type Ports, type Stored, Unavailable } from '../ports.ts'
import { commit, type Others, type Work } from './commit.ts'

/**
 * Takes the access away, and believes it only when the tenant was read back. Whatever the tenant answers, for however
 * long: it is tried again. What was there before us is left alone, and so is what another grant of ours still covers: that
 * is said in the row first, and only then looked at, so that of two who end at once one sees the other.
 */
export async function remove(ports: Ports, work: Work): Promise<Stored<Request> | undefined> {
  const request = work.read.value
  const begun = request.ending ?? { because: 'expired' as const, by: INTERIM }
  if (!isOurs(request)) return commit(ports, work, ended(request, begun.because, begun.by, ports.now()))
  const others = work.others ?? (await othersNow(ports, request.id))
  if (request.status !== 'PendingRevocation' && others.seen.length > 0)
    return commit(ports, work, endingBegun(request, 'expired', INTERIM, ports.now()), 'silently')
  const cover = coverAmong(request, others.seen, ports.now())
  if (cover) {
    if (!(await handOver(ports, request, cover))) return undefined
    return commit(ports, work, ended(request, begun.because, begun.by, ports.now(), cover.value.id))
  }
  const problem = await takeAway(ports, request, others)
  const now = ports.now()
  if (problem) {
    const { words, isLast, retryAfter } = problem
    const retryAt = removalRetryAt(request.ending?.attempts ?? 0, now, isLast, retryAfter)
    ports.log.warn('An assignment could not be removed yet.', {
      requestId: request.id,
      problem: words,
      retryAt,
    })
    return commit(ports, work, removalDelayed(request, words, retryAt, now, isLast))
  }
  return commit(ports, work, ended(request, begun.because, begun.by, now))
}

async function othersNow(ports: Ports, requestId: string): Promise<Others> {
  const { others, at } = await look(ports, requestId)
  return { seen: others, at }
}

/**
 * The one that goes on has to know what it will have to take away. Where it knows another id, the tenant says which of the two is
 * there. False when somebody changed that one meanwhile: then it may cover no longer.
 */
export async function handOver(ports: Ports, from: Request, to: Stored<Request>): Promise<boolean> {
  const id = from.grant?.assignmentId ?? null
  const known = to.value.grant?.assignmentId ?? null
  if (id === known && id !== null) return true
  if (id === null && (known !== null || to.value.grant?.unanswered)) return true
  if (id !== null && known !== null) {
    const there = await providerOf(ports, from).find(from.principal.id, from)
    if (!there.includes(id)) return true
  }
  return (await ports.store.writeRequest(to, handedOver(to.value, id))) !== undefined
}

/** What is in the way; `isLast`: nobody else would hold the role any more, so it stays; `retryAfter`: so many seconds we are to wait. */
type Problem = { words: string; isLast?: boolean; retryAfter?: number | null }

/** What is in the way; null when it is gone. Ours is what we know the id or the name of; without, whatever is there. */
async function takeAway(ports: Ports, request: Request, others: Others): Promise<Problem | null> {
  const provider = providerOf(ports, request)
  const known = request.grant?.assignmentId
  const shows = showsAt(request)
  if (shows && shows > ports.now())
    return { words: `What an unanswered call has done shows by ${shows.toISOString()}.` }
  const mayBeOurs = known ? (id: string) => id === known : notThereBefore(others.seen)
  try {
    const show = async () =>
      madeFor(provider, request, await provider.find(request.principal.id, request)).filter(mayBeOurs)
    const ids = known ? [known] : await show()
    for (const id of ids) {
      if (ports.now().getTime() - others.at.getTime() > A_LOOK_IS_GOOD_FOR)
        return { words: 'Since it was looked at who else has it, too much time has passed.' }
      await take(ports, request, id)
    }
    return (await show()).length > 0 ? { words: 'The directory still shows the assignment.' } : null
  } catch (error) {
    if (error instanceof LastAdministrator) return { words: error.message, isLast: true }
    const retryAfter = error instanceof Unavailable ? error.retryAfterSeconds : null
    return { words: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown', retryAfter }
  }
}

/** What another found there before it is nobody's to take, and least of all for want of an id. */
function notThereBefore(others: readonly Stored<Request>[]): (id: string) => boolean {
  const before = others.map(({ value }) => value.grant?.preExisting)
  return (id) => !before.includes(id) && !before.includes('unknown')
}

/** The one call that takes away what a request has given. Throws `LastAdministrator` where it has to stay. */
export const take = (ports: Ports, request: Request, assignmentId: string): Promise<void> =>
  takeUnlessLast(ports, request.principal.id, request, () => providerOf(ports, request).remove(assignmentId))

/** Without an id we have only the directory's word that nothing is there; and it may lag behind a call of ours. */
function showsAt({ grant }: Request): Date | null {
  return grant && grant.assignmentId === null ? plus(new Date(grant.attemptedAt), 2 * MINUTE) : null
}

/**
 * An administrator has said since it was asked for that it may stay, or has given it for good, which is written down before it is
 * given: so whoever asks after having seen it does not miss that. What was accepted before had gone by the time that our look found
 * nothing there, and is closed: so a comparison does not pass what comes even later.
 */
async function isAccepted(ports: Ports, request: Request): Promise<boolean> {
  const standing = await ports.findings.standing(request, request.principal.id)
  if (standing?.value.state !== 'acknowledged') return false
  if ((standing.value.acknowledged?.at ?? '') > request.createdDateTime) return true
  const isClosed = await changeIncident(ports, standing, resolved(standing.value, ports.now()))
  return isClosed ? false : isAccepted(ports, request) // somebody came between
}

/**
 * A while after the end the tenant is read once more: a call that was never answered may have given it late. Says whether
 * something of ours had come back, and was taken away; `later` while another is just being given or taken. What another holds
 * for certain is that one's to take; what another has found there since our first call, and taken for somebody else's, becomes so.
 */
export async function verifyGone(ports: Ports, request: Request): Promise<'gone' | 'came back' | 'later'> {
  const { requests } = await ports.store.readLive(request.principal.id)
  const others = othersOf(request, requests).filter(({ value }) => mayHold(value))
  if (others.some(({ value }) => value.status !== 'Provisioned')) return 'later'
  const deceived = others.filter(({ value }) => !isOurs(value) && cameAfter(value, request))
  if (deceived.length === 0 && others.some(({ value }) => isOurs(value))) return 'gone'
  const provider = providerOf(ports, request)
  const made = madeFor(provider, request, await provider.find(request.principal.id, request))
  const ours = made.filter(notThereBefore(others.filter((other) => !deceived.includes(other))))
  if ((await isAccepted(ports, request)) && ours.length > 0) return 'gone'
  const heirs = deceived.filter(({ value }) => ['unknown', ...ours].includes(value.grant?.preExisting ?? ''))
  if (heirs.length > 0) return (await leaveTo(ports, heirs, ours)) ? 'gone' : 'later'
  for (const id of ours) await take(ports, request, id)
  return ours.length > 0 ? 'came back' : 'gone'
}

/** It looked what was there when an attempt of this one had already been made: what it found may be of that attempt. */
const cameAfter = (other: Request, { grant }: Request) =>
  grant !== null && other.grant !== null && other.grant.intendedAt > grant.intendedAt

/** They go on holding it, and the last of them takes it away. False: it does not show yet, or somebody came between. */
async function leaveTo(
  ports: Ports,
  heirs: readonly Stored<Request>[],
  [id]: readonly string[],
): Promise<boolean> {
  for (const heir of heirs) {
    if (!id || !(await ports.store.writeRequest(heir, inherited(heir.value, id)))) return false
    ports.log.warn('What was taken for an assignment of somebody else was given late by a call of ours.', {
      requestId: heir.value.id,
    })
  }
  return true
}
