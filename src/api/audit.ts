import type { AuditEvent, AuditKey } from '../domain/audit.ts'
import { type Role, roleKey } from '../domain/role.ts'
import type { Caller, Page, PageOptions, Ports } from '../ports.ts'
import { refuseUnlessMaySee } from './authority.ts'
import { Refused } from './refused.ts'

export type AuditQuery = {
  principalId?: string | undefined
  role: Role | null
  from?: string | undefined
  to?: string | undefined
}

/**
 * The trail, the newest first: everything, one role's, or one person's (concerned or acting). People see their own,
 * owners what concerns what they own; everything else is for those who may look on.
 */
export async function listAudit(
  ports: Ports,
  caller: Caller,
  { principalId, role, from, to }: AuditQuery,
  page: PageOptions,
): Promise<Page<AuditEvent>> {
  if (principalId && role)
    throw new Refused(400, 'BadRequest', 'Ask by principalId or by roleDefinitionId, not by both at once.')
  if (principalId !== caller.id) await refuseUnlessMaySee(ports, caller, role)
  const key: AuditKey = principalId ? `person|${principalId}` : role ? `role|${roleKey(role)}` : 'all'
  return ports.views.listEvents(
    key,
    { from: from ? new Date(from) : null, to: to ? new Date(to) : null },
    page,
  )
}
