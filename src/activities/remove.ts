import { removalRetryAt } from '../domain/next-step.ts'
import { INTERIM } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import { ended, removalDelayed } from '../domain/request-steps.ts'
import { sameRole } from '../domain/role.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import { madeFor, providerOf } from '../live/providers.ts'
import type { Ports, Stored } from '../ports.ts'
import { commit, type Work } from './commit.ts'

/**
 * Takes the access away, and believes it only when the tenant was read back. Whatever the tenant answers, for however
 * long: it is tried again. What was there before us is left alone.
 */
export async function remove(ports: Ports, work: Work): Promise<Stored<Request> | undefined> {
  const request = work.read.value
  const problem = isOurs(request) ? await takeAway(ports, request) : null
  const now = ports.now()
  if (problem) {
    const retryAt = removalRetryAt(request.ending?.attempts ?? 0, now)
    ports.log.warn('An assignment could not be removed yet.', { requestId: request.id, problem, retryAt })
    return commit(ports, work, removalDelayed(request, problem, retryAt, now))
  }
  const { because, by } = request.ending ?? { because: 'expired' as const, by: INTERIM }
  return commit(ports, work, ended(request, because, by, now))
}

const isOurs = ({ grant }: Request) => grant !== null && grant.preExisting === null

/** What is in the way, in words; null when it is gone. Ours is what we know the id or the name of; without, whatever is there. */
async function takeAway(ports: Ports, request: Request): Promise<string | null> {
  const provider = providerOf(ports, request)
  const known = request.grant?.assignmentId
  const shows = showsAt(request)
  if (shows && shows > ports.now()) return `What an unanswered call has done shows by ${shows.toISOString()}.`
  try {
    const found = async () => madeFor(provider, request, await provider.find(request.principal.id, request))
    const ids = known ? [known] : await found()
    for (const id of ids) await provider.remove(id)
    return (await found()).length > 0 ? 'The directory still shows the assignment.' : null
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
  }
}

/** Without an id we have only the directory's word that nothing is there; and it may lag behind a call of ours. */
function showsAt({ grant }: Request): Date | null {
  return grant && grant.assignmentId === null ? plus(new Date(grant.attemptedAt), 2 * MINUTE) : null
}

/**
 * A while after the end the tenant is read once more: a call that was never answered may have given it late. Says whether
 * something of ours had come back, and was taken away; `later` while a later activation may have the very same.
 */
export async function verifyGone(ports: Ports, request: Request): Promise<'gone' | 'came back' | 'later'> {
  const { requests } = await ports.store.readLive(request.principal.id)
  if (requests.some(({ value }) => sameRole(value, request))) return 'later'
  const provider = providerOf(ports, request)
  const ours = madeFor(provider, request, await provider.find(request.principal.id, request))
  for (const id of ours) await provider.remove(id)
  return ours.length > 0 ? 'came back' : 'gone'
}
