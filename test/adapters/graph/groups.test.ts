import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { groups, people, roles, servicePrincipals } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { graphDirectory } from '../../../src/adapters/graph/directory.ts'
import { groupMemberships } from '../../../src/adapters/graph/groups.ts'
import type { Role } from '../../../src/domain/role.ts'
import { Impossible, type RoleProvider, Unavailable } from '../../../src/ports.ts'
import { graphOf } from './graph-of.ts'

let tenant: TenantProcess
let provider: RoleProvider

beforeAll(async () => {
  tenant = await spawnTenant()
  const { graph, url } = graphOf(tenant)
  provider = groupMemberships(graph, graphDirectory(graph), url)
})
beforeEach(() => tenant.control('POST', '/reset'))
afterEach(() => tenant.clearFaults())
afterAll(() => tenant.stop())

type Named = keyof typeof groups
const of = (group: Named, roleDefinitionId = 'member'): Role => ({
  provider: 'group',
  roleDefinitionId,
  scope: `/groups/${groups[group].id}`,
})
const user = ({ id }: { id: string }) => ({ id, type: 'User' as const })
const NAME = 'a name that groups have no use for'
const added = async (who: { id: string }, role: Role) => {
  const answer = await provider.add(user(who), role, NAME)
  if (answer.outcome !== 'added') throw new Error('not added')
  return answer.id
}

describe('what a group is', () => {
  test('is called by the relation and by the name of the group', async () => {
    expect(await provider.describe(of('tierZero', 'owner'))).toEqual({
      id: 'owner',
      displayName: 'Owner',
      isBuiltIn: true,
      isEnabled: true,
      isPrivileged: true,
      scopeName: 'Tier Zero Operators',
      refusal: null,
    })
    expect(await provider.describe({ ...of('tierZero'), roleDefinitionId: 'guest' })).toBeUndefined()
  })

  test.each<[Named, boolean]>([
    ['tierZero', true],
    ['payroll', false],
    ['launchTeam', false],
  ])('%s may hold directory roles, and so is privileged: %s', async (group, isPrivileged) => {
    expect(await provider.describe(of(group))).toMatchObject({ isPrivileged, refusal: null })
  })

  test.each<[Named, string, RegExp]>([
    ['dynamicDevices', 'InvalidScope', /dynamic membership/],
    ['synced', 'InvalidScope', /on-premises/],
    ['mailSecurity', 'InvalidScope', /mail-enabled security group/],
    ['newsletter', 'InvalidScope', /distribution list/],
    ['restricted', 'ResourceIsLocked', /restricted management/],
  ])('%s cannot be managed: %s', async (group, code, message) => {
    const { refusal } = (await provider.describe(of(group))) ?? {}
    expect(refusal).toEqual({ code, message: expect.stringMatching(message) })
    await expect(provider.add(user(people.ada), of(group), NAME)).rejects.toThrow(Impossible) // and Graph agrees
  })

  test('there are no roles where there is no group', async () => {
    await expect(provider.roles('/')).rejects.toMatchObject({ code: 'InvalidScope' })
    await expect(provider.roles(`/groups/${people.ada.id}`)).rejects.toMatchObject({ code: 'InvalidScope' })
    expect(await provider.scopesAbove(of('sre').scope)).toEqual([])
  })
})

describe('giving and taking', () => {
  test('membership through a nested group is not membership', async () => {
    expect(await provider.find(people.radia.id, of('sreOncall'))).toHaveLength(1)
    expect(await provider.find(people.radia.id, of('sre'))).toEqual([])
    expect(await provider.find(groups.sreOncall.id, of('sre'))).toHaveLength(1)
  })

  test('somebody is found behind more than one page of others', async () => {
    const crowd = Array.from({ length: 1000 }, (_, n) => ({ short: `p${n}` }))
    await tenant.control('POST', '/people', crowd)
    const group = await tenant.control('POST', '/groups', {
      short: 'crowd',
      members: [...crowd.map(({ short }) => short), 'ada'],
    })
    const role = { ...of('sre'), scope: `/groups/${group.id}` }
    expect(await provider.find(people.ada.id, role)).toHaveLength(1)
    expect(await provider.find(people.grace.id, role)).toEqual([])
  })

  test('an application is found too, although the lists of a group leave it out', async () => {
    for (const roleDefinitionId of ['member', 'owner']) {
      const role = of('payroll', roleDefinitionId)
      const principal = { id: servicePrincipals.deployer.id, type: 'ServicePrincipal' as const }
      expect(await provider.find(principal.id, role)).toEqual([])
      const given = await provider.add(principal, role, NAME)
      const found = await provider.find(principal.id, role)
      expect(found).toEqual([given.outcome === 'added' && given.id])
      await provider.remove(found[0] as string)
      expect(await provider.find(principal.id, role)).toEqual([])
    }
  })

  test('a group owns nothing, and is no member of a role-assignable group', async () => {
    const group = { id: groups.sre.id, type: 'Group' as const }
    await expect(provider.add(group, of('payroll', 'owner'), NAME)).rejects.toMatchObject({
      name: 'Impossible',
      code: 'GroupCannotOwn',
    })
    await expect(provider.add(group, of('tierZero'), NAME)).rejects.toThrow(Impossible)
    expect((await provider.add(group, of('payroll'), NAME)).outcome).toBe('added')
  })

  test('an owner is added once, found, and removed, also when gone', async () => {
    const role = of('payroll', 'owner')
    const id = await added(people.ada, role)
    expect(await provider.add(user(people.ada), role, NAME)).toEqual({ outcome: 'exists' })
    expect([
      await provider.find(people.ada.id, role),
      await provider.find(people.ada.id, of('payroll')),
    ]).toEqual([[id], []])
    await provider.remove(id)
    await provider.remove(id)
    expect(await provider.find(people.ada.id, role)).toEqual([])
  })

  test('the last owner stays for as long as there is no other, and may be tried again', async () => {
    const id = await added(people.ada, of('payroll', 'owner'))
    await tenant.control('DELETE', '/groups/payroll/owners/grace')
    const stays = provider.remove(id)
    await expect(stays).rejects.toThrow(Unavailable)
    await expect(stays).rejects.toThrow('must have at least one owner')
    await tenant.control('PUT', '/groups/payroll/owners/linus')
    await provider.remove(id)
    expect(await provider.find(people.ada.id, of('payroll', 'owner'))).toEqual([])
  })

  test.each([
    ['the group', () => tenant.control('DELETE', '/groups/payroll')],
    ['the person', () => tenant.control('DELETE', '/people/ada')],
  ])('%s was deleted: then it is gone', async (_, deletion) => {
    const id = await added(people.ada, of('payroll'))
    await deletion()
    await provider.remove(id)
    expect(await provider.find(people.ada.id, of('payroll'))).toEqual([])
  })

  test('taking away deletes nobody', async () => {
    await tenant.control('PATCH', '/applications/interim', {
      permissions: ['Directory.ReadWrite.All', 'RoleManagement.ReadWrite.Directory'], // it could
    })
    const { graph, url } = graphOf(tenant, 'anew')
    const mighty = groupMemberships(graph, graphDirectory(graph), url)
    await mighty.remove(await added(people.ada, of('payroll')))
    const { deletions, people: left } = await tenant.control('GET', '/state')
    expect(deletions).toEqual([])
    expect(left.map(({ short }: { short: string }) => short)).toContain('ada')
  })

  test('a list that is not found while the group is there never passes for nobody', async () => {
    await added(people.ada, of('payroll'))
    await tenant.fault({
      match: { method: 'GET', path: '/members' },
      kind: 'status',
      status: 404,
      times: 'forever',
    })
    await expect(provider.find(people.ada.id, of('payroll'))).rejects.toThrow(Unavailable)
  })

  test('a group that has not reached every replica yet is worth another try', async () => {
    const role = { ...of('sre'), scope: '/groups/99999999-0000-4000-8000-000000000000' }
    await expect(provider.add(user(people.ada), role, NAME)).rejects.toThrow(Unavailable)
  })
})

test('members and owners are listed, of every kind, at low priority', async () => {
  const items = []
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<RoleProvider['held']>> = await provider.held(of('sre').scope, after)
    items.push(...page.items)
    after = page.next
  } while (after)
  expect(
    items.map(({ principalId, principalType, role }) => [principalId, principalType, role.roleDefinitionId]),
  ).toEqual([
    [people.barbara.id, 'User', 'member'],
    [groups.sreOncall.id, 'Group', 'member'],
    [people.grace.id, 'User', 'owner'],
    [people.barbara.id, 'User', 'owner'],
  ])
})

describe('who administers', () => {
  const may = (person: keyof typeof people, group: Named) =>
    provider.mayAdminister(people[person].id, of(group))

  test.each<[string, Named, boolean]>([
    ['globalAdministrator', 'tierZero', true],
    ['privilegedRoleAdministrator', 'tierZero', true],
    ['groupsAdministrator', 'tierZero', false],
    ['userAdministrator', 'tierZero', false],
    ['globalAdministrator', 'payroll', true],
    ['privilegedRoleAdministrator', 'payroll', true],
    ['groupsAdministrator', 'payroll', true],
    ['userAdministrator', 'payroll', true],
    ['identityGovernanceAdministrator', 'payroll', true],
    ['directoryWriters', 'payroll', true],
    ['helpdeskAdministrator', 'payroll', false],
  ])('a holder of %s administers %s: %s', async (role, group, expected) => {
    const { displayName } = roles[role as keyof typeof roles]
    expect(await may('mallory', group)).toBe(false)
    await tenant.control('POST', '/role-assignments', { principal: 'mallory', role: displayName })
    expect(await may('mallory', group)).toBe(expected)
  })

  test('a role for one administrative unit is none for the tenant', async () => {
    await tenant.control('POST', '/role-assignments', {
      principal: 'mallory',
      role: 'Groups Administrator',
      scope: '/administrativeUnits/44444444-0000-4000-8000-000000000001',
    })
    expect(await may('mallory', 'payroll')).toBe(false)
  })

  test('an owner does, and a member does not', async () => {
    expect([await may('grace', 'payroll'), await may('alan', 'tierZero')]).toEqual([true, true])
    expect(await may('barbara', 'sreOncall')).toBe(true)
    expect(await may('radia', 'sreOncall')).toBe(false)
  })

  test('the owners are told; where there are none that could read it, those who administer roles', async () => {
    const told = async (group: Named) =>
      (await provider.administrators(of(group))).map(({ displayName }) => displayName)
    expect(await told('payroll')).toEqual([people.grace.displayName])
    await tenant.control('PUT', '/groups/all-staff/owners/ken') // who has left
    for (const without of ['synced', 'allStaff'] as const)
      expect(await told(without)).toEqual(
        expect.arrayContaining([people.alan.displayName, people.katherine.displayName]),
      )
  })
})
