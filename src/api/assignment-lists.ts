import { heldKey } from '../domain/open-work.ts'
import { isAssigned, mayHold, type Request } from '../domain/request.ts'
import { type Role, sameRole } from '../domain/role.ts'
import { atOnce } from '../live/at-once.ts'
import type { Page, PageOptions, Ports } from '../ports.ts'

type Type = 'assigned' | 'activated' | null

/** What a principal holds through us, or will from a start that is settled. One read of its partition. */
export async function assignmentsOfPrincipal(
  { store }: Pick<Ports, 'store'>,
  principalId: string,
  type: Type,
): Promise<Request[]> {
  const { requests } = await store.readLive(principalId)
  return requests.map(({ value }) => value).filter((request) => isAssignment(request, type))
}

/** Who holds a role through us, or will, the oldest request first. The list only points: each is looked at. */
export async function assignmentsOfRole(
  { store, views }: Pick<Ports, 'store' | 'views'>,
  role: Role,
  type: Type,
  page: PageOptions,
): Promise<Page<Request>> {
  const { items, next } = await views.awaiting(heldKey(role), page)
  const found = await atOnce(10, items, (id) => store.findRequest(id))
  const requests = found.flatMap((read) => (read && sameRole(read.value, role) ? [read.value] : []))
  return { items: requests.filter((request) => isAssignment(request, type)), next }
}

function isAssignment(request: Request, type: Type): boolean {
  if (!mayHold(request) && request.status !== 'Granted') return false
  return type === null || (type === 'assigned') === isAssigned(request)
}
