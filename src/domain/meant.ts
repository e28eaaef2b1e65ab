import { ENDABLE } from './early-end.ts'
import { type Eligibility, isNotOver } from './eligibility.ts'
import { mayBeRenewed } from './eligibility-life.ts'
import { isAssigned, type Request } from './request.ts'
import { type Role, roleIn, sameRole } from './role.ts'
import type { ScheduleTarget } from './schedule-target.ts'

/** Is this the one, as far as the body says whose it is and of which role? */
export function fits(target: ScheduleTarget, found: Role & { principalId: string }): boolean {
  const role = roleIn(target)
  return (
    (target.principalId === undefined || target.principalId === found.principalId) &&
    (!role || sameRole(role, found))
  )
}

/** Of somebody's eligibilities for a role: to renew, what ended last; otherwise what is current, or begins next. */
export function meantEligibility(
  isRenewal: boolean,
  theirs: readonly Eligibility[],
  role: Role,
  now: Date,
): Eligibility | undefined {
  const ofRole = theirs
    .filter((each) => sameRole(each, role))
    .sort((a, b) => a.startDateTime.localeCompare(b.startDateTime)) // they never overlap
  return isRenewal
    ? ofRole.filter((each) => mayBeRenewed(each, now)).at(-1)
    : ofRole.find((each) => isNotOver(each, now))
}

/** Of somebody's open requests for a role: what was assigned, and begins first. To take away, else what they have activated. */
export function meantAssignment(
  isRemoval: boolean,
  theirs: readonly Request[],
  role: Role,
): Request | undefined {
  const held = theirs
    .filter((each) => sameRole(each, role) && ENDABLE.includes(each.status))
    .sort((a, b) => (a.startsAt ?? '').localeCompare(b.startsAt ?? ''))
  return held.find(isAssigned) ?? (isRemoval ? held[0] : undefined)
}

/** Of what was somebody's, the newest first: the assignment of this role that has expired last. */
export const meantRenewal = (past: readonly Request[], role: Role): Request | undefined =>
  past.find((each) => sameRole(each, role) && isAssigned(each) && each.status === 'Expired')
