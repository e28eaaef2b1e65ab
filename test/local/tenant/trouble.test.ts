import type { Client } from '@microsoft/microsoft-graph-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { groups, people, roles } from '../../../local/tenant/seed.ts'
import { spawnTenant, type TenantProcess } from '../../../local/tenant/spawn.ts'
import { appToken, graphClient, plainGraph } from './graph-client.ts'

let tenant: TenantProcess
let token: string
let graph: Client
let plain: ReturnType<typeof plainGraph>

beforeAll(async () => {
  tenant = await spawnTenant()
  token = await appToken(tenant.url)
  graph = graphClient(tenant.url, token)
  plain = plainGraph(tenant.url, token)
})
beforeEach(() => tenant.control('POST', '/reset'))
afterAll(() => tenant.stop())

const assignments = '/roleManagement/directory/roleAssignments'
const grant = { principalId: people.ada.id, roleDefinitionId: roles.reportsReader.id, directoryScopeId: '/' }
const seen = async () =>
  (await graph.api(assignments).filter(`principalId eq '${people.ada.id}'`).get()).value.length
const held = () => tenant.holds('ada', 'Reports Reader')

describe('replicas that lag', () => {
  test('a list does not show a fresh grant for so many reads, though it conflicts at once', async () => {
    await tenant.lag({ reads: 2 })
    const made = await graph.api(assignments).post(grant)
    expect((await plain('POST', assignments, grant)).status).toBe(400)
    expect([await seen(), await seen(), await seen()]).toEqual([0, 0, 1])
    expect((await plain('GET', `${assignments}/${made.id}`)).status).toBe(200)
  })

  test('a list still shows what was taken away, until the tenant’s clock has moved on', async () => {
    const { id } = await graph.api(assignments).post(grant)
    await tenant.lag({ ms: 60_000 })
    expect((await plain('DELETE', `${assignments}/${id}`)).status).toBe(204)
    expect([await seen(), await held()]).toEqual([1, false])
    const { offset } = await tenant.control('GET', '/clock')
    await tenant.control('PUT', '/clock', { offset: offset + 61_000 })
    expect(await seen()).toBe(0)
    await tenant.control('PUT', '/clock', { offset })
  })

  test('granted and taken away within the lag was never seen', async () => {
    await tenant.lag({ reads: 3 })
    const { id } = await graph.api(assignments).post(grant)
    await plain('DELETE', `${assignments}/${id}`)
    expect(await seen()).toBe(0)
  })

  test('memberships lag as well', async () => {
    await tenant.lag({ reads: 1 })
    await tenant.control('PUT', '/groups/sre/members/ada')
    const check = async () =>
      (await graph.api(`/users/${people.ada.id}/checkMemberGroups`).post({ groupIds: [groups.sre.id] })).value
        .length
    expect([await check(), await check()]).toEqual([0, 1])
  })
})

describe('faults on demand', () => {
  test('a connection reset before the work leaves nothing behind', async () => {
    await tenant.fault({
      match: { service: 'graph', method: 'POST', path: 'roleAssignments' },
      kind: 'reset',
    })
    await expect(plain('POST', assignments, grant)).rejects.toThrow()
    expect(await held()).toBe(false)
    expect((await plain('POST', assignments, grant)).status).toBe(201)
  })

  test('a connection reset after the work leaves the work done', async () => {
    await tenant.fault({
      match: { service: 'graph', method: 'POST', path: 'roleAssignments' },
      kind: 'resetAfter',
    })
    await expect(plain('POST', assignments, grant)).rejects.toThrow()
    expect(await held()).toBe(true)
    expect((await plain('POST', assignments, grant)).status).toBe(400)
  })

  test('Microsoft’s client waits as it is told when throttled, and then succeeds', async () => {
    await tenant.fault({ match: { service: 'graph' }, kind: 'status', status: 429, retryAfter: 1 })
    const patient = graphClient(tenant.url, token, 1)
    const before = Date.now()
    expect((await patient.api(assignments).post(grant)).id).toBeTruthy()
    expect(Date.now() - before).toBeGreaterThan(900)
    const { calls } = await tenant.control('GET', '/calls?service=graph')
    expect(calls.map((c: { status: number }) => c.status)).toEqual([429, 201])
  })

  test('a fault may skip some calls, hit some, and count both', async () => {
    await tenant.fault({ match: { path: '^/v1.0/users' }, kind: 'status', status: 500, after: 1, times: 2 })
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await plain('GET', '/users')).status)
    expect(statuses).toEqual([200, 500, 500, 200])
    expect(await tenant.control('GET', '/faults')).toMatchObject([{ seen: 4, hits: 2 }])
  })

  test('a fault for ever ends when it is taken away, and a dated one by the tenant’s clock', async () => {
    const { id } = await tenant.fault({ kind: 'status', times: 'forever', body: { own: true } })
    expect(await plain('GET', '/users')).toMatchObject({ status: 503, body: { own: true } })
    await tenant.control('DELETE', `/faults/${id}`)
    expect((await plain('GET', '/users')).status).toBe(200)
    const { now } = await tenant.control('GET', '/clock')
    await tenant.fault({
      kind: 'status',
      times: 'forever',
      until: new Date(Date.parse(now) + 60_000).toISOString(),
    })
    expect((await plain('GET', '/users')).status).toBe(503)
    const { offset } = await tenant.control('GET', '/clock')
    await tenant.control('PUT', '/clock', { offset: offset + 61_000 })
    expect((await plain('GET', '/users')).status).toBe(200)
    await tenant.control('PUT', '/clock', { offset })
  })

  test('an answer may come late, with its work done early, or never', async () => {
    await tenant.fault({ match: { method: 'POST' }, kind: 'late', ms: 500 })
    const late = plain('POST', assignments, grant)
    await expect.poll(held, { timeout: 400, interval: 50 }).toBe(true)
    expect((await late).status).toBe(201)
    await tenant.fault({ kind: 'hang' })
    const hanging = fetch(`${tenant.url}/v1.0/users`, { signal: AbortSignal.timeout(300) })
    await expect(hanging).rejects.toThrow('timeout')
  })

  test('sign-in may fail as well, and control and script tokens never do', async () => {
    await tenant.fault({ kind: 'status', status: 503, times: 'forever' })
    expect(await appToken(tenant.url)).toBeUndefined()
    expect(await tenant.token('ada')).toContain('.')
    await tenant.clearFaults()
    expect(await appToken(tenant.url)).toContain('.')
  })

  test('the log knows of a call whose answer was lost', async () => {
    await tenant.fault({ match: { service: 'signin', path: '/token' }, kind: 'resetAfter' })
    await expect(appToken(tenant.url)).rejects.toThrow()
    const { calls } = await tenant.control('GET', '/calls?service=signin')
    expect(calls.at(-1)).toMatchObject({ method: 'POST', status: null, fault: expect.any(String) })
  })

  test('a fault that makes no sense is refused', async () => {
    await expect(tenant.control('POST', '/faults', { kind: 'explode' })).rejects.toThrow('400')
    await expect(tenant.control('POST', '/faults', { kind: 'reset', match: { path: '(' } })).rejects.toThrow(
      '400',
    )
  })
})

test('control knows people and roles by name, and says who there is', async () => {
  await expect(tenant.holds('adda', 'Global Reader')).rejects.toThrow('There are: ada, grace')
  expect(await tenant.holds('dorothy', 'global-reader')).toBe(true)
  await tenant.control('PATCH', '/people/dorothy', { accountEnabled: false, manager: 'ada' })
  const shown = await graph.api(`/users/${people.dorothy.id}`).select('accountEnabled').get()
  expect(shown.accountEnabled).toBe(false)
  await tenant.control('POST', '/people', {
    short: 'newcomer',
    displayName: 'Nia Newcomer',
    manager: 'grace',
  })
  expect((await graph.api('/users/newcomer@contoso.example/manager').get()).id).toBe(people.grace.id)
  await tenant.control('DELETE', '/role-assignments', { principal: 'dorothy', role: 'Global Reader' })
  expect(await tenant.holds('dorothy', 'Global Reader')).toBe(false)
})

test('a thousand people are made in one call', async () => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ short: `person${i}` }))
  expect(await tenant.control('POST', '/people', many)).toHaveLength(1000)
  const { short, id } = await tenant.control('POST', '/groups', {
    short: 'crowd',
    members: ['person0', 'ada'],
  })
  expect(short).toBe('crowd')
  expect((await graph.api(`/groups/${id}/members`).get()).value).toHaveLength(2)
  const page = await graph.api('/users').top(999).get()
  expect([page.value.length, page['@odata.nextLink'] !== undefined]).toEqual([999, true])
})

test('the log of calls counts them by what they were', async () => {
  await plain('GET', `/users/${people.ada.id}`)
  await plain('GET', `/users/${people.grace.id}`)
  const { count, counts } = await tenant.control('GET', '/calls?service=graph')
  expect([count, counts]).toEqual([2, { 'GET /v1.0/users/{id}': 2 }])
})
