import { auditEvent } from '../domain/audit.ts'
import { makeId } from '../domain/ids.ts'
import type { Actor } from '../domain/person.ts'
import type { PrincipalType, Role } from '../domain/role.ts'
import type { Ports } from '../ports.ts'
import { listForSweep } from './list-for-sweep.ts'

/** Is this one of the accounts kept for emergencies? Providers write ids in either case. */
export const isEmergencyAccount = ({ breakGlass }: Pick<Ports, 'breakGlass'>, id: string): boolean =>
  breakGlass.includes(id.toLowerCase())

/** Is this a break-glass account, or a group that one is in, through nested groups too? */
export async function isBreakGlass(
  { breakGlass, directory }: Pick<Ports, 'breakGlass' | 'directory'>,
  { id, type }: { id: string; type: PrincipalType },
): Promise<boolean> {
  if (type !== 'Group') return isEmergencyAccount({ breakGlass }, id)
  for (const account of breakGlass) if ((await directory.groupsOf(account, [id])).length > 0) return true
  return false
}

/** Would this role be held over a break-glass account, as whoever resets its password would? */
export const isOverBreakGlass = ({ breakGlass }: Pick<Ports, 'breakGlass'>, { provider, scope }: Role) =>
  provider === 'directory' && breakGlass.some((id) => scope === `/${id}`)

/** What somebody did or tried: by a break-glass account, or to one. */
export type Use = { by: Actor; principal: Actor; role: Role & { displayName: string }; what: string }

/** Logs it and records it, whatever becomes of it; the record is a subject of its own, and the sweep sees to its index. */
export async function watch(ports: Ports, { by, principal, role, what }: Use): Promise<void> {
  const now = ports.now()
  ports.log.warn('A break-glass account is concerned.', { by: by.id, principal: principal.id, what })
  const id = makeId('use', principal.id, now, ports.random())
  const actor = ({ id, displayName }: Actor): Actor => ({ id, displayName })
  const event = auditEvent({
    subject: id,
    step: 'used',
    at: now.toISOString(),
    activity: 'Break-glass account concerned',
    by: actor(by),
    principal: actor(principal),
    role,
    reason: what,
  })
  await listForSweep(ports, id)
  await ports.store.record([event])
  await ports.views.indexEvents([event])
}
