import type { Client, GraphError } from '@microsoft/microsoft-graph-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groups, people, servicePrincipals } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { appToken, graphClient, plainGraph } from './graph-client.ts'

let tenant: TenantProcess
let graph: Client
let plain: ReturnType<typeof plainGraph>

beforeAll(async () => {
  tenant = await spawnTenant()
  const token = await appToken(tenant.url)
  graph = graphClient(tenant.url, token)
  plain = plainGraph(tenant.url, token)
})
afterAll(() => tenant.stop())

describe('people', () => {
  test('a person is found by id and by user principal name', async () => {
    expect((await graph.api(`/users/${people.ada.id}`).get()).displayName).toBe('Ada Lovelace')
    expect((await graph.api('/users/ada@contoso.example').get()).id).toBe(people.ada.id)
  })

  test('whether an account is enabled is shown only to who selects it', async () => {
    expect(await graph.api(`/users/${people.ken.id}`).get()).not.toHaveProperty('accountEnabled')
    const selected = await graph.api(`/users/${people.ken.id}`).select('id,accountEnabled,userType').get()
    expect(selected).toMatchObject({ id: people.ken.id, accountEnabled: false, userType: 'Member' })
    expect(selected).not.toHaveProperty('displayName')
  })

  test('a person nobody knows is not found, in Graph’s words', async () => {
    const missing = '99999999-0000-4000-8000-000000000000'
    const error: GraphError = await graph
      .api(`/users/${missing}`)
      .get()
      .catch((e) => e)
    expect(error).toMatchObject({ statusCode: 404, code: 'Request_ResourceNotFound' })
    const raw = await plain('GET', `/users/${missing}`, undefined, { 'client-request-id': 'mine' })
    expect(raw.body.error.message).toContain(missing)
    expect(raw.body.error.innerError).toMatchObject({ 'client-request-id': 'mine', date: expect.any(String) })
    expect(raw.headers.get('request-id')).toBe(raw.body.error.innerError['request-id'])
  })

  test.each([
    ["mail eq 'ADA@contoso.example'", ['Ada Lovelace']],
    [`id in ('${people.ada.id}', '${people.grace.id}')`, ['Ada Lovelace', 'Grace Hopper']],
    ["accountEnabled eq false and userType eq 'Member'", ['Ken Iverson']],
    ["startswith(displayName,'gra') or displayName eq 'Linus Pauling'", ['Grace Hopper', 'Linus Pauling']],
    ["displayName eq 'O''Brien'", []],
  ])('the filter %s finds %j', async (filter, names) => {
    const { value } = await graph.api('/users').filter(filter).get()
    expect(value.map((u: { displayName: string }) => u.displayName)).toEqual(names)
  })

  test.each(['nonsense eq 1', 'displayName eq', "displayName like 'x'", "displayName eq 'x' and"])(
    'the filter %s is refused',
    async (filter) => {
      expect((await plain('GET', `/users?$filter=${encodeURIComponent(filter)}`)).status).toBe(400)
    },
  )

  test('a list comes in pages, each naming the next', async () => {
    const first = await graph.api('/users').top(4).count(true).get()
    expect(first.value).toHaveLength(4)
    expect(first['@odata.count']).toBe(15)
    expect(first['@odata.nextLink']).toContain('$skiptoken=')
    const names = new Set<string>()
    let page = first
    for (;;) {
      for (const { displayName } of page.value) names.add(displayName)
      const next: string | undefined = page['@odata.nextLink']
      if (!next) break
      // Microsoft's client takes only https addresses for absolute: of ours it wants the path alone.
      page = await graph.api(next.slice(`${tenant.url}/v1.0`.length)).get()
    }
    expect(names.size).toBe(15)
  })

  test('a page of a thousand is refused', async () => {
    expect((await plain('GET', '/users?$top=1000')).body.error.message).toContain('between 1 and 999')
  })

  test('what the tenant does not understand it refuses, rather than answer something else', async () => {
    for (const option of ['$orderby=displayName', '$search="ada"', '$select=nonsense', '$expand=nonsense'])
      expect((await plain('GET', `/users?${option}`)).status).toBe(400)
  })

  test('managers are told, and their absence is a 404', async () => {
    expect((await graph.api(`/users/${people.ada.id}/manager`).get()).id).toBe(people.grace.id)
    const expanded = await graph.api(`/users/${people.ada.id}`).select('id').expand('manager').get()
    expect(expanded.manager.id).toBe(people.grace.id)
    await expect(graph.api(`/users/${people.mallory.id}/manager`).get()).rejects.toMatchObject({
      statusCode: 404,
    })
  })
})

describe('who belongs where', () => {
  test('membership is checked through nested groups, twenty at a time', async () => {
    const groupIds = [groups.sre.id, groups.roleApprovers.id]
    const { value } = await graph.api(`/users/${people.radia.id}/checkMemberGroups`).post({ groupIds })
    expect(value).toEqual([groups.sre.id])
    const nested = await graph
      .api(`/directoryObjects/${groups.sreOncall.id}/checkMemberGroups`)
      .post({ groupIds })
    expect(nested.value).toEqual([groups.sre.id])
    const above = graph.api(`/groups/${groups.sreOncall.id}/checkMemberGroups`)
    expect((await above.post({ groupIds })).value).toEqual([groups.sre.id])
    const all = graph.api(`/groups/${groups.sreOncall.id}/getMemberGroups`)
    expect((await all.post({ securityEnabledOnly: false })).value).toContain(groups.sre.id)
    await expect(
      graph.api(`/groups/${people.radia.id}/checkMemberGroups`).post({ groupIds }),
    ).rejects.toMatchObject({ statusCode: 404 })
    const tooMany = Array.from({ length: 21 }, () => groups.sre.id)
    await expect(
      graph.api(`/users/${people.radia.id}/checkMemberGroups`).post({ groupIds: tooMany }),
    ).rejects.toMatchObject({ statusCode: 400, code: 'Request_BadRequest' })
  })

  test('all groups of a person, and all people of a group, are found through nesting', async () => {
    const { value } = await graph
      .api(`/users/${people.radia.id}/getMemberGroups`)
      .post({ securityEnabledOnly: true })
    expect(value.sort()).toEqual([groups.sre.id, groups.sreOncall.id, groups.allStaff.id].sort())
    const members = await graph
      .api(`/groups/${groups.sre.id}/transitiveMembers/microsoft.graph.user`)
      .header('ConsistencyLevel', 'eventual')
      .count(true)
      .select('id,accountEnabled')
      .get()
    expect(members.value).toEqual([
      { id: people.barbara.id, accountEnabled: true },
      { id: people.radia.id, accountEnabled: true },
    ])
  })

  test('a type cast without the header for eventual consistency is refused', async () => {
    const answer = await plain('GET', `/groups/${groups.sre.id}/transitiveMembers/microsoft.graph.user`)
    expect([answer.status, answer.body.error.code]).toEqual([400, 'Request_UnsupportedQuery'])
    const filtered = `/groups/${groups.sre.id}/members?$count=true&$filter=id eq '${people.barbara.id}'`
    expect((await plain('GET', filtered)).status).toBe(400)
    const headers = { ConsistencyLevel: 'eventual' }
    expect((await plain('GET', filtered, undefined, headers)).body).toMatchObject({ '@odata.count': 1 })
  })

  test('direct members say of which kind they are', async () => {
    const { value } = await graph.api(`/groups/${groups.sre.id}/members`).get()
    expect(value.map((m: Record<string, string>) => [m['@odata.type'], m.id])).toEqual([
      ['#microsoft.graph.user', people.barbara.id],
      ['#microsoft.graph.group', groups.sreOncall.id],
    ])
  })

  test('the directory roles of a person are found, also through a role-assignable group', async () => {
    await tenant.control('PUT', '/groups/tier-zero/members/mallory')
    await tenant.control('POST', '/role-assignments', {
      principal: 'tier-zero',
      role: 'Security Administrator',
    })
    const roles = async (id: string) =>
      (
        await graph
          .api(`/users/${id}/transitiveMemberOf/microsoft.graph.directoryRole`)
          .header('ConsistencyLevel', 'eventual')
          .count(true)
          .get()
      ).value.map((r: { displayName: string }) => r.displayName)
    expect(await roles(people.katherine.id)).toEqual(['Privileged Role Administrator'])
    expect(await roles(people.mallory.id)).toEqual(['Security Administrator'])
    expect(await roles(people.ada.id)).toEqual([])
    await tenant.control('POST', '/reset')
  })

  test('objects of any kind are found by their ids; unknown ids are left out', async () => {
    const ids = [
      people.ada.id,
      groups.sre.id,
      servicePrincipals.interim.id,
      '99999999-0000-4000-8000-000000000000',
    ]
    const { value } = await graph.api('/directoryObjects/getByIds').post({ ids })
    expect(value.map((o: { displayName: string }) => o.displayName)).toEqual([
      'Ada Lovelace',
      'Site Reliability',
      'Interim',
    ])
    expect((await graph.api(`/servicePrincipals/${servicePrincipals.interim.id}`).get()).displayName).toBe(
      'Interim',
    )
    expect((await graph.api(`/directoryObjects/${groups.sre.id}`).get())['@odata.type']).toBe(
      '#microsoft.graph.group',
    )
  })
})

test('the published authentication contexts are told', async () => {
  const path = '/identity/conditionalAccess/authenticationContextClassReferences'
  const token = await tenant.token('reporting', { app: 1, aud: 'https://graph.microsoft.com' })
  const { value } = await graphClient(tenant.url, token).api(path).filter('isAvailable eq true').get()
  expect(value.map((c: { id: string }) => c.id)).toEqual(['c1'])
})

describe('who may ask', () => {
  test.each([
    ['no token', undefined],
    ['a token for another audience', (t: TenantProcess) => t.token('ada')],
    [
      'an expired token',
      (t: TenantProcess) => t.token('interim', { app: 1, aud: 'https://graph.microsoft.com', exp: '-1h' }),
    ],
    [
      'a token signed by a stranger',
      (t: TenantProcess) => t.token('interim', { app: 1, aud: 'https://graph.microsoft.com', key: 'other' }),
    ],
  ])('%s is answered 401', async (_, make) => {
    const token = await make?.(tenant)
    const answer = await fetch(`${tenant.url}/v1.0/users`, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
    })
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
      401,
      'InvalidAuthenticationToken',
    ])
  })

  test('without the permission, the answer is 403', async () => {
    const token = await tenant.token('reporting', { app: 1, aud: 'https://graph.microsoft.com' })
    const limited = plainGraph(tenant.url, token)
    expect((await limited('GET', '/users')).status).toBe(200)
    const refused = await limited('GET', '/roleManagement/directory/roleAssignments')
    expect([refused.status, refused.body.error.code]).toEqual([403, 'Authorization_RequestDenied'])
  })

  test('an address that Graph does not have is told in its shape', async () => {
    const answer = await plain('GET', '/nonsense')
    expect([answer.status, answer.body.error.code]).toEqual([400, 'BadRequest'])
  })
})
