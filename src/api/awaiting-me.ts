import { approverKey, mayDecide } from '../domain/approval.ts'
import { merged } from '../domain/merged.ts'
import { administratorsKey } from '../domain/open-work.ts'
import type { Request } from '../domain/request.ts'
import { ADMINISTRATORS, type Provider, type Role, roleKey } from '../domain/role.ts'
import { settingsRole } from '../domain/role-settings.ts'
import { approversInForce } from '../live/approvers.ts'
import { atOnce } from '../live/at-once.ts'
import type { Page, PageOptions, Ports } from '../ports.ts'
import { mayAdminister } from './authority.ts'

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
    ...(await administeredProviders(ports, callerId)).map((provider) => administratorsKey({ provider })),
  ]
  const lists = await atOnce(READS_AT_ONCE, keys, (key) => ports.views.awaiting(key, { top, after }))
  const { items: ids, next } = merged(lists, top)
  const inForce = oncePerRole(
    (request) => approversInForce(ports, request),
    (request) => `${request.action} ${roleKey(settingsRole(request))}`, // extensions may have to be approved where activations need not
  )
  const administers = oncePerRole((request) => mayAdminister(ports, { id: callerId, kind: 'user' }, request))
  const mayDecideExtension = async (request: Request) =>
    request.principal.id !== callerId && (await administers(request))
  const items = await atOnce(READS_AT_ONCE, ids, async (id) => {
    const request = (await ports.store.findRequest(id))?.value
    if (request?.status === 'PendingAdminDecision')
      return (await mayDecideExtension(request)) ? [request] : []
    if (request?.status !== 'PendingApproval') return []
    const approvers = await inForce(request)
    return mayDecide(request, callerId, approvers, (of) => of.some((group) => groups.includes(group)))
      ? [request]
      : []
  })
  return { items: items.flat(), next }
}

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
  nameOf: (request: Request) => string = roleKey,
): (request: Request) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (request) => {
    const key = nameOf(request)
    const answer = asked.get(key) ?? ask(request)
    asked.set(key, answer)
    return answer
  }
}
