import type { Eligibility } from '../domain/eligibility.ts'
import { principalOf } from '../domain/ids.ts'
import type { Request } from '../domain/request.ts'
import type { Ports, Stored } from '../ports.ts'

/** A request, and what its principal is eligible for: while it is open, both stand in one range, so one read gives both. */
export async function look(
  { store }: Pick<Ports, 'store'>,
  requestId: string,
): Promise<{ read: Stored<Request> | undefined; eligibilities: readonly Eligibility[] }> {
  const principalId = principalOf(requestId)
  if (!principalId) return { read: undefined, eligibilities: [] }
  const { requests, eligibilities } = await store.readLive(principalId)
  const open = requests.find(({ value }) => value.id === requestId)
  return { read: open ?? (await store.findRequest(requestId)), eligibilities }
}
