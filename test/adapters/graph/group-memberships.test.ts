import { afterAll, beforeAll } from 'vitest'
import { groups, people } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { graphDirectory } from '../../../src/adapters/graph/directory.ts'
import { groupMemberships } from '../../../src/adapters/graph/groups.ts'
import type { Role } from '../../../src/domain/role.ts'
import type { RoleProvider } from '../../../src/ports.ts'
import { keepsTheContract } from '../provider-contract.ts'
import { graphOf } from './graph-of.ts'

let tenant: TenantProcess
let provider: RoleProvider

beforeAll(async () => {
  tenant = await spawnTenant()
  const { graph, url } = graphOf(tenant)
  provider = groupMemberships(graph, graphDirectory(graph), url)
})
afterAll(() => tenant.stop())

/** Of a group without owners: then those who administer roles are told. */
const role: Role = {
  provider: 'group',
  roleDefinitionId: 'member',
  scope: `/groups/${groups.archive.id}`,
}
const named = ({ scope }: Role) => Object.values(groups).find(({ id }) => scope.endsWith(id))?.short

keepsTheContract(() => ({ tenant, provider }), {
  service: 'graph',
  add: { method: 'POST', path: 'members/\\$ref' },
  remove: { method: 'DELETE', path: '/\\$ref$' },
  role,
  elsewhere: { ...role, scope: `/groups/${groups.payroll.id}` },
  another: { ...role, roleDefinitionId: 'owner' },
  unknown: { ...role, scope: '/groups/00000000-0000-4000-8000-00000000dead' },
  roleName: 'Member',
  scopeName: groups.archive.displayName,
  named: false,
  administrator: people.alan.id,
  throughGroup: {
    personId: people.mallory.id,
    async give() {
      const assignment = { principal: 'tier-zero', role: 'Privileged Role Administrator' }
      await tenant.control('POST', '/role-assignments', assignment)
      await tenant.control('PUT', '/groups/tier-zero/members/mallory')
    },
  },
  outside: (method, principal, of) =>
    tenant.control(method === 'POST' ? 'PUT' : 'DELETE', `/groups/${named(of)}/members/${principal}`),
})
