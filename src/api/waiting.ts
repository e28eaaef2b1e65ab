import { z } from 'zod'
import { askedIn, openStages } from '../domain/approval.ts'
import { type Approver, approverGroups, approverKey, approverUsers, everybodyIn } from '../domain/approver.ts'
import { waitingKey } from '../domain/open-work.ts'
import { awaitsDecision, type Request } from '../domain/request.ts'
import { type Role, sameRole } from '../domain/role.ts'
import { atOnce } from '../live/at-once.ts'
import type { Caller, Page, PageOptions, Ports } from '../ports.ts'
import { RequestAnswer, requestAnswer } from './answers.ts'
import { refuseUnlessMaySee } from './authority.ts'

export const WaitingAnswer = RequestAnswer.extend({
  waitsFor: z
    .array(
      z.object({
        type: z.enum(['User', 'Group', 'Manager', 'ScopeOwners', 'RoleHolders', 'Administrators']),
        id: z.string().nullable(),
        displayName: z.string(),
      }),
    )
    .meta({
      description:
        'Those who are asked in the stages that are open. Administrators: whoever administers the role then.',
    }),
}).meta({ id: 'WaitingRequest' })
type WaitingAnswer = z.infer<typeof WaitingAnswer>

/**
 * Everybody's requests that wait for a decision, the oldest first: all, for those who may look on; of one role at its scope also
 * for those who administer it. The list only points: each is looked at, so a page may be short.
 */
export async function waitingRequests(
  ports: Ports,
  caller: Caller,
  role: Role | null,
  page: PageOptions,
): Promise<Page<Request>> {
  await refuseUnlessMaySee(ports, caller, role)
  const { items: ids, next } = await ports.views.awaiting(waitingKey(role), page)
  const found = await atOnce(16, ids, (id) => ports.store.findRequest(id))
  const items = found.flatMap((read) => (read && awaitsDecision(read.value) ? [read.value] : []))
  return { items: role ? items.filter((each) => sameRole(each, role)) : items, next }
}

/** As they are shown, with the names of those who are asked: one question for a page. */
export async function waitingAnswers(
  { directory }: Pick<Ports, 'directory'>,
  requests: readonly Request[],
): Promise<WaitingAnswer[]> {
  const approvers = requests.flatMap(askedOf)
  const known = [
    ...approverUsers(approvers).map((id) => ({ id, type: 'User' as const })),
    ...approverGroups(approvers).map((id) => ({ id, type: 'Group' as const })),
  ]
  const distinct = [...new Map(known.map((each) => [each.id, each])).values()]
  const found = distinct.length > 0 ? await directory.principals(distinct) : []
  const names = new Map(found.map(({ id, displayName }) => [id, displayName]))
  return requests.map((request) => ({
    ...requestAnswer(request),
    waitsFor:
      request.status === 'PendingAdminDecision'
        ? [{ type: 'Administrators', id: null, displayName: 'Those who administer the role' }]
        : askedOf(request).map((approver) => shown(approver, names)),
  }))
}

/** Each once, of all the stages that wait for answers now. */
function askedOf({ approval }: Request): Approver[] {
  if (!approval) return []
  const lists = openStages(approval).flatMap((index) => {
    const stage = approval.stages[index]
    return stage ? askedIn(stage).flatMap(everybodyIn) : []
  })
  return [...new Map(lists.map((approver) => [approverKey(approver), approver])).values()]
}

function shown(approver: Approver, names: ReadonlyMap<string, string>): WaitingAnswer['waitsFor'][number] {
  const named = (type: 'User' | 'Group', id: string) => ({
    type,
    id,
    displayName: names.get(id) ?? 'Unknown principal',
  })
  switch (approver['@odata.type']) {
    case '#microsoft.graph.singleUser':
      return named('User', approver.userId)
    case '#microsoft.graph.groupMembers':
      return named('Group', approver.groupId)
    case '#microsoft.graph.requestorManager':
      return { type: 'Manager', id: null, displayName: 'The manager of the requester' }
    case '#interim.scopeOwners':
      return { type: 'ScopeOwners', id: null, displayName: 'Those who administer the scope' }
    case '#interim.roleHolders':
      return {
        type: 'RoleHolders',
        id: approver.roleDefinitionId ?? null,
        displayName: 'Those who hold a role',
      }
  }
}
