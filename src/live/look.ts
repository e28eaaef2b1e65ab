import type { Eligibility } from '../domain/eligibility.ts'
import { principalOf } from '../domain/ids.ts'
import { othersOf } from '../domain/overlaps.ts'
import type { Request } from '../domain/request.ts'
import type { Live, Ports, Stored } from '../ports.ts'

/**
 * What one read shows: the request, what its principal is eligible for, and the other open requests of the same role, which
 * share its assignment. `at`: when, for no look is believed for long (docs/decisions/0005-overlaps.md).
 */
export type Seen = {
  read: Stored<Request> | undefined
  eligibilities: readonly Eligibility[]
  others: readonly Stored<Request>[]
  at: Date
}

/** While it is open, all stand in one range, so one read gives all. */
export async function look({ store, now }: Pick<Ports, 'store' | 'now'>, requestId: string): Promise<Seen> {
  const at = now()
  const principalId = principalOf(requestId)
  if (!principalId) return { read: undefined, eligibilities: [], others: [], at }
  const live = await store.readLive(principalId)
  return seenIn(live, openIn(live, requestId) ?? (await store.findRequest(requestId)), at)
}

/** The other open requests of the same principal and role, as they are now. */
export async function othersNow(ports: Pick<Ports, 'store' | 'now'>, request: Request): Promise<Request[]> {
  const { others } = await look(ports, request.id)
  return others.map(({ value }) => value)
}

/**
 * What whoever approved this request in this process saw a moment ago, with the decision in it: for the grant that follows at once, and
 * writes under that lock before it calls. Undefined where it cannot rely on that, as it needs to know who else has the role by now.
 */
export async function recalled(
  { store }: Pick<Ports, 'store'>,
  requestId: string,
): Promise<Seen | undefined> {
  const live = await store.recallLive(requestId)
  const seen = live && seenIn(live, openIn(live, requestId), live.at)
  return seen?.read?.value.status === 'Granted' && seen.others.length === 0 ? seen : undefined
}

const openIn = ({ requests }: Live, requestId: string) => requests.find(({ value }) => value.id === requestId)

const seenIn = ({ requests, eligibilities }: Live, read: Stored<Request> | undefined, at: Date): Seen => ({
  read,
  eligibilities,
  others: read ? othersOf(read.value, requests) : [],
  at,
})
