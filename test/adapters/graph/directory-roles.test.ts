import { afterAll, beforeAll } from 'vitest'
import { administrativeUnits, people, roles } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { graphClient } from '../../../src/adapters/graph/client.ts'
import { graphDirectory } from '../../../src/adapters/graph/directory.ts'
import { directoryRoles } from '../../../src/adapters/graph/directory-roles.ts'
import type { Role } from '../../../src/domain/role.ts'
import type { RoleProvider } from '../../../src/ports.ts'
import { tokensOf } from '../../support/app-tokens.ts'
import { keepsTheContract } from '../provider-contract.ts'

let tenant: TenantProcess
let provider: RoleProvider

beforeAll(async () => {
  tenant = await spawnTenant()
  const graph = graphClient(`${tenant.url}/v1.0`, tokensOf(tenant, 'https://graph.microsoft.com'))
  provider = directoryRoles(graph, graphDirectory(graph), () => Date.now())
})
afterAll(() => tenant.stop())

const role: Role = {
  provider: 'directory',
  roleDefinitionId: roles.helpdeskAdministrator.id,
  scope: '/',
}

keepsTheContract(() => ({ tenant, provider }), {
  service: 'graph',
  add: { method: 'POST', path: 'roleAssignments' },
  remove: { method: 'DELETE', path: 'roleAssignments' },
  role,
  elsewhere: { ...role, scope: `/administrativeUnits/${administrativeUnits.stockholm.id}` },
  another: { ...role, roleDefinitionId: roles.exchangeAdministrator.id },
  unknown: { ...role, roleDefinitionId: '00000000-0000-4000-8000-00000000dead' },
  roleName: roles.helpdeskAdministrator.displayName,
  scopeName: 'the whole directory',
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
  outside: (method, principal, { roleDefinitionId, scope }) =>
    tenant.control(method, '/role-assignments', { principal, role: roleDefinitionId, scope }),
})
