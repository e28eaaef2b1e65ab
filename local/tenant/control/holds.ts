import type { Directory } from '../directory/directory.ts'
import { groupNamed, principalNamed, roleNamed } from '../directory/names.ts'

/**
 * Whether somebody truly holds a role (or, where the name is a group's, a membership) now: no lag, and only what counts.
 * Roles count when given directly or through direct membership of a role-assignable group.
 */
export function holds(directory: Directory, query: URLSearchParams) {
  const principal = principalNamed(directory, query.get('principal') ?? '')
  const name = query.get('role') ?? ''
  const kind = query.get('relation') === 'owners' ? 'owners' : 'members'
  const isRole = kind === 'members' && canFind(() => roleNamed(directory, name))
  if (!isRole && canFind(() => groupNamed(directory, name))) {
    const link = { kind, groupId: groupNamed(directory, name).id, objectId: principal.id } as const
    return { holds: directory.linked(link), assignments: directory.linked(link) ? [link] : [] }
  }
  const role = roleNamed(directory, name)
  const through = directory.links
    .values()
    .filter(
      (l) =>
        l.kind === 'members' &&
        l.objectId === principal.id &&
        directory.groups.get(l.groupId)?.isAssignableToRole,
    )
    .map((l) => l.groupId)
  const assignments = directory.roleAssignments
    .values()
    .filter((a) => a.roleDefinitionId === role.id && [principal.id, ...through].includes(a.principalId))
    .filter((a) => a.directoryScopeId === (query.get('scope') ?? '/'))
  return { holds: assignments.length > 0, assignments }
}

function canFind(look: () => unknown): boolean {
  try {
    look()
    return true
  } catch {
    return false
  }
}
