import { awaitingKeys } from './approval.ts'
import { attentionAt } from './next-step.ts'
import { isAboutEligibility, isForGood, isOpen, isPastDue, mayHold, type Request } from './request.ts'
import { type Provider, type Role, roleKey } from './role.ts'
import { later, MINUTE, plus } from './schedule.ts'

/**
 * Where a request is listed while there is work left in it: under the approvers that it waits for, and under the
 * instant at which the sweep looks at it. Lists only point; what is true stands in the request.
 */
export type OpenWork = {
  /** Keys of the approvers that are being asked; none once it is decided. */
  awaiting: string[]
  /** An instant in ISO form; null when there is nothing left to look at. */
  due: string | null
}

export const UNLISTED: OpenWork = { awaiting: [], due: null }

/**
 * After a change that somebody made: the sweep looks a minute later, whether its workflow has been started or told,
 * its views and its mails have been written. If the process died in between, that is when it is mended.
 */
export function listedAfterChange(request: Request, now: Date): OpenWork {
  return { awaiting: awaiting(request, now), due: plus(now, MINUTE).toISOString() }
}

/**
 * While a change is being made nobody loses sight of the request, for it may never be made: it stays listed under those who
 * were asked, until the sweep's look. Lists only point.
 */
export function listedWhileChanging(before: Request, after: Request, now: Date): OpenWork {
  const { awaiting: asked, due } = listedAfterChange(after, now)
  return { awaiting: [...new Set([...awaiting(before, now), ...asked])], due }
}

/** At rest: the sweep looks when the workflow should have acted; after the end, once more at the tenant. */
export function listedAtRest(request: Request, now: Date): OpenWork {
  return { awaiting: awaiting(request, now), due: dueAtRest(request, now) }
}

/**
 * How a request is most likely listed when somebody comes to change it: as its last change has listed it, or, once a sweep has
 * passed, as that has. A wrong guess costs a few round trips and leaves a row that the sweep takes away.
 */
export function listedByNow(request: Request, now: Date): OpenWork {
  const { listed } = request
  if (listed.due === null) return listed
  const visited = new Date(Math.ceil(Date.parse(listed.due) / SWEEP_PERIOD) * SWEEP_PERIOD)
  return now < visited ? listed : listedAtRest(request, visited)
}

/** As the timer in functions/timers.ts says. */
const SWEEP_PERIOD = 5 * MINUTE

function awaiting(request: Request, now: Date): string[] {
  if (!isOpen(request)) return []
  if (isAboutEligibility(request)) return [administratorsKey(request)]
  const held = [heldKey(request), ...(mayHold(request) ? [heldAtKey(request)] : [])]
  if (isPastDue(request, now)) return [pastDueKey(request), ...held]
  if (request.status !== 'PendingApproval') return held
  return [...(request.approval ? awaitingKeys(request.approval) : []), ...held]
}

function dueAtRest(request: Request, now: Date): string | null {
  if (isForGood(request)) return null
  if (isOpen(request)) return attentionAt(request, now).toISOString()
  const verifyAt = verifyDue(request)
  return verifyAt && verifyAt > now ? later(verifyAt, plus(now, MINUTE)).toISOString() : null
}

/** Under this key those who administer a provider's roles find what awaits them; which of it, only the roles themselves tell. */
export const administratorsKey = ({ provider }: { provider: Provider }) => `administrators-${provider}`

/** The list of what is open of a role: who holds it, and who is about to. */
export const heldKey = (role: Role) => `role-${roleKey(role)}`

/** The list of what should have ended and is not known to have: a number that operators see. */
export const pastDueKey = ({ provider }: { provider: Provider }) => `past-due-${provider}`

/** The list of what may be held at a scope because of us: what drift looks for there. */
export const heldAtKey = ({ provider, scope }: Pick<Role, 'provider' | 'scope'>) =>
  `held|${provider}|${scope.replaceAll('/', '~')}`.toLowerCase()

/** A call of ours may have been answered late, after the removal; by then it has shown. */
const VERIFY_AFTER = 2 * MINUTE

/**
 * When the tenant is to be read once more after the end: where some call of ours was never answered. What was given
 * with a clean answer and taken away cannot come back by itself; what comes back then is somebody else's.
 */
export function verifyDue({ grant, completedDateTime }: Request): Date | null {
  if (!grant || grant.preExisting !== null || !completedDateTime) return null
  if (!grant.unanswered && grant.assignmentId !== null) return null
  return plus(new Date(completedDateTime), VERIFY_AFTER)
}
