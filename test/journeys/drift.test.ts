import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { IncidentAnswer } from '../../src/api/incidents.ts'
import { type Actor, accepted } from '../support/actor.ts'
import { story } from '../support/story.ts'
import { isForeign, useWorld } from '../support/world.ts'

const world = useWorld()
type Incident = z.infer<typeof IncidentAnswer>
type Outcome = { principalId: string; outcome: string; code: string | null }

const incidents = async (who: Actor, state = 'active'): Promise<Incident[]> =>
  (await accepted<{ value: Incident[] }>(200, who.calls('GET', `/api/incidents?state=${state}&top=200`)))
    .value
const scanNow = (who: Actor) => accepted<object>(200, who.calls('POST', '/api/drift/scan', {}))
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
    await world.advance('PT1H')
    expect(await mailsAbout('katherine', meanwhile)).toHaveLength(1)
    expect(await mailsAbout('alan', meanwhile)).toHaveLength(1)

    const path = `/api/incidents/${found?.id}/acknowledge`
    const why = { justification: 'Agreed with the owners.' }
    expect((await dorothy.calls('POST', path, why)).status).toBe(403)
    await accepted(200, katherine.calls('POST', path, why))
    await world.advance('PT30M')
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
    expect((await ada.sees(request)).status).toBe('Revoked')
    expect(await recorded(request, 3)).toContain(
      'Interim: Remove member from role outside of PIM (PIM activation)',
    )
    const again = await ada.asks() // the guard is free
    expect((await becomes(again, 'Provisioned')).status).toBe('Provisioned')
  })

  test('ten standing assignments are made eligible, repeated without effect, and given back', async () => {
    const { katherine, dorothy, role, meet } = await story(world, 'applicationAdministrator', {
      eligible: false,
    })
    const people = await Promise.all(
      Array.from({ length: 10 }, (_, n) => meet(`standing${n}`, `Standing ${n}`)),
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
    expect([await standing(), await eligible()]).toEqual([10, 0])
    expect(await convert('makeEligible')).toEqual(['done'])
    expect([await standing(), await eligible()]).toEqual([0, 10])
    expect(await convert('makeEligible')).toEqual(['already'])
    expect([await standing(), await eligible()]).toEqual([0, 10])
    expect(await convert('makeActive')).toEqual(['done'])
    expect([await standing(), await eligible()]).toEqual([10, 0])
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

  test('a tenant that asks to wait costs nobody their removal, and no incident', async () => {
    const { ada, katherine, dorothy, role, becomes } = await story(world, 'securityReader')
    await scanNow(katherine)
    const request = await ada.asks()
    await becomes(request, 'Provisioned')
    const before = (await incidents(dorothy)).length
    const match = { service: 'graph', method: 'GET', path: 'expand=principal' }
    await world.tenant.fault({ match, kind: 'status', status: 429, times: 'forever' } as never)
    await world.advance('PT65M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    expect((await incidents(dorothy)).length).toBe(before)
    await world.tenant.clearFaults()
    await outside('POST', ada.short, role.id)
    await world.advance('PT25M')
    expect((await incidents(dorothy)).some(({ principal }) => principal.id === ada.id)).toBe(true)
  })
})
