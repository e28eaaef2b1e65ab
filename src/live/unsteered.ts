import { LATEST_START } from '../domain/activation.ts'
import type { Via } from '../domain/approval.ts'
import type { AutoApproval } from '../domain/approval-rule.ts'
import { automaticSpan, type Span } from '../domain/automatic-stretch.ts'
import { membershipIn } from '../domain/last-administrator.ts'
import { isActivation, mayHold, type Request } from '../domain/request.ts'
import { covers, type Role, sameRole } from '../domain/role.ts'
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
  ports: Pick<Ports, 'store' | 'providers'>,
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
  const { store } = ports
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
    if (after !== null && !isPast) continue
    const others = found.filter(({ id }) => id !== except)
    return spansOf(ports, others, role)
  }
  return undefined
}

/** What was had of the role there, in a scope that this one lies in, or in one that lies in it: else one would take turns with the other. */
async function spansOf(
  ports: Pick<Ports, 'providers'>,
  requests: readonly Request[],
  role: Role,
): Promise<Span[]> {
  const provider = providerOf(ports, role)
  const above = await provider.scopesAbove(role.scope)
  const spans = requests
    .filter((each) => sameRole({ ...each, scope: role.scope }, role))
    .flatMap((each) => {
      const span = automaticSpan(each)
      return span ? [{ role: each, span }] : []
    })
  const scopes = [...new Set(spans.map(({ role: { scope } }) => scope))]
  const aboveOthers = new Map(
    await Promise.all(scopes.map(async (scope) => [scope, await provider.scopesAbove(scope)] as const)),
  )
  return spans
    .filter(
      (each) =>
        covers(each.role, role, above) || covers(role, each.role, aboveOthers.get(each.role.scope) ?? []),
    )
    .map(({ span }) => span)
}

/**
 * Those of a role at one scope are begun in the order in which they were asked for: what came before this one is over for longer. Where
 * scopes nest this tells nothing of the others.
 */
const isOverBefore = (request: Request, role: Role, instant: number) =>
  role.provider !== 'azure' &&
  isActivation(request) &&
  sameRole(request, role) &&
  request.grant !== null &&
  Date.parse(request.completedDateTime ?? '') < instant

const A_PAGE = 100
const MOST_PAGES = 20
