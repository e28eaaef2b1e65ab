import { describe, expect, test } from 'vitest'
import { people } from '../../local/tenant/seed.ts'
import { Actor, accepted } from '../support/actor.ts'
import { story } from '../support/story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()
const STANDING = ['alan', 'breakglass1', 'breakglass2']
const assignment = { role: 'Global Administrator' }

const leave = async (who: string[]) => {
  for (const principal of who)
    await world.tenant.control(
      'DELETE',
      `/role-assignments?${new URLSearchParams({ principal, ...assignment })}`,
    )
}
const comeBack = async (who: string[]) => {
  for (const principal of who)
    await world.tenant.control('POST', '/role-assignments', { principal, ...assignment })
}

describe.skipIf(isForeign)('the last Global Administrator', () => {
  test('stays past the end of the activation, which is said, and ends when somebody else holds the role', async () => {
    const { ada, katherine, becomes } = await story(world, 'globalAdministrator')
    const request = await ada.asks({
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT20M' } },
    })
    await becomes(request, 'Provisioned')
    await leave(STANDING)
    await world.advance('PT10M')
    expect(await ada.triesToDeactivate()).toMatchObject({
      status: 400,
      body: { error: { code: 'LastAdministrator' } },
    })
    await world.advance('PT40M')
    expect((await becomes(request, 'PendingRevocation')).status).toBe('PendingRevocation')
    expect(await ada.holds()).toBe(true)
    const health = await accepted<object>(200, katherine.calls('GET', '/api/health'))
    expect(JSON.stringify(health)).toMatch(/"pastDue":1\b/)
    const kept = (await ada.mails(2)).filter(({ subject }) => subject.includes('stays'))
    expect(kept).toHaveLength(1)

    await comeBack(['alan'])
    await world.advance('PT10M')
    expect((await becomes(request, 'Expired')).status).toBe('Expired')
    expect(await ada.holds()).toBe(false)
    await comeBack(STANDING.slice(1))
  })

  test('of the last two, whose activations end at the same instant, one stays', async () => {
    const { ada, grace, makeEligible, becomes } = await story(world, 'globalAdministrator')
    await makeEligible(grace)
    const endDateTime = await world.inMinutes(15)
    const ask = { scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime } } }
    const requests = [await ada.asks(ask), await grace.asks(ask)]
    for (const request of requests) await becomes(request, 'Provisioned')
    await leave(STANDING)
    await world.advance('PT45M')
    expect([await ada.holds(), await grace.holds()].filter(Boolean)).toHaveLength(1)
    await comeBack(STANDING)
    await world.advance('PT20M')
    for (const request of requests) expect((await becomes(request, 'Expired')).status).toBe('Expired')
    expect([await ada.holds(), await grace.holds()]).toEqual([false, false])
  })
})

test('a break-glass account is made eligible by nobody and activates nothing, and the trail says who tried', async () => {
  const { katherine, dorothy, role } = await story(world, 'exchangeAdministrator', { eligible: false })
  const group = await world.tenant.control('POST', '/groups', {
    short: 'with-glass',
    members: ['breakglass2'],
    isAssignableToRole: true,
  })
  for (const principalId of [people.breakglass1.id, group.id])
    expect(
      await katherine.calls('POST', '/api/eligibilities', { principalId, roleDefinitionId: role.id }),
    ).toMatchObject({ status: 400, body: { error: { code: 'BreakGlassAccount' } } })
  const glass = new Actor(world, people.breakglass1, role.id)
  const { status, body } = await glass.triesToAsk()
  expect(status).toBe(400)
  expect(body.error.details).toContainEqual(expect.objectContaining({ code: 'BreakGlassRule' }))
  const path = `/api/audit?principalId=${people.breakglass1.id}&top=20`
  const { value } = await accepted<{ value: { resultReason: string }[] }>(200, dorothy.calls('GET', path))
  expect(value.map(({ resultReason }) => resultReason).sort()).toEqual([
    'activation asked for',
    'eligibility asked for: refused',
  ])
})
