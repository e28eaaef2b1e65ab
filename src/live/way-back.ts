import { type Eligibility, isCurrent, isNotOver } from '../domain/eligibility.ts'
import { mayBeRenewed } from '../domain/eligibility-life.ts'
import { neverUnheld } from '../domain/last-administrator.ts'
import { type Role, sameRole } from '../domain/role.ts'
import type { Ports } from '../ports.ts'
import { isHeld } from './last-administrator.ts'

/**
 * Of a role that never goes without a holder the very last eligibility outlives its end, as at Microsoft: while nobody holds the
 * role, and nobody else is eligible for it, it may still be used, for as long as it could be renewed. All others end at their end.
 */
export async function withWayBack(
  ports: Pick<Ports, 'directory' | 'departures' | 'views' | 'now'>,
  role: Role,
  eligibilities: readonly Eligibility[],
): Promise<readonly Eligibility[]> {
  if (!neverUnheld(role)) return eligibilities
  const now = ports.now()
  const forRole = eligibilities.filter((each) => sameRole(each, role))
  if (forRole.some((each) => isCurrent(each, now)) || !forRole.some((each) => mayBeRenewed(each, now)))
    return eligibilities
  const last = await lastOf(ports, role)
  if (!last || !forRole.some(({ id }) => id === last.id) || (await isHeld(ports, role))) return eligibilities
  return eligibilities.map((each) => (each.id === last.id ? { ...each, endDateTime: null } : each))
}

/** The one that has ended last; undefined while there is any that has not. */
async function lastOf({ views, now }: Pick<Ports, 'views' | 'now'>, role: Role) {
  let last: Eligibility | undefined
  for (let after: string | null = null, more = true; more; more = after !== null) {
    const page = await views.eligibilitiesOf(role, { top: 200, after })
    for (const each of page.items) {
      if (isNotOver(each, now())) return undefined
      if (!last || (each.endDateTime ?? '') > (last.endDateTime ?? '')) last = each
    }
    after = page.next
  }
  return last
}
