import { type Eligibility, isCurrent, isNotOver } from './eligibility.ts'
import { mayBeRenewed } from './eligibility-life.ts'
import { isAssigned, isOpen, type Request } from './request.ts'
import { type Role, sameRole } from './role.ts'
import type { ScheduleTarget } from './schedule-target.ts'

/** Which of the fields that are sent beside an id is that of another; null: none. */
export function contradiction(target: ScheduleTarget, found: Role & { principalId: string }): Field | null {
  const isOfAnother = (field: Field) =>
    target[field] !== undefined && target[field].toLowerCase() !== found[field].toLowerCase()
  return FIELDS.find(isOfAnother) ?? null
}
const FIELDS = ['principalId', 'roleDefinitionId', 'provider', 'scope'] as const
type Field = (typeof FIELDS)[number]

/**
 * Of somebody's eligibilities for a role those that may be meant; it takes one, and no other, for a name to do. A call that is sent
 * again must not take the next: so one to come is not meant where another has just ended.
 */
export function eligibilitiesMeant(
  isRenewal: boolean,
  theirs: readonly Eligibility[],
  role: Role,
  now: Date,
): Eligibility[] {
  const ofRole = theirs.filter((each) => sameRole(each, role))
  if (isRenewal) return ofRole.filter((each) => mayBeRenewed(each, now))
  const ahead = ofRole.filter((each) => isNotOver(each, now))
  const [first, ...others] = ahead
  if (!first || (others.length === 0 && isCurrent(first, now))) return ahead
  return ofRole
}

/** Of somebody's open requests what gives them the role because it was assigned. What they have activated is named by its id. */
export const assignmentsMeant = (open: readonly Request[], role: Role): Request[] =>
  open.filter((each) => sameRole(each, role) && isAssigned(each) && isOpen(each))

/** Of what was somebody's, the newest first: the last assignment of this role, if it has expired and was not taken away. */
export function renewalMeant(past: readonly Request[], role: Role): Request[] {
  const last = past.find((each) => sameRole(each, role) && isAssigned(each))
  return last?.status === 'Expired' ? [last] : []
}
