import type { ApprovalDemand } from '../domain/approval-demand.ts'
import { groupKey, userKey } from '../domain/approver.ts'
import { merged } from '../domain/merged.ts'
import { administratorsKey } from '../domain/open-work.ts'
import { keepsActive, type Request } from '../domain/request.ts'
import { ADMINISTRATORS, type Provider, type Role, roleKey } from '../domain/role.ts'
import { settingsRole } from '../domain/role-settings.ts'
import { askedOnce } from '../live/asked-once.ts'
import { atOnce } from '../live/at-once.ts'
import { delegatorsOf } from '../live/delegations.ts'
import { approvalInForce, standingOf } from '../live/seats.ts'
import type { Page, PageOptions, Ports } from '../ports.ts'
import { mayAdminister } from './authority.ts'

/** So many reads at a time: a page is quick, and one caller does not crowd out the others. */
const READS_AT_ONCE = 16

/**
 * What awaits this person's decision now, the oldest first. They may be asked directly, through groups and in the place of others:
 * each of these is a list of its own, and a page is merged from the same page of each. The lists point; the requests themselves,
 * the directory and the settings in force tell. What they do not confirm is left out, so a page may be short, or empty, while more follows.
 */
export async function awaitingMe(
  asked: Ports,
  callerId: string,
  { top, after }: PageOptions,
): Promise<Page<Request>> {
  const ports = askedOnce(asked)
  const delegators = await delegatorsOf(ports, callerId)
  const voices = [callerId, ...delegators.map(({ id }) => id)]
  const keys = [
    ...new Set((await Promise.all(voices.map((id) => keysOf(ports, id)))).flat()),
    ...(await administeredProviders(ports, callerId)).map((provider) => administratorsKey({ provider })),
  ]
  const lists = await atOnce(READS_AT_ONCE, keys, (key) => ports.views.awaiting(key, { top, after }))
  const { items: ids, next } = merged(lists, top)
  const inForce = oncePerRole((request) => approvalInForce(ports, request), settingsKey)
  const administers = oncePerRole(
    (request) => mayAdminister(ports, { id: callerId, kind: 'user' }, request),
    roleKey,
  )
  const items = await atOnce(READS_AT_ONCE, ids, async (id) => {
    const request = (await ports.store.findRequest(id))?.value
    if (request?.status === 'PendingAdminDecision')
      return request.principal.id !== callerId && (await administers(request)) ? [request] : []
    if (request?.status !== 'PendingApproval' || !request.approval) return []
    const { approval } = request
    return (await mayStillSpeak(ports, { ...request, approval }, callerId, await inForce(request)))
      ? [request]
      : []
  })
  return { items: items.flat(), next }
}

async function mayStillSpeak(
  ports: Ports,
  request: Parameters<typeof standingOf>[1],
  callerId: string,
  inForce: ApprovalDemand | null,
): Promise<boolean> {
  return (await standingOf(ports, request, callerId, inForce)).seat?.isUseful ?? false
}

/** Where somebody finds what they are asked: under their own name, and under those of their groups. */
async function keysOf({ views, directory }: Ports, personId: string): Promise<string[]> {
  const noted = await views.notedGroups()
  const groups = noted.length > 0 ? await directory.groupsOf(personId, noted) : []
  return [userKey(personId), ...groups.map(groupKey)]
}

/** An extension of what is active may need an approval where activating does not. */
const settingsKey = (request: Request) => `${keepsActive(request)} ${roleKey(settingsRole(request))}`

/**
 * Directory roles are all administered by the same few, so one question spares the others the list. Of the other providers the
 * list is read by everybody, and each of its roles tells who may see it: whom a scope belongs to is not known before.
 */
async function administeredProviders(ports: Ports, callerId: string): Promise<Provider[]> {
  const directory: Role = { provider: 'directory', roleDefinitionId: ADMINISTRATORS[0] as string, scope: '/' }
  const others = (['azure', 'group'] as const).filter((provider) => ports.providers[provider])
  const isOne = await mayAdminister(ports, { id: callerId, kind: 'user' }, directory)
  return isOne ? ['directory', ...others] : others
}

/** A page is mostly of few roles: what their settings say is asked for once each. */
function oncePerRole<T>(
  ask: (request: Request) => Promise<T>,
  keyOf: (request: Request) => string,
): (request: Request) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (request) => {
    const key = keyOf(request)
    const answer = asked.get(key) ?? ask(request)
    asked.set(key, answer)
    return answer
  }
}
