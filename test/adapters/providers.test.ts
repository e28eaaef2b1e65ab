import { afterAll, beforeAll } from 'vitest'
import { groups, people, roles } from '../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../local/tenant/spawn.ts'
import { graphDirectory } from '../../src/adapters/graph/directory.ts'
import { directoryRoles } from '../../src/adapters/graph/directory-roles.ts'
import { groupMemberships } from '../../src/adapters/graph/groups.ts'
import { graphOf } from './graph/graph-of.ts'
import { keepsTheContract, type UnderContract } from './provider-contract.ts'

let tenant: TenantProcess

beforeAll(async () => {
  tenant = await spawnTenant()
})
afterAll(() => tenant.stop())

const principal = { id: people.ada.id, type: 'User' as const }
const nobody = '99999999-0000-4000-8000-000000000000'

keepsTheContract('directory', (): UnderContract => {
  const { graph } = graphOf(tenant)
  const role = {
    provider: 'directory' as const,
    roleDefinitionId: roles.exchangeAdministrator.id,
    scope: '/',
  }
  return {
    tenant,
    provider: directoryRoles(graph, graphDirectory(graph), () => Date.now()),
    role,
    principal,
    nowhere: { ...role, roleDefinitionId: nobody },
    writes: { service: 'graph', path: 'roleAssignments' },
    gives: 'POST',
  }
})

for (const roleDefinitionId of ['member', 'owner'])
  keepsTheContract(`group, ${roleDefinitionId}`, (): UnderContract => {
    const { graph, url } = graphOf(tenant)
    const role = { provider: 'group' as const, roleDefinitionId, scope: `/groups/${groups.payroll.id}` }
    return {
      tenant,
      provider: groupMemberships(graph, graphDirectory(graph), url),
      role,
      principal,
      nowhere: { ...role, scope: `/groups/${nobody}` },
      writes: { service: 'graph', path: '/\\$ref' },
      gives: 'POST',
    }
  })
