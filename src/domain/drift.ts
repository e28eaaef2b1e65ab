import { type Incident, incidentKey } from './incident.ts'
import { mayHold, type Request } from './request.ts'
import type { Role } from './role.ts'
import { MINUTE, plus } from './schedule.ts'

/** An assignment as it is held: as much of it as a comparison needs. */
export type HeldRow = { id: string; principalId: string; role: Role }

export type Drift<H extends HeldRow> = {
  /** Held, and neither given here nor accepted. */
  outside: H[]
  /** Held, and rightly so, or not to be judged yet. Every held row is here or outside, and never in both. */
  expected: { held: H; because: 'ours' | 'inFlight' | 'accepted' | 'breakGlass' }[]
  /** Should be held because of a request, and is not. */
  missing: Request[]
  /** Stood when somebody looked before, and does no longer. */
  gone: Incident[]
}

export type Expectation = {
  /** Live requests of those who hold something, and such as have ended a while ago. */
  ours: readonly Request[]
  /** What stands: accepted, or an incident. */
  standing: readonly Incident[]
  isBreakGlass: (principalId: string) => boolean
  now: Date
}

/** What lists show may lag behind what was done: nothing younger than this is held against anybody. */
export const SETTLING = 10 * MINUTE

/** What is held, compared with what should be. Pure, so comparing twice changes nothing. */
export function drift<H extends HeldRow>(held: readonly H[], expectation: Expectation): Drift<H> {
  const reasons = held.map((row) => ({ held: row, because: reasonFor(row, expectation) }))
  const seen = seenIn(held)
  return {
    outside: reasons.flatMap((each) => (each.because ? [] : [each.held])),
    expected: reasons.flatMap((each) => (each.because ? [{ held: each.held, because: each.because }] : [])),
    missing: missing(seen, expectation),
    gone: expectation.standing.filter((incident) => !seen.has(incidentKey(incident.principal.id, incident))),
  }
}

/** What was seen, as texts: of each row who holds what, and by which assignment. Kept while a look takes several turns. */
export function seenIn(held: readonly HeldRow[]): Set<string> {
  return new Set(
    held.flatMap(({ id, principalId, role }) => {
      const key = incidentKey(principalId, role)
      return [key, `${key}|${id.toLowerCase()}`]
    }),
  )
}

/** Requests whose access should show, for long enough, and does not. Their own end is left to themselves. */
export function missing(
  seen: ReadonlySet<string>,
  { ours, now }: Pick<Expectation, 'ours' | 'now'>,
): Request[] {
  const settled = plus(now, -SETTLING).toISOString()
  const soon = plus(now, MINUTE).toISOString()
  return ours.filter((request) => {
    const { status, grant, endsAt } = request
    if (status !== 'Provisioned' || !grant?.grantedAt || grant.grantedAt > settled) return false
    if (endsAt !== null && endsAt <= soon) return false
    if (grant.preExisting === 'unknown') return false // nobody has ever seen it: lists may lag for longer than we think
    const key = incidentKey(request.principal.id, request)
    const byItsId = grant.preExisting === null && grant.assignmentId !== null
    return !seen.has(byItsId ? `${key}|${grant.assignmentId?.toLowerCase()}` : key)
  })
}

function reasonFor(row: HeldRow, { ours, standing, isBreakGlass, now }: Expectation) {
  if (isBreakGlass(row.principalId)) return 'breakGlass' as const
  const key = incidentKey(row.principalId, row.role)
  const mine = ours.filter(
    (each) => incidentKey(each.principal.id, each) === key && each.grant?.preExisting === null,
  )
  if (mine.some((each) => mayHold(each) && isSame(each.grant?.assignmentId, row.id))) return 'ours' as const
  if (mine.some((each) => isInFlight(each, row, now))) return 'inFlight' as const
  const accepted = standing.some(
    ({ state, principal, ...role }) => state === 'acknowledged' && incidentKey(principal.id, role) === key,
  )
  return accepted ? ('accepted' as const) : null
}

/** Being given by a call whose outcome nobody knows yet, or taken away so lately that lists may still show it. */
function isInFlight({ grant, completedDateTime, ...request }: Request, row: HeldRow, now: Date): boolean {
  const lately = plus(now, -SETTLING).toISOString()
  const isKnown = grant?.assignmentId !== null && grant?.assignmentId !== undefined
  if (mayHold(request as Request)) return !isKnown || (grant.unanswered && grant.attemptedAt > lately)
  return (completedDateTime ?? '') > lately && (!isKnown || isSame(grant.assignmentId, row.id))
}

const isSame = (a: string | null | undefined, b: string) => a?.toLowerCase() === b.toLowerCase()
