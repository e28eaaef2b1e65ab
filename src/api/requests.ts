import type { Request } from '../domain/request.ts'
import type { Caller, PageOptions, Ports } from '../ports.ts'
import { refuseWhoMayNot } from './approvals.ts'
import { isReader } from './authority.ts'
import { notFound, Refused } from './refused.ts'

/** One request: for its requester, its approvers, and those who may look on. To all others it does not exist. */
export async function getRequest(ports: Ports, caller: Caller, id: string): Promise<Request> {
  const read = await ports.store.findRequest(id)
  if (!read) throw notFound('There is no such request.')
  if (read.value.principal.id === caller.id || (await isReader(ports, caller))) return read.value
  try {
    await refuseWhoMayNot(ports, read.value, caller.id)
    return read.value
  } catch (error) {
    if (error instanceof Refused) throw notFound('There is no such request.')
    throw error
  }
}

/** Somebody's requests, the newest first: the open ones on the first page, then those that are over. */
export async function listRequests(
  ports: Ports,
  principalId: string,
  page: PageOptions,
): Promise<{ items: Request[]; next: string | null }> {
  const past = await ports.store.listPastRequests(principalId, page)
  if (page.after) return past
  const { requests } = await ports.store.readLive(principalId)
  const open = requests
    .map(({ value }) => value)
    .sort((a, b) => b.createdDateTime.localeCompare(a.createdDateTime))
  return { items: [...open, ...past.items], next: past.next }
}
