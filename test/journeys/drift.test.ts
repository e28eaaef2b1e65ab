import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { IncidentAnswer } from '../../src/api/incidents.ts'
import { type Actor, accepted } from '../support/actor.ts'
import { isThorough } from '../support/daily.ts'
import { story, TRAIL } from '../support/story.ts'
import { isForeign, LOOKING_AROUND, useWorld } from '../support/world.ts'

const world = useWorld(LOOKING_AROUND)
type Incident = z.infer<typeof IncidentAnswer>
type Outcome = { principalId: string; outcome: string; code: string | null }

const incidents = async (who: Actor, state = 'active'): Promise<Incident[]> =>
  (await accepted<{ value: Incident[] }>(200, who.calls('GET', `/api/incidents?state=${state}&top=200`)))
    .value
const scanNow = (who: Actor) => accepted<object>(200, who.calls('POST', '/api/drift/scan'))
const outside = (method: 'POST' | 'DELETE', principal: string, role: string) =>
  method === 'POST'
    ? world.tenant.control('POST', '/role-assignments', { principal, role })
    : world.tenant.control('DELETE', `/role-assignments?${new URLSearchParams({ principal, role })}`)
const mailsAbout = async (who: string, text: string) => {
  await world.host.idle()
  return (await world.tenant.mails(who)).filter(({ subject }) => subject.includes(text))
}

describe.skipIf(isForeign)('what happens outside', () => {
  test('a grant is found within a quarter of an hour, mailed once, accepted, and no drift from then on', async () => {
    const { ada, katherine, dorothy, role } = await story(world, 'intuneAdministrator', { eligible: false })
    await scanNow(katherine)
    const meanwhile = 'was assigned the Intune Administrator role outside of PIM'
    await outside('POST', ada.short, role.id)
    await world.advance('PT15M')
    const [found] = (await incidents(dorothy)).filter(({ principal }) => principal.id === ada.id)
    expect(found).toMatchObject({
      roleDisplayName: 'Intune Administrator',
      state: 'active',
      atFirstLook: false,
    })
    await world.advance('PT30M')
    expect(await mailsAbout('katherine', meanwhile)).toHaveLength(1)
    expect(await mailsAbout('alan', meanwhile)).toHaveLength(1)

    const path = `/api/incidents/${found?.id}/acknowledge`
    const why = { justification: 'Agreed with the owners.' }
    expect((await dorothy.calls('POST', path, why)).status).toBe(403)
    await accepted(200, katherine.calls('POST', path, why))
    await world.advance('PT15M')
    expect((await incidents(dorothy)).filter(({ principal }) => principal.id === ada.id)).toEqual([])
    expect(await ada.holds()).toBe(true)
    const { value: trail } = await accepted<{ value: { activityDisplayName: string }[] }>(
      200,
      dorothy.calls('GET', `/api/audit?principalId=${ada.id}`),
    )
    expect(trail.map(({ activityDisplayName }) => activityDisplayName)).toEqual([
      'Add member to role outside of PIM accepted (permanent)',
      'Add member to role outside of PIM (permanent)',
    ])
  })

  test('an activation that somebody took away is closed as what it is', async () => {
    const { ada, role, becomes, recorded } = await story(world, 'groupsAdministrator')
    const request = await ada.asks({
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT4H' } },
    })
    await becomes(request, 'Provisioned')
    await world.advance('PT20M')
    await outside('DELETE', ada.short, role.id)
    await world.advance('PT15M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Revoked'])
    expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.given, TRAIL.removedOutside])
    const again = await ada.asks() // the guard is free
    expect((await becomes(again, 'Provisioned')).status).toBe('Provisioned')
  })

  const MANY = isThorough ? 10 : 3
  test('standing assignments are made eligible, repeated without effect, and given back', async () => {
    const { katherine, dorothy, role, meet } = await story(world, 'applicationAdministrator', {
      eligible: false,
    })
    const people = await Promise.all(
      Array.from({ length: MANY }, (_, n) => meet(`standing${n}`, `Standing ${n}`)),
    )
    for (const { short } of people) await outside('POST', short, role.id)
    const items = people.map(({ id }) => ({ principalId: id, roleDefinitionId: role.id }))
    const convert = async (action: string, more: object = {}) => {
      const body = { action, items, justification: 'No standing access.', ...more }
      const { value } = await accepted<{ value: Outcome[] }>(
        200,
        katherine.calls('POST', '/api/discovery/convert', body),
      )
      return [...new Set(value.map(({ outcome, code }) => code ?? outcome))]
    }
    const standing = async () => {
      const held = await Promise.all(people.map(({ short }) => world.tenant.holds(short, role.id)))
      return held.filter(Boolean).length
    }
    const eligible = async () => {
      const path = `/api/eligibilities?roleDefinitionId=${role.id}&top=200`
      return (await accepted<{ value: object[] }>(200, dorothy.calls('GET', path))).value.length
    }

    expect(await convert('makeEligible', { isValidationOnly: true })).toEqual(['wouldDo'])
    expect([await standing(), await eligible()]).toEqual([MANY, 0])
    expect(await convert('makeEligible')).toEqual(['done'])
    expect([await standing(), await eligible()]).toEqual([0, MANY])
    expect(await convert('makeEligible')).toEqual(['already'])
    expect([await standing(), await eligible()]).toEqual([0, MANY])
    await world.advance('PT6M') // nothing is taken back within its first five minutes
    expect(await convert('makeActive')).toEqual(['done'])
    expect([await standing(), await eligible()]).toEqual([MANY, 0])
    await scanNow(katherine)
    expect((await incidents(dorothy)).filter(({ roleDefinitionId }) => roleDefinitionId === role.id)).toEqual(
      [],
    )

    const { value } = await accepted<{ value: { principal: { id: string }; assignmentType: string }[] }>(
      200,
      dorothy.calls('GET', '/api/discovery'),
    )
    const ours = value.filter(({ principal }) => people.some(({ id }) => id === principal.id))
    expect(ours.map(({ assignmentType }) => assignmentType)).toEqual(people.map(() => 'standing'))
  })

  test('a group that is brought under management is compared; its owners are told, and take away', async () => {
    const { ada, grace, katherine, dorothy, newGroup } = await story(world, 'reportsReader', {
      eligible: false,
    })
    const group = await newGroup('ops', [])
    await world.tenant.control('PUT', `/groups/${group.short}/owners/${grace.short}`)
    const place = { provider: 'group', scope: `/groups/${group.id}` }
    expect((await ada.calls('POST', '/api/governed', place)).status).toBe(403)
    await accepted(200, grace.calls('POST', '/api/governed', place))
    await accepted(200, katherine.calls('POST', '/api/drift/scan', place))
    await world.tenant.control('PUT', `/groups/${group.short}/members/${ada.short}`)
    await world.advance('PT15M')
    const listOf = async () =>
      (
        await accepted<{ value: Incident[] }>(200, dorothy.calls('GET', '/api/incidents?provider=group'))
      ).value.filter(({ scope }) => scope === place.scope)
    const found = (await listOf()).filter(({ principal }) => principal.id === ada.id)
    expect(found).toMatchObject([{ roleDefinitionId: 'member', atFirstLook: false }])
    expect(await mailsAbout(grace.short, 'outside of PIM')).toHaveLength(1)
    const path = `/api/incidents/${found[0]?.id}/remove`
    const why = { justification: 'Not one of us.' }
    expect(await accepted(200, grace.calls('POST', path, why))).toMatchObject({
      state: 'resolved',
      resolved: { because: 'removed', by: { id: grace.id } },
    })
    expect((await listOf()).filter(({ principal }) => principal.id === ada.id)).toEqual([])
    const query = new URLSearchParams(place)
    // Her own ownership was found there too: nobody takes a place out of management to be rid of what is said of themselves.
    expect((await grace.calls('DELETE', `/api/governed?${query}`)).status).toBe(403)
    await accepted(204, katherine.calls('DELETE', `/api/governed?${query}`))
    expect(await listOf()).toEqual([])
  })

  test('an Azure role that somebody gives at a governed scope is found, and listed by discovery', async () => {
    const { ada, katherine, dorothy } = await story(world, 'messageCenterReader', { eligible: false })
    await scanNow(katherine)
    await world.tenant.control('POST', '/azure/role-assignments', {
      principal: ada.short,
      role: 'Contributor',
      scope: 'contoso',
    })
    await world.advance('PT15M')
    const { value } = await accepted<{ value: Incident[] }>(
      200,
      dorothy.calls('GET', '/api/incidents?provider=azure'),
    )
    const found = value.filter(({ principal }) => principal.id === ada.id)
    expect(found).toMatchObject([{ roleDisplayName: 'Contributor', atFirstLook: false, state: 'active' }])
    const query = new URLSearchParams({ provider: 'azure', scope: found[0]?.scope as string })
    const { value: held } = await accepted<{
      value: { principal: { id: string }; assignmentType: string }[]
    }>(200, dorothy.calls('GET', `/api/discovery?${query}`))
    expect(held.filter(({ principal }) => principal.id === ada.id)).toMatchObject([
      { assignmentType: 'standing' },
    ])
  })

  test('a tenant that asks to wait costs nobody their removal, and nothing is overlooked for it', async () => {
    const { ada, grace, katherine, dorothy, role, becomes } = await story(world, 'securityReader')
    await scanNow(katherine)
    const request = await ada.asks({
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT30M' } },
    })
    await becomes(request, 'Provisioned')
    const match = { service: 'graph' as const, method: 'GET', path: 'expand=principal' }
    await world.tenant.fault({ match, kind: 'status', status: 429, times: 'forever' })
    await outside('POST', grace.short, role.id)
    const isFound = async () => (await incidents(dorothy)).some(({ principal }) => principal.id === grace.id)
    await world.advance('PT35M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    expect(await isFound()).toBe(false)
    await world.tenant.clearFaults()
    await world.advance('PT15M')
    expect(await isFound()).toBe(true)
    expect((await incidents(dorothy)).some(({ principal }) => principal.id === ada.id)).toBe(false)
  })
})
