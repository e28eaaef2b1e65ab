import { sameCondition } from './condition.ts'
import { isDue } from './next-step.ts'
import { isAboutSchedule, isOurs, mayHold, type Request } from './request.ts'
import { sameRole } from './role.ts'
import { plus } from './schedule.ts'

/** What several requests of one principal for one role mean to each other (docs/decisions/0005-overlaps.md). */

/** Clocks of two hosts may differ by less than this, and no look at the others is believed for longer. */
export const A_LOOK_IS_GOOD_FOR = 20_000

/** The open requests of the same principal for the same role, without this one. Questions about an eligibility hold nothing. */
export function othersOf<T extends { value: Request }>(request: Request, open: readonly T[]): T[] {
  return open.filter(
    ({ value }) => value.id !== request.id && !isAboutSchedule(value) && sameRole(value, request),
  )
}

/** Goes on holding when others end: given or being given by us, and its own end has not come. */
function covers(other: Request, now: Date): boolean {
  const holds = other.status === 'Provisioned' || other.status === 'PendingProvisioning'
  return holds && isOurs(other) && !isDue(other.endsAt, now)
}

/** Of several that cover an ending one, under the same condition, the one to rely upon: one that has it for certain, and of these the one that lasts longest. */
export function coverAmong<T extends { value: Request }>(
  ending: Request,
  others: readonly T[],
  now: Date,
): T | undefined {
  const rank = ({ value: { status, endsAt } }: T) => (status === 'Provisioned' ? '1' : '0') + (endsAt ?? '~')
  return others
    .filter(({ value }) => covers(value, now) && sameCondition(value, ending))
    .sort((a, b) => (rank(a) < rank(b) ? 1 : -1))
    .at(0)
}

/**
 * Why this one may not be given yet: another is being taken away, or may be without having seen this one, as it does when
 * its look at its end finds nobody.
 */
export function mustWaitFor(request: Request, others: readonly Request[], now: Date): Request | undefined {
  return others.find((other) => {
    if (!isOurs(other)) return false
    if (other.status === 'PendingRevocation') return true
    if (other.status !== 'Provisioned' || other.endsAt === null) return false
    const near = plus(new Date(other.endsAt), -A_LOOK_IS_GOOD_FOR)
    return now >= near && new Date(request.createdDateTime) >= near
  })
}

/** Holds the same role under another condition: nothing can be given beside it, for there is but one assignment. */
export function holdsOtherwise(request: Request, others: readonly Request[]): Request | undefined {
  return others.find(
    (other) =>
      (other.status === 'Provisioned' || other.status === 'PendingProvisioning') &&
      isOurs(other) &&
      !sameCondition(other, request),
  )
}

/** Whose is the assignment that the tenant shows? `shared`: of another of ours; `before`: a live grant found it there. */
export function claimOn(id: string, others: readonly Request[]): 'before' | 'shared' | 'nobody' {
  const holding = others.filter(mayHold)
  const before = holding.some(({ grant }) => grant?.preExisting === id || grant?.preExisting === 'unknown')
  if (before) return 'before'
  const ours = holding.filter(isOurs)
  return ours.some(({ grant }) => grant?.assignmentId === id || grant?.assignmentId === null)
    ? 'shared'
    : 'nobody'
}

/** Starts now, as another ends: it is let in first, so that nothing is removed and added. */
export const comesIn = ({ status, startsAt }: Request, now: Date) =>
  status === 'Granted' && isDue(startsAt, now)
