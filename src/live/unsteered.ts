import { LATEST_START } from '../domain/activation.ts'
import type { Via } from '../domain/approval.ts'
import type { AutoApproval } from '../domain/approval-rule.ts'
import { automaticSpan, type Span } from '../domain/automatic-stretch.ts'
import { membershipIn } from '../domain/last-administrator.ts'
import { isActivation, mayHold, type Request } from '../domain/request.ts'
import { type Role, sameRole } from '../domain/role.ts'
import { durationMillis, plus } from '../domain/schedule.ts'
import type { Ports } from '../ports.ts'
import { providerOf } from './providers.ts'
import { withinReach } from './reach.ts'

/** What lets a request pass without anybody's approval is nothing that the requester can bring about alone. */

/**
 * Of these groups those in which somebody is on call by others: a member now, but neither one who could add themselves, nor who
 * may come into it by activating something, unless somebody has approved just that.
 */
export async function onCallIn(
  ports: Ports,
  personId: string,
  groupIds: readonly string[],
): Promise<string[]> {
  if (groupIds.length === 0) return []
  const memberOf = await ports.directory.groupsOf(personId, groupIds)
  if (memberOf.length === 0) return []
  const { requests } = await ports.store.readLive(personId)
  const own = requests.map(({ value }) => value).filter(isOwnActivation)
  const unsteered = await Promise.all(
    memberOf.map(async (id) => {
      const membership = membershipIn(id)
      if (own.some((each) => each.scope === membership.scope && !isByLeave(each))) return []
      return (await providerOf(ports, membership).mayAdminister(personId, membership)) ? [] : [id]
    }),
  )
  const left = unsteered.flat()
  if (left.length === 0) return []
  const reach = await withinReach(ports, personId, left, own.filter(isByLeave))
  return reach ? left.filter((id) => !reach.mayJoin.has(id)) : []
}

const isOwnActivation = (request: Request) =>
  request.provider === 'group' && mayHold(request) && isActivation(request)

/** A membership that somebody has approved. An ownership is none, whoever has. */
const isByLeave = ({ roleDefinitionId, approval }: Request) =>
  roleDefinitionId === 'member' && !!approval?.decision && !NOBODY.includes(approval.decision.via)

const NOBODY: readonly Via[] = ['automatic', 'timeOut']

/**
 * When this person had the role without anybody's approval, as far back as it matters for these conditions; `except` a request that
 * is judged again. Undefined: there is more to read than it is worth, so somebody is to be asked.
 */
export async function automaticBefore(
  { store }: Pick<Ports, 'store'>,
  personId: string,
  role: Role,
  start: Date,
  conditions: readonly AutoApproval[],
  except: string | undefined,
): Promise<Span[] | undefined> {
  const longest = conditions.map((each) =>
    each.maximumDuration ? durationMillis(each.maximumDuration, start) : 0,
  )
  const reach = 2 * Math.max(0, ...longest)
  if (reach === 0) return []
  const matters = plus(start, -reach).getTime()
  const made = matters - LATEST_START
  const { requests } = await store.readLive(personId)
  const found = requests.map(({ value }) => value)
  let after: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const { items, next } = await store.listPastRequests(personId, { top: A_PAGE, after })
    found.push(...items)
    after = next
    const last = items.at(-1)
    const isPast =
      !last ||
      Date.parse(last.createdDateTime) < made ||
      items.some((each) => isOverBefore(each, role, matters))
    if (after === null || isPast)
      return found.filter(({ id }) => id !== except).flatMap((each) => automaticSpan(each, role) ?? [])
  }
  return undefined
}

/** Those of a role are begun in the order in which they were asked for: what came before this one is over for longer. */
const isOverBefore = (request: Request, role: Role, instant: number) =>
  isActivation(request) &&
  sameRole(request, role) &&
  request.grant !== null &&
  Date.parse(request.completedDateTime ?? '') < instant

const A_PAGE = 50
const MOST_PAGES = 40
