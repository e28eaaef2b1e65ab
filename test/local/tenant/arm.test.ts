import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { azureRoles as roles, scopes } from '../../../local/tenant/arm/seed-azure.ts'
import { CLIENT_ID, CLIENT_SECRET, people, TENANT_ID } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'

const ARM = 'https://management.azure.com'
let tenant: TenantProcess
let ours: string

beforeAll(async () => {
  tenant = await spawnTenant()
  const answer = await fetch(`${tenant.url}/${TENANT_ID}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      scope: `${ARM}/.default`,
    }),
  })
  ours = ((await answer.json()) as { access_token: string }).access_token
})
beforeEach(() => tenant.control('POST', '/reset'))
afterAll(() => tenant.stop())

async function call(method: string, path: string, body?: object, token = ours) {
  const answer = await fetch(tenant.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text ? JSON.parse(text) : null }
}
const as = (who: string) => tenant.token(who, { aud: `${ARM}/` })

const V = '?api-version=2022-04-01'
const assignment = (scope: string, name: string) =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}${V}`
const asked = (more: object = {}) => ({
  properties: {
    roleDefinitionId: `${scopes.production}/providers/Microsoft.Authorization/roleDefinitions/${roles.reader.name}`,
    principalId: people.ada.id,
    principalType: 'User',
    ...more,
  },
})
const refused = (status: number, code: string) => ({ status, body: { error: { code } } })

describe('callers', () => {
  test('need a token for Azure, and a version of the API', async () => {
    expect((await fetch(`${tenant.url}/subscriptions?api-version=2020-01-01`)).status).toBe(401)
    const graph = await tenant.token('alan', { aud: 'https://graph.microsoft.com' })
    expect(await call('GET', '/subscriptions?api-version=2020-01-01', undefined, graph)).toMatchObject(
      refused(401, 'InvalidAuthenticationToken'),
    )
    expect(await call('GET', '/subscriptions')).toMatchObject(refused(400, 'MissingApiVersionParameter'))
    expect(await call('GET', '/subscriptions?api-version=1')).toMatchObject(
      refused(400, 'InvalidApiVersionParameter'),
    )
  })

  test('see the subscriptions that they may read', async () => {
    const seen = async (token: string) =>
      (await call('GET', '/subscriptions?api-version=2020-01-01', undefined, token)).body.value.map(
        ({ displayName }: { displayName: string }) => displayName,
      )
    expect(await seen(ours)).toEqual(['Production', 'Sandbox'])
    expect(await seen(await as('alan'))).toEqual(['Production'])
    expect(await seen(await as('radia'))).toEqual(['Sandbox']) // in a group that is in the group
    expect(await seen(await as('mallory'))).toEqual([])
  })

  test('without a right to write are refused, and so are those whose right lies beside', async () => {
    for (const who of ['mallory', 'radia'])
      expect(await call('PUT', assignment(scopes.data, randomUUID()), asked(), await as(who))).toMatchObject(
        refused(403, 'AuthorizationFailed'),
      )
    expect((await call('PUT', assignment(scopes.data, randomUUID()), asked(), await as('alan'))).status).toBe(
      201,
    )
  })

  test('of a Contributor’s rights do everything but give them', async () => {
    await tenant.control('POST', '/azure/role-assignments', {
      principal: 'mallory',
      role: 'Contributor',
      scope: 'production',
    })
    const mallory = await as('mallory')
    expect((await call('GET', assignment(scopes.data, ''), undefined, mallory)).status).toBe(200)
    expect(await call('PUT', assignment(scopes.data, randomUUID()), asked(), mallory)).toMatchObject(
      refused(403, 'AuthorizationFailed'),
    )
  })
})

describe('assignments', () => {
  test('are made, made again, read in any spelling, and deleted once', async () => {
    const path = assignment(scopes.data, randomUUID())
    expect((await call('PUT', path, asked())).status).toBe(201)
    expect((await call('PUT', path, asked({ description: 'again' }))).status).toBe(200)
    const spelt = path.toLowerCase()
    expect((await call('GET', spelt)).body.properties).toMatchObject({
      principalId: people.ada.id,
      description: 'again',
      scope: scopes.data,
    })
    expect(await tenant.holds('ada', 'Reader', scopes.data)).toBe(true)
    expect((await call('DELETE', spelt)).status).toBe(200)
    expect((await call('DELETE', spelt)).status).toBe(204)
    expect(await call('GET', path)).toMatchObject(refused(404, 'RoleAssignmentNotFound'))
    expect(await tenant.holds('ada', 'Reader', scopes.data)).toBe(false)
  })

  test('exist under one name only, which the conflict tells', async () => {
    const name = randomUUID()
    await call('PUT', assignment(scopes.data, name), asked())
    const again = await call('PUT', assignment(scopes.data, randomUUID()), asked())
    expect(again).toMatchObject(refused(409, 'RoleAssignmentExists'))
    expect(again.body.error.message).toContain(name.replaceAll('-', ''))
  })

  test.each([
    [
      'of another person under the same name',
      { principalId: people.linus.id },
      'RoleAssignmentUpdateNotPermitted',
    ],
    ['of nobody', { principalId: randomUUID() }, 'PrincipalNotFound'],
    ['of a kind that the principal is not', { principalType: 'Group' }, 'UnmatchedPrincipalType'],
    [
      'of no role',
      { roleDefinitionId: `${scopes.production}/providers/Microsoft.Authorization/roleDefinitions/x` },
      'RoleDefinitionDoesNotExist',
    ],
    ['under a condition without its version', { condition: 'true' }, 'InvalidConditionVersion'],
  ])('%s are refused', async (_what, more, code) => {
    const path = assignment(scopes.data, randomUUID())
    await call('PUT', path, asked())
    expect(await call('PUT', path, asked(more))).toMatchObject(refused(400, code))
  })

  test('of somebody who was made a moment ago need the kind of principal', async () => {
    const { id: principalId } = await tenant.control('POST', '/people', { short: 'fresh' })
    const path = assignment(scopes.data, randomUUID())
    const { principalType: _, ...unsaid } = asked({ principalId }).properties as Record<string, unknown>
    expect(await call('PUT', path, { properties: unsaid })).toMatchObject(refused(400, 'PrincipalNotFound'))
    expect((await call('PUT', path, asked({ principalId }))).status).toBe(201)
  })

  test('are as many as a subscription takes', async () => {
    await tenant.control('POST', '/azure/role-assignments', {
      principal: 'linus',
      role: 'Reader',
      scope: 'production',
      times: 4000,
    })
    expect(await call('PUT', assignment(scopes.data, randomUUID()), asked())).toMatchObject(
      refused(400, 'RoleAssignmentLimitExceeded'),
    )
    expect((await call('PUT', assignment(scopes.play, randomUUID()), asked())).status).toBe(201)
  })

  test('under a lock stay: one that forbids deleting lets new ones in, one that forbids writing does not', async () => {
    const path = assignment(scopes.data, randomUUID())
    await tenant.control('PUT', '/azure/locks', { scope: 'production' })
    expect((await call('PUT', path, asked())).status).toBe(201)
    expect(await call('DELETE', path)).toMatchObject(refused(409, 'ScopeLocked'))
    await tenant.control('PUT', '/azure/locks', { scope: 'data', level: 'ReadOnly' })
    expect(
      await call('PUT', assignment(scopes.data, randomUUID()), asked({ principalId: people.linus.id })),
    ).toMatchObject(refused(409, 'ScopeLocked'))
    await tenant.control('DELETE', '/azure/locks', { scope: 'production' })
    await tenant.control('DELETE', '/azure/locks', { scope: 'data' })
    expect((await call('DELETE', path)).status).toBe(200)
  })

  test('of a subscription’s last administrator stay', async () => {
    const { assignments } = await tenant.control('GET', '/holds?principal=alan&role=Owner&scope=production')
    expect(await call('DELETE', assignment(scopes.production, assignments[0].name))).toMatchObject(
      refused(412, 'CannotDeleteLastRbacAdminAssignment'),
    )
  })

  test('are listed here, above and below, as the filter says, page by page', async () => {
    for (const scope of [scopes.data, scopes.vault])
      await call('PUT', assignment(scope, randomUUID()), asked())
    const list = async (filter: string) => {
      const found: string[] = []
      let next: string | null =
        `${assignment(scopes.data, '').replace('/?', '?')}&$filter=${encodeURIComponent(filter)}&$top=1`
      while (next) {
        const page: { body: { value: any[]; nextLink?: string } } = await call('GET', next)
        expect(page.body.value.length).toBeLessThanOrEqual(1)
        found.push(...page.body.value.map(({ properties }) => properties.scope))
        next = page.body.nextLink ? page.body.nextLink.slice(tenant.url.length) : null
      }
      return found.sort()
    }
    expect(await list(`principalId eq '${people.ada.id}'`)).toEqual([scopes.data, scopes.vault].sort())
    expect(await list(`atScope() and principalId eq '${people.ada.id}'`)).toEqual([scopes.data])
    expect(await list(`atScope() and assignedTo('${people.grace.id}')`)).toEqual([scopes.contoso]) // through a group
    const all = await list('atScope()')
    expect(all).toEqual(expect.arrayContaining([scopes.contoso, scopes.production, scopes.data]))
    expect(await call('GET', `${assignment(scopes.data, '')}&$filter=foo()`)).toMatchObject(
      refused(400, 'UnsupportedQuery'),
    )
  })

  test('lists lag, single reads do not', async () => {
    const name = randomUUID()
    await tenant.lag({ reads: 1 })
    await call('PUT', assignment(scopes.data, name), asked())
    const listed = async () =>
      (await call('GET', `${assignment(scopes.data, '')}&$filter=principalId eq '${people.ada.id}'`)).body
        .value
    expect((await call('GET', assignment(scopes.data, name))).status).toBe(200)
    expect([(await listed()).length, (await listed()).length]).toEqual([0, 1])
  })
})

describe('scopes', () => {
  test('know what they lie in', async () => {
    const path = `/providers/Microsoft.Management/getEntities?api-version=2020-05-01&$filter=name eq '${scopes.production.split('/')[2]}'`
    expect((await call('POST', path)).body.value).toEqual([
      expect.objectContaining({
        id: scopes.production,
        properties: expect.objectContaining({ parentNameChain: [TENANT_ID, 'contoso', 'platform'] }),
      }),
    ])
  })

  test('hold what lies in them', async () => {
    const names = async (path: string) =>
      (await call('GET', path)).body.value.map(({ name }: { name: string }) => name)
    expect(await names(`${scopes.production}/resourceGroups?api-version=2021-04-01`)).toEqual([
      'shop',
      'data',
    ])
    const vaults = "$filter=resourceType eq 'Microsoft.KeyVault/vaults'"
    expect(await names(`${scopes.data}/resources?api-version=2021-04-01&${vaults}`)).toEqual(['contoso-keys'])
    const { body } = await call('GET', `${scopes.contoso}?api-version=2020-05-01&$expand=children`)
    expect(body.properties.children.map(({ displayName }: { displayName: string }) => displayName)).toEqual([
      'Platform',
      'Sandbox',
    ])
  })

  test.each([
    ['/subscriptions/66666666-0000-4000-8000-00000000dead', 404, 'SubscriptionNotFound'],
    [`${scopes.production}/resourceGroups/none`, 404, 'ResourceGroupNotFound'],
    ['/providers/Microsoft.Management/managementGroups/none', 403, 'AuthorizationFailed'],
  ])('%s is not there', async (scope, status, code) => {
    expect(await call('GET', assignment(scope, '').replace('/?', '?'))).toMatchObject(refused(status, code))
  })

  test('have the built-in roles, and custom ones where those may be assigned', async () => {
    const names = async (scope: string) =>
      (await call('GET', `${scope}/providers/Microsoft.Authorization/roleDefinitions${V}`)).body.value.map(
        ({ properties }: { properties: { roleName: string } }) => properties.roleName,
      )
    expect(await names(scopes.shop)).toEqual(
      expect.arrayContaining(['Owner', 'Shop Restarter', 'Access Desk']),
    )
    expect(await names(scopes.play)).not.toContain('Shop Restarter')
  })
})

test('faults, the log and the state know Azure', async () => {
  await tenant.control('DELETE', '/calls')
  await tenant.fault({ match: { service: 'arm' }, kind: 'status', status: 429, retryAfter: 7 })
  expect((await call('GET', '/subscriptions?api-version=2020-01-01')).status).toBe(429)
  expect((await call('GET', '/subscriptions?api-version=2020-01-01')).status).toBe(200)
  expect((await tenant.control('GET', '/calls?service=arm')).count).toBe(2)
  expect((await tenant.control('GET', '/state')).azure.locks).toEqual([])
})
