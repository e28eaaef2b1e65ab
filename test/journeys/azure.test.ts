import { afterEach, describe, expect, test } from 'vitest'
import { accepted } from '../support/actor.ts'
import { A_YEAR, azureStory } from '../support/azure-story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()
const pastDue = async () =>
  ((await (await fetch(`${world.url}/api/health`)).json()) as { pastDue: number }).pastDue

const FOR_A_WHILE = { scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT15M' } } }

afterEach(() => world.tenant.clearFaults())

describe.skipIf(isForeign)('an Azure role', () => {
  test('is activated with approval in a resource group below the eligibility, and ends on time', async () => {
    const { ada, grace, becomes, there, assignments } = await azureStory(world, { approval: true })
    const request = await ada.asks(FOR_A_WHILE)
    expect(request).toMatchObject({
      status: 'PendingApproval', // the settings of the subscription hold in what lies in it
      provider: 'azure',
      roleDisplayName: 'Contributor',
      scope: there.scope,
      scopeDisplayName: 'web',
    })
    expect(await ada.holds()).toBe(false)
    await grace.approves(request)
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    expect(await ada.holds()).toBe(true)
    await world.advance('PT14M')
    expect(await ada.holds()).toBe(true)
    await world.advance('PT1M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    expect(await assignments()).toEqual([])
  })

  test('is given under the condition of its eligibility', async () => {
    const { alan, grace, here, there } = await azureStory(world)
    const condition = "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'contosodata'"
    const body = { ...here, principalId: grace.id, scheduleInfo: A_YEAR, condition, conditionVersion: '2.0' }
    await accepted(201, alan.calls('POST', '/api/eligibilities', body))
    const request = await grace.asks()
    await world.look(
      () => grace.sees(request),
      ({ status }) => status === 'Provisioned',
    )
    const query = new URLSearchParams({
      principal: grace.short,
      role: here.roleDefinitionId,
      scope: there.scope,
    })
    const { assignments } = await world.tenant.control('GET', `/holds?${query}`)
    expect(assignments).toMatchObject([{ properties: { condition, conditionVersion: '2.0' } }])
  })

  test('is given back before its end', async () => {
    const { ada, becomes } = await azureStory(world)
    const request = await ada.asks()
    await becomes(request, 'Provisioned')
    await world.advance('PT6M')
    await accepted(201, ada.triesToDeactivate())
    expect((await becomes(request, 'Revoked')).status).toBe('Revoked')
    expect(await ada.holds()).toBe(false)
  })

  test('is not had beyond the eligibility: neither above its scope nor beside it', async () => {
    const { ada } = await azureStory(world)
    const other = await azureStory(world)
    for (const scope of [other.there.scope, '/providers/Microsoft.Management/managementGroups/platform'])
      expect(await ada.triesToAsk({ scope })).toMatchObject({
        status: 400,
        body: { error: { details: [{ code: 'EligibilityRule' }] } },
      })
  })

  test('a lock at the end: tried again and again, counted as past due, and removed when it is lifted', async () => {
    const { ada, becomes, there } = await azureStory(world)
    const request = await ada.asks(FOR_A_WHILE)
    await becomes(request, 'Provisioned')
    await world.tenant.control('PUT', '/azure/locks', { scope: there.scope })
    await world.advance('PT1H')
    expect(await becomes(request, 'PendingRevocation')).toMatchObject({ status: 'PendingRevocation' })
    expect([await ada.holds(), await pastDue()]).toEqual([true, 1])

    await world.tenant.control('DELETE', '/azure/locks', { scope: there.scope })
    await world.advance('PT20M')
    expect((await becomes(request, 'Expired')).status).toBe('Expired')
    expect([await ada.holds(), await pastDue()]).toEqual([false, 0])
  })

  test('under a lock is not given: it could not be ended', async () => {
    const { ada, subscription } = await azureStory(world)
    await world.tenant.control('PUT', '/azure/locks', { scope: subscription.id })
    const { status, body } = await ada.triesToAsk()
    expect([status, body.error.details]).toEqual([
      400,
      [{ code: 'RoleRule', target: 'scope', message: expect.stringContaining('lock') }],
    ])
    await world.tenant.control('DELETE', '/azure/locks', { scope: subscription.id })
    expect((await ada.triesToAsk()).status).toBe(201)
  })

  test('that was held before is left alone when the activation is over', async () => {
    const { ada, becomes, outside, assignments } = await azureStory(world)
    await outside('POST', ada.short)
    const before = await assignments()
    const request = await ada.asks(FOR_A_WHILE)
    await becomes(request, 'Provisioned')
    await world.advance('PT30M')
    expect((await ada.sees(request)).status).toBe('Expired')
    expect(await assignments()).toEqual(before)
  })

  test.each([
    ['is done but its answer is lost', { kind: 'resetAfter' }],
    ['is not done, the connection breaks', { kind: 'reset' }],
    ['is throttled', { kind: 'status', status: 429 }],
  ] as const)('whose grant %s is given once, and ended', async (_, fault) => {
    const { ada, becomes, assignments } = await azureStory(world)
    await world.tenant.fault({ match: { service: 'arm', method: 'PUT' }, ...fault })
    const request = await ada.asks(FOR_A_WHILE)
    await world.advance('PT1M')
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    expect(await assignments()).toHaveLength(1)
    await world.advance('PT15M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
  })

  test('given by somebody else between two attempts of ours stays theirs', async () => {
    const { ada, becomes, outside, assignments } = await azureStory(world)
    await world.tenant.fault({ match: { service: 'arm', method: 'PUT' }, kind: 'reset' })
    const request = await ada.asks(FOR_A_WHILE)
    await world.host.idle()
    await outside('POST', ada.short)
    const theirs = await assignments()
    await world.advance('PT1M')
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    await world.advance('PT30M')
    expect((await ada.sees(request)).status).toBe('Expired')
    expect(await assignments()).toEqual(theirs)
  })
})

describe.skipIf(isForeign)('an Azure role that Interim tries to give and never hears of', () => {
  test('while somebody else gives it: fails when its time is over, and takes nothing of theirs', async () => {
    const { ada, becomes, outside, assignments } = await azureStory(world)
    await world.tenant.fault({ match: { service: 'arm', method: 'PUT' }, kind: 'reset', times: 'forever' })
    const request = await ada.asks(FOR_A_WHILE)
    await world.host.idle()
    await outside('POST', ada.short)
    const theirs = await assignments()
    await world.advance('PT30M')
    expect((await becomes(request, 'Failed')).status).toBe('Failed')
    expect(await assignments()).toEqual(theirs)
  })
})

describe('who administers an Azure role', () => {
  test('its owners do; neither strangers nor administrators of the directory', async () => {
    const { ada, grace, alan, here, settings, eligibility } = await azureStory(world)
    const body = { ...here, principalId: grace.id, scheduleInfo: A_YEAR }
    expect((await grace.calls('POST', '/api/eligibilities', body)).status).toBe(403)
    expect((await ada.calls('DELETE', `/api/eligibilities/${eligibility.id}`)).status).toBe(403)
    const katherine = { ...body, principalId: ada.id }
    const token = await world.tenant.token('katherine')
    const answer = await fetch(`${world.url}/api/eligibilities`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(katherine),
    })
    expect(answer.status).toBe(403)
    const below = `${settings}${here.scope}/resourcegroups/web`
    expect((await grace.calls('PATCH', below, { rules: [] })).status).toBe(400)
    expect((await alan.calls('POST', '/api/eligibilities', body)).status).toBe(201)
  })

  test('outside of what Interim governs nobody does anything, and is told why', async () => {
    const { grace, alan, here } = await azureStory(world)
    const { id: scope } = await world.tenant.control('POST', '/azure/subscriptions', {
      displayName: 'Elsewhere',
      parent: 'aaaaaaaa-0000-4000-8000-00000000c0de',
    })
    for (const [principal, role] of [
      ['alan', 'Owner'],
      ['interim', 'Owner'],
    ])
      await world.tenant.control('POST', '/azure/role-assignments', { principal, role, scope })
    const { status, body } = await alan.calls('POST', '/api/eligibilities', {
      ...here,
      scope,
      principalId: grace.id,
    })
    expect([status, body.error.code]).toEqual([400, 'InvalidScope'])
    expect(body.error.message).toContain('AZURE_SCOPES')
  })
})

describe('what one may go on to', () => {
  test('the scopes below an eligibility, page by page; nothing for those who are eligible for nothing', async () => {
    const { ada, grace, here, there } = await azureStory(world)
    const path = `/api/me/eligible-children?scope=${encodeURIComponent(here.scope)}&top=1`
    const first = await accepted<{ value: { id: string }[]; nextLink: string }>(200, ada.calls('GET', path))
    expect(first.value).toHaveLength(1)
    const next = new URL(first.nextLink)
    const rest = await accepted<{ value: object[] }>(200, ada.calls('GET', `${next.pathname}${next.search}`))
    expect([...first.value, ...rest.value]).toEqual(
      expect.arrayContaining([
        {
          id: there.scope,
          name: 'web',
          type: 'resourcegroup',
          roles: [{ roleDefinitionId: here.roleDefinitionId, roleDisplayName: 'Contributor' }],
        },
      ]),
    )
    const nothing = await accepted<{ value: object[] }>(200, grace.calls('GET', path))
    expect(nothing).toEqual({ value: [] })
    expect((await ada.calls('GET', '/api/me/eligible-children?scope=/')).status).toBe(400)
  })

  test('the roles that Azure has at a scope', async () => {
    const { ada, here } = await azureStory(world)
    const { value } = await accepted<{ value: { displayName: string }[] }>(
      200,
      ada.calls('GET', `/api/roles?provider=azure&scope=${here.scope}`),
    )
    const names = value.map(({ displayName }) => displayName)
    expect(names).toContain('Owner')
    expect(names).not.toContain('Shop Restarter')
    expect((await ada.calls('GET', '/api/roles?provider=azure')).status).toBe(400)
  })
})
