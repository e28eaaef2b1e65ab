import { newestFirstOf } from '../domain/ids.ts'
import type { Request } from '../domain/request.ts'
import type { Caller, Page, PageOptions, Ports } from '../ports.ts'
import { refuseStrangers } from './approvals.ts'
import { isReader, mayAdminister } from './authority.ts'
import { notFound, Refused } from './refused.ts'

/** One request: for its requester, its approvers, those who administer the role, and those who may look on. To all others it does not exist. */
export async function getRequest(ports: Ports, caller: Caller, id: string): Promise<Request> {
  const read = await ports.store.findRequest(id)
  if (!read) throw notFound('There is no such request.')
  if (read.value.principal.id === caller.id || (await isReader(ports, caller))) return read.value
  if (await mayAdminister(ports, caller, read.value)) return read.value
  try {
    await refuseStrangers(ports, read.value, caller.id)
    return read.value
  } catch (error) {
    if (error instanceof Refused) throw notFound('There is no such request.')
    throw error
  }
}

/** Begins the mark of a page that ended among the open ones: their id follows. Further on it is the store's own mark. */
const OPEN = 'open '

/**
 * Somebody's requests: the open ones first, then those that are over, each the newest first. What ends while the pages are
 * turned may be seen twice, as it was and as it is; nothing is passed over.
 */
export async function listRequests(
  { store }: Pick<Ports, 'store'>,
  principalId: string,
  { top, after }: PageOptions,
): Promise<Page<Request>> {
  if (after !== null && !after.startsWith(OPEN)) return store.listPastRequests(principalId, { top, after })
  const { requests } = await store.readLive(principalId)
  const left = requests
    .map(({ value }) => value)
    .filter(({ id }) => after === null || byNewest(after.slice(OPEN.length), id) < 0)
    .sort((a, b) => byNewest(a.id, b.id))
  const shown = left.slice(0, top)
  if (shown.length === top) return { items: shown, next: `${OPEN}${shown.at(-1)?.id}` }
  // Read after the open ones: what ends in between is in both, and not in neither.
  const past = await store.listPastRequests(principalId, { top: top - shown.length, after: null })
  const ended = past.items.filter(({ id }) => !shown.some((each) => each.id === id))
  return { items: [...shown, ...ended], next: past.next }
}

const byNewest = (a: string, b: string) => {
  const [left, right] = [`${newestFirstOf(a)}|${a}`, `${newestFirstOf(b)}|${b}`]
  return left < right ? -1 : left === right ? 0 : 1
}
