import { afterAll, beforeAll, expect, test } from 'vitest'
import { groups, people, roles } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { secretTokens } from '../../../src/adapters/entra/app-token.ts'
import { graphClient } from '../../../src/adapters/graph/client.ts'
import { graphDirectory } from '../../../src/adapters/graph/directory.ts'
import { isHeld, refuseLast } from '../../../src/live/last-administrator.ts'
import type { Directory } from '../../../src/ports.ts'
import { fakeDepartures } from '../../fakes/departures.ts'

let tenant: TenantProcess
let directory: Directory

beforeAll(async () => {
  tenant = await spawnTenant()
  const settings = tenant.settings()
  const entra = {
    authority: settings.ENTRA_AUTHORITY as string,
    tenantId: settings.ENTRA_TENANT_ID as string,
    clientId: settings.ENTRA_CLIENT_ID as string,
    clientSecret: settings.ENTRA_CLIENT_SECRET as string,
  }
  const tokens = secretTokens(entra, 'https://graph.microsoft.com/.default', () => Date.now())
  directory = graphDirectory(graphClient(settings.GRAPH_URL as string, tokens))
})
afterAll(() => tenant.stop())

const PRIVILEGED = roles.privilegedRoleAdministrator.id
const privileged = { provider: 'directory' as const, roleDefinitionId: PRIVILEGED, scope: '/' }
const outside = () => ({ directory, departures: fakeDepartures(), now: () => new Date() })
const give = (principal: string) =>
  tenant.control('POST', '/role-assignments', { principal, role: 'Privileged Role Administrator' })

test('memberships are found through groups one in the other, even in a circle, and only active ones', async () => {
  await tenant.control('POST', '/groups', { short: 'inner', members: ['mallory'] })
  const inner = await tenant.control('POST', '/groups', { short: 'outer', members: ['inner'] })
  await tenant.control('PUT', '/groups/inner/members/outer')
  expect(await directory.groupsOf(people.mallory.id, [inner.id, groups.tierZero.id])).toEqual([inner.id])
  expect((await directory.membersOf(inner.id, 10)).map(({ id }) => id)).toEqual([people.mallory.id])
})

test('who is assigned a role is shown as assigned: people, groups and applications', async () => {
  await give('tier-zero')
  await give('reporting')
  const assigned = await directory.assignmentsOf([PRIVILEGED])
  expect(assigned.map(({ principalId }) => principalId)).toHaveLength(3)
  expect(assigned.every(({ roleDefinitionId }) => roleDefinitionId === PRIVILEGED)).toBe(true)
  expect(assigned.map(({ principalId }) => principalId)).toContain(groups.tierZero.id)
})

test('an empty group and an application hold nothing; a member of the group does, as long as they are enabled', async () => {
  const katherine = () => refuseLast(outside(), people.katherine.id, privileged)
  await expect(katherine()).rejects.toThrow('the last active Privileged Role Administrator')
  await tenant.control('PUT', '/groups/tier-zero/members/mallory')
  await katherine()
  await tenant.control('PATCH', '/people/mallory', { accountEnabled: false })
  await expect(katherine()).rejects.toThrow('the last active Privileged Role Administrator')
  expect(await isHeld(outside(), privileged)).toBe(true)
})
