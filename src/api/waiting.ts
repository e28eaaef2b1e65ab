import { z } from 'zod'
import { approverGroups, approverUsers } from '../domain/approval.ts'
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
        type: z.enum(['User', 'Group', 'Administrators']),
        id: z.string().nullable(),
        displayName: z.string(),
      }),
    )
    .meta({ description: 'Any of these decides. Administrators: whoever administers the role then.' }),
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
  const asked = requests.flatMap(({ approval }) => [
    ...approverUsers(approval?.approvers ?? []).map((id) => ({ id, type: 'User' as const })),
    ...approverGroups(approval?.approvers ?? []).map((id) => ({ id, type: 'Group' as const })),
  ])
  const known = [...new Map(asked.map((each) => [each.id, each])).values()]
  const names = new Map(
    (known.length > 0 ? await directory.principals(known) : []).map(({ id, displayName }) => [
      id,
      displayName,
    ]),
  )
  const named = (type: 'User' | 'Group') => (id: string) => ({
    type,
    id,
    displayName: names.get(id) ?? 'Unknown principal',
  })
  return requests.map((request) => {
    const approvers = request.approval?.approvers ?? []
    const waitsFor: WaitingAnswer['waitsFor'] =
      request.status === 'PendingAdminDecision'
        ? [{ type: 'Administrators', id: null, displayName: 'Those who administer the role' }]
        : [...approverUsers(approvers).map(named('User')), ...approverGroups(approvers).map(named('Group'))]
    return { ...requestAnswer(request), waitsFor }
  })
}
