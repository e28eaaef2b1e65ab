import type { Eligibility } from '../domain/eligibility.ts'
import { principalOf } from '../domain/ids.ts'
import { othersOf } from '../domain/overlaps.ts'
import type { Request } from '../domain/request.ts'
import type { Ports, Stored } from '../ports.ts'

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
  const { requests, eligibilities } = await store.readLive(principalId)
  const open = requests.find(({ value }) => value.id === requestId)
  const read = open ?? (await store.findRequest(requestId))
  return { read, eligibilities, others: read ? othersOf(read.value, requests) : [], at }
}
