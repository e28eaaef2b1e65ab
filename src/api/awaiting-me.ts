import { approverKey, mayDecide } from '../domain/approval.ts'
import { merged } from '../domain/merged.ts'
import type { Request } from '../domain/request.ts'
import type { Approver } from '../domain/role-settings.ts'
import { approversInForce } from '../live/approvers.ts'
import { atOnce } from '../live/at-once.ts'
import type { Page, PageOptions, Ports } from '../ports.ts'

/** So many reads at a time: a page is quick, and one caller does not crowd out the others. */
const READS_AT_ONCE = 16

/**
 * What awaits this person's decision now, the oldest first. They may be asked directly and through groups: each of these is a
 * list of its own, and a page is merged from the same page of each. The lists point; the requests themselves, and the settings
 * in force, tell. What they do not confirm is left out, so a page may be short, or empty, while more follows.
 */
export async function awaitingMe(
  ports: Ports,
  callerId: string,
  { top, after }: PageOptions,
): Promise<Page<Request>> {
  const noted = await ports.views.notedGroups()
  const groups = noted.length > 0 ? await ports.directory.groupsOf(callerId, noted) : []
  const keys = [
    approverKey({ '@odata.type': '#microsoft.graph.singleUser', userId: callerId }),
    ...groups.map((groupId) => approverKey({ '@odata.type': '#microsoft.graph.groupMembers', groupId })),
  ]
  const lists = await atOnce(READS_AT_ONCE, keys, (key) => ports.views.awaiting(key, { top, after }))
  const { items: ids, next } = merged(lists, top)
  const inForce = oncePerRole((request) => approversInForce(ports, request))
  const items = await atOnce(READS_AT_ONCE, ids, async (id) => {
    const request = (await ports.store.findRequest(id))?.value
    if (request?.status !== 'PendingApproval') return []
    const approvers = await inForce(request)
    return mayDecide(request, callerId, approvers, (of) => of.some((group) => groups.includes(group)))
      ? [request]
      : []
  })
  return { items: items.flat(), next }
}

type InForce = (request: Request) => Promise<readonly Approver[] | null>

/** A page is mostly of few roles: what their settings say is asked for once each. */
function oncePerRole(ask: InForce): InForce {
  const asked = new Map<string, ReturnType<InForce>>()
  return (request) => {
    const answer = asked.get(request.roleDefinitionId) ?? ask(request)
    asked.set(request.roleDefinitionId, answer)
    return answer
  }
}
