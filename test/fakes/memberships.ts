import { type RoleProvider, Unavailable } from '../../src/ports.ts'
import { exchange } from './people.ts'
import type { fakeTenant } from './tenant.ts'

/**
 * Groups as things to activate: who is a member is who the directory says is one. Owners are in `owners`, and the last one
 * stays, as at Microsoft.
 */
export function memberships(tenant: ReturnType<typeof fakeTenant>): RoleProvider & { owners: Set<string> } {
  const owners = new Set<string>()
  const groupAt = (scope: string) => tenant.groups.get(scope.slice('/groups/'.length))
  return {
    ...tenant.providers.directory,
    owners,
    describe: async ({ roleDefinitionId, scope }) => {
      const group = groupAt(scope)
      const displayName = roleDefinitionId === 'owner' ? 'Owner' : 'Member'
      return group && { ...exchange, id: roleDefinitionId, displayName, scopeName: group.displayName }
    },
    find: async (id, { roleDefinitionId, scope }) => {
      const has = roleDefinitionId === 'owner' ? owners.has(id) : groupAt(scope)?.members.includes(id)
      return has ? [`${roleDefinitionId} ${scope} ${id}`] : []
    },
    add: async ({ id }, { roleDefinitionId, scope }) => {
      if (roleDefinitionId === 'owner') owners.add(id)
      else groupAt(scope)?.members.push(id)
      return { outcome: 'added', id: `${roleDefinitionId} ${scope} ${id}` }
    },
    remove: async (assignment) => {
      const [what, scope = '', id = ''] = assignment.split(' ')
      if (what === 'owner') {
        if (owners.size === 1) throw new Unavailable('The group must have at least one owner.')
        owners.delete(id)
      }
      const group = groupAt(scope)
      if (group && what === 'member') group.members = group.members.filter((member) => member !== id)
    },
    administrators: async () => [...owners].flatMap((id) => tenant.people.get(id) ?? []),
  }
}
