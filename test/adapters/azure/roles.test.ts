import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { azureRoles as roles, scopes } from '../../../local/tenant/arm/seed-azure.ts'
import { people, TENANT_ID } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { armClient } from '../../../src/adapters/azure/client.ts'
import { azureRoles } from '../../../src/adapters/azure/roles.ts'
import { graphClient } from '../../../src/adapters/graph/client.ts'
import { graphDirectory } from '../../../src/adapters/graph/directory.ts'
import type { Role } from '../../../src/domain/role.ts'
import { Impossible, type Page, type Principal, type RoleProvider, Unavailable } from '../../../src/ports.ts'
import { tokensOf } from '../../support/app-tokens.ts'
import { keepsTheContract } from '../provider-contract.ts'

let tenant: TenantProcess
let provider: RoleProvider
/** What a process has looked up of roles and scopes is old after an hour. */
let hours = 0

const of = (scope: string, { name }: { name: string } = roles.contributor): Role => ({
  provider: 'azure',
  roleDefinitionId: name,
  scope: scope.toLowerCase(),
})
const ada: Principal = { id: people.ada.id, type: 'User' }
const group = (name: string) => `/providers/microsoft.management/managementgroups/${name}`
const outside = (method: string, principal: string, role: string, scope: string, more: object = {}) =>
  tenant.control(method, '/azure/role-assignments', { principal, role, scope, ...more })
const given = async (role: Role, name: string = randomUUID()) => {
  const added = await provider.add(ada, role, name)
  if (added.outcome !== 'added') throw new Error('It was not added.')
  return added.id
}

beforeAll(async () => {
  tenant = await spawnTenant()
  const directory = graphDirectory(
    graphClient(`${tenant.url}/v1.0`, tokensOf(tenant, 'https://graph.microsoft.com')),
  )
  const arm = armClient(tenant.url, tokensOf(tenant, 'https://management.azure.com'))
  provider = azureRoles(arm, directory, [scopes.contoso.toLowerCase()], () => Date.now() + hours * 3_600_000)
})
beforeEach(async () => {
  hours++
  await tenant.control('POST', '/reset')
})
afterAll(() => tenant.stop())

keepsTheContract(() => ({ tenant, provider }), {
  service: 'arm',
  add: { method: 'PUT', path: 'roleAssignments' },
  remove: { method: 'DELETE', path: '[rR]ole[aA]ssignments' },
  role: of(scopes.data),
  elsewhere: of(scopes.production),
  another: of(scopes.data, roles.reader),
  unknown: of(scopes.data, { name: '00000000-0000-4000-8000-00000000dead' }),
  roleName: 'Contributor',
  scopeName: 'data',
  named: true,
  administrator: people.alan.id,
  throughGroup: {
    personId: people.radia.id, // in a group that is in the group, given it two scopes above
    give: () => outside('POST', 'sre', 'User Access Administrator', 'platform'),
  },
  outside: (method, principal, { roleDefinitionId, scope }) =>
    outside(method, principal, roleDefinitionId, scope === scopes.data.toLowerCase() ? 'data' : scope),
})

describe('scopes', () => {
  const inStorage = `${scopes.storage}/blobServices/default/containers/invoices`.toLowerCase()

  test.each([
    ['the root group', group(TENANT_ID), []],
    ['a management group', group('platform'), [group('contoso'), group(TENANT_ID)]],
    ['a subscription', scopes.production, [group('platform'), group('contoso'), group(TENANT_ID)]],
    [
      'a resource group',
      scopes.data.toLowerCase(),
      [scopes.production, group('platform'), group('contoso'), group(TENANT_ID)],
    ],
    [
      'what lies in a resource',
      inStorage,
      [
        `${scopes.storage}/blobServices/default`.toLowerCase(),
        scopes.storage.toLowerCase(),
        scopes.data.toLowerCase(),
        scopes.production,
        group('platform'),
        group('contoso'),
        group(TENANT_ID),
      ],
    ],
  ])('above %s, up to the root', async (_what, scope, above) => {
    expect(await provider.scopesAbove(scope)).toEqual(above)
  })

  test('are looked up once in a while, not every time', async () => {
    await provider.scopesAbove(scopes.data.toLowerCase())
    await tenant.control('DELETE', '/calls')
    await provider.scopesAbove(scopes.storage.toLowerCase())
    expect((await tenant.control('GET', '/calls?service=arm')).count).toBe(0)
  })

  test.each([
    [group('contoso'), 'Contoso'],
    [scopes.sandbox, 'Sandbox'],
    [scopes.shop, 'shop'],
    [scopes.vault, 'contoso-keys'],
    [inStorage, 'contosodata/default/invoices'],
  ])('%s has a name', async (scope, name) => {
    expect(await provider.describe(of(scope, roles.reader))).toMatchObject({ scopeName: name, refusal: null })
  })

  test.each([
    '/subscriptions/66666666-0000-4000-8000-00000000dead/resourcegroups/none',
    `${scopes.production}/resourcegroups/none`,
    `${scopes.data}/providers/microsoft.storage/storageaccounts/none`,
  ])('%s is not there', async (scope) => {
    expect(await provider.describe(of(scope))).toBeUndefined()
  })

  test('below: what one can go on to, page by page', async () => {
    const below = async (scope: string, top = 50) => {
      const found: string[] = []
      let after: string | null = null
      do {
        const page: Page<{ displayName: string }> | undefined = await provider.scopesBelow?.(
          scope.toLowerCase(),
          { top, after },
        )
        expect(page?.items.length).toBeLessThanOrEqual(top)
        found.push(...(page?.items ?? []).map(({ displayName }) => displayName))
        after = page?.next ?? null
      } while (after)
      return found.sort()
    }
    expect(await below(scopes.contoso, 1)).toEqual(['Platform', 'Sandbox'])
    expect(await below(scopes.production, 1)).toEqual(['data', 'shop'])
    expect(await below(scopes.data)).toEqual(['contoso-keys', 'contosodata'])
    expect(await below(scopes.vault)).toEqual([])
  })

  test('that Interim does not govern are refused in words, though it could look at them', async () => {
    await outside('POST', 'interim', 'Owner', 'root')
    const { id } = await tenant.control('POST', '/azure/subscriptions', {
      displayName: 'Elsewhere',
      parent: TENANT_ID,
    })
    expect(await provider.describe(of(id))).toMatchObject({
      scopeName: 'Elsewhere',
      refusal: { code: 'InvalidScope', message: expect.stringContaining('AZURE_SCOPES') },
    })
    for (const scope of [id, '/', '/groups/1'])
      await expect(provider.roles(scope)).rejects.toThrow(/AZURE_SCOPES/)
  })
})

describe('roles', () => {
  test('custom ones are there where they can be assigned, and not elsewhere', async () => {
    expect(await provider.describe(of(scopes.shop, roles.shopRestarter))).toMatchObject({ isBuiltIn: false })
    expect(await provider.describe(of(scopes.sandbox, roles.shopRestarter))).toBeUndefined()
    const names = async (scope: string) =>
      (await provider.roles(scope.toLowerCase())).map(({ displayName }) => displayName)
    expect(await names(scopes.shop)).toContain('Shop Restarter')
    expect(await names(scopes.sandbox)).not.toContain('Shop Restarter')
  })

  test('which merely read are not privileged; all others are', async () => {
    const privileged = (await provider.roles(scopes.production)).filter(({ isPrivileged }) => !isPrivileged)
    expect(privileged.map(({ displayName }) => displayName)).toEqual(['Reader'])
  })

  test.each([
    ['Owner', true],
    ['User Access Administrator', true],
    ['Role Based Access Control Administrator', true],
    ['Access Desk', true],
    ['Contributor', false],
    ['Reader', false],
  ])('a holder of %s, given two scopes above: administers %s', async (role, may) => {
    await outside('POST', 'mallory', role, 'platform')
    expect(await provider.mayAdminister(people.mallory.id, of(scopes.data))).toBe(may)
    expect(await provider.mayAdminister(people.mallory.id, of(scopes.sandbox))).toBe(false)
    const told = (await provider.administrators(of(scopes.data))).map(({ id }) => id)
    expect(told.includes(people.mallory.id)).toBe(may)
  })

  test('a right to administer that holds under a condition only is none', async () => {
    await outside('POST', 'mallory', 'Owner', 'production', { condition: '@Request[x] StringEquals "y"' })
    expect(await provider.mayAdminister(people.mallory.id, of(scopes.data))).toBe(false)
    expect((await provider.administrators(of(scopes.data))).map(({ id }) => id)).not.toContain(
      people.mallory.id,
    )
  })

  test('a right to administer a scope below is none here', async () => {
    await outside('POST', 'mallory', 'Owner', 'data')
    expect(await provider.mayAdminister(people.mallory.id, of(scopes.production))).toBe(false)
  })
})

describe('assignments', () => {
  test('carry the name of their request, its principal’s kind, and the condition if there is one', async () => {
    const name = randomUUID()
    const condition = "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'contosodata'"
    const added = await provider.add(ada, of(scopes.data), name, condition)
    expect(added).toMatchObject({ outcome: 'added' })
    if (added.outcome === 'added') expect(await provider.conditionOf?.(added.id)).toBe(condition)
    const { assignments } = await tenant.control('GET', `/holds?principal=ada&role=Contributor&scope=data`)
    expect(assignments).toEqual([
      expect.objectContaining({
        name,
        properties: expect.objectContaining({
          principalType: 'User',
          description: expect.stringContaining(name),
          condition,
          conditionVersion: '2.0',
        }),
      }),
    ])
  })

  test('of somebody who was made a moment ago are given at once', async () => {
    const { id } = await tenant.control('POST', '/people', { short: 'fresh' })
    expect(await provider.add({ id, type: 'User' }, of(scopes.data), randomUUID())).toMatchObject({
      outcome: 'added',
    })
  })

  test('of a principal that Azure does not know yet are worth another try', async () => {
    const unknown: Principal = { id: randomUUID(), type: 'User' }
    await expect(provider.add(unknown, of(scopes.data), randomUUID())).rejects.toThrow(Unavailable)
  })

  test('a lost answer, then again under the same name: ours', async () => {
    const name = randomUUID()
    await tenant.fault({ match: { service: 'arm', method: 'PUT' }, kind: 'resetAfter' })
    await expect(provider.add(ada, of(scopes.data), name)).rejects.toThrow(Unavailable)
    expect(await provider.add(ada, of(scopes.data), name)).toMatchObject({ outcome: 'added' })
  })

  test('a conflict with our own name is ours, with another name is not', async () => {
    const name = randomUUID()
    const conflict = (id: string) =>
      tenant.fault({
        match: { service: 'arm', method: 'PUT' },
        kind: 'status',
        status: 409,
        body: {
          error: {
            code: 'RoleAssignmentExists',
            message: `The role assignment already exists. The ID of the existing role assignment is ${id}.`,
          },
        },
      })
    await conflict(name.replaceAll('-', ''))
    expect((await provider.add(ada, of(scopes.data), name)).outcome).toBe('added')
    await conflict(randomUUID().replaceAll('-', ''))
    expect((await provider.add(ada, of(scopes.data), name)).outcome).toBe('exists')
  })

  test('under a name that is taken by something else are refused for good', async () => {
    const name = randomUUID()
    await given(of(scopes.data, roles.reader), name)
    await expect(provider.add(ada, of(scopes.data), name)).rejects.toMatchObject({
      code: 'RoleAssignmentUpdateNotPermitted',
    })
  })

  test('beyond the limit of a subscription are refused for good', async () => {
    await outside('POST', 'linus', 'Reader', 'production', { times: 4000 })
    await expect(given(of(scopes.data))).rejects.toMatchObject({
      name: 'Impossible',
      code: 'RoleAssignmentLimitExceeded',
    })
  })

  test('where Interim has no right: refused for good, in Azure’s words', async () => {
    await outside('DELETE', 'interim', 'User Access Administrator', 'contoso')
    await expect(given(of(scopes.data))).rejects.toThrow(Impossible)
    await expect(given(of(scopes.data))).rejects.toThrow(/does not have authorization/)
  })

  test('are not given at all where a lock would keep them from ending', async () => {
    expect(await provider.describe(of(scopes.data))).toMatchObject({ refusal: null })
    await tenant.control('PUT', '/azure/locks', { scope: 'production' })
    expect(await provider.describe(of(scopes.data))).toMatchObject({ refusal: { code: 'ResourceIsLocked' } })
    expect(await provider.describe(of(scopes.sandbox))).toMatchObject({ refusal: null })
  })

  test('a lock that forbids writing refuses them for good', async () => {
    await tenant.control('PUT', '/azure/locks', { scope: 'data', level: 'ReadOnly' })
    await expect(given(of(scopes.data))).rejects.toMatchObject({
      name: 'Impossible',
      code: 'ResourceIsLocked',
    })
  })

  test('under a lock are removed once it is lifted, and until then it is worth another try', async () => {
    const id = await given(of(scopes.data))
    await tenant.control('PUT', '/azure/locks', { scope: 'production' })
    await expect(provider.remove(id)).rejects.toThrow(Unavailable)
    await expect(provider.remove(id)).rejects.toThrow(/remove the lock/)
    await tenant.control('DELETE', '/azure/locks', { scope: 'production' })
    await provider.remove(id)
    expect(await provider.find(ada.id, of(scopes.data))).toEqual([])
  })

  test('the last administrator’s is removed once there is another, and until then it is worth another try', async () => {
    const owner = of(scopes.production, roles.owner)
    const id = await given(owner)
    await outside('DELETE', 'alan', 'Owner', 'production')
    await expect(provider.remove(id)).rejects.toThrow(Unavailable)
    await outside('POST', 'alan', 'Owner', 'production')
    await provider.remove(id)
    expect(await provider.find(ada.id, owner)).toEqual([])
  })

  test('are gone when their scope is', async () => {
    const { id: scope } = await tenant.control('POST', '/azure/subscriptions', { displayName: 'Short-lived' })
    const role = of(scope)
    const id = await given(role)
    await tenant.control('DELETE', '/azure/subscriptions', { scope })
    await provider.remove(id)
    expect(await provider.find(ada.id, role)).toEqual([])
  })

  test('are listed over many pages, at exactly the scope', async () => {
    await outside('POST', 'linus', 'Reader', 'production', { times: 250 })
    await given(of(scopes.data))
    let pages = 0
    let count = 0
    let after: string | null = null
    do {
      const page = await provider.held(scopes.production, after)
      pages++
      count += page.items.length
      after = page.next
    } while (after)
    expect([pages, count]).toEqual([3, 252]) // Alan and the deployer too, and nobody from the groups above
  })

  test('our token goes to nobody else, whatever the rest of a list is said to be at', async () => {
    await expect(provider.held(scopes.production, 'https://evil.example/rest')).rejects.toThrow(
      /another host/,
    )
  })
})
