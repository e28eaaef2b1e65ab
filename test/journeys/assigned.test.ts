import { describe, expect, test } from 'vitest'
import { people, servicePrincipals } from '../../local/tenant/seed.ts'
import { type Asked, accepted } from '../support/actor.ts'
import { type Story, story } from '../support/story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

const lasting = (duration: string, startDateTime?: string) => ({
  scheduleInfo: { startDateTime, expiration: { type: 'afterDuration', duration } },
})
const ofRole = ({ role }: Pick<Story, 'role'>) => ({ roleDefinitionId: role.id, justification: 'CHG-7' })
const assigns = ({ katherine, ...s }: Story, principalId: string, more: object = {}) =>
  accepted<Asked>(
    201,
    katherine.calls('POST', '/api/requests', {
      action: 'adminAssign',
      principalId,
      ...ofRole(s),
      ...more,
    }),
  )
const removes = ({ katherine }: Story, { id }: Asked) =>
  accepted<Asked>(
    201,
    katherine.calls('POST', '/api/requests', { action: 'adminRemove', targetScheduleId: id }),
  )

describe.skipIf(isForeign)('assigned by an administrator', () => {
  test('an application holds it from its start to its end, and is listed', async () => {
    const s = await story(world, 'reportsReader', { eligible: false })
    const { id } = servicePrincipals.deployer
    const holds = () => world.tenant.holds('deployer', s.role.id)
    const request = await assigns(s, id, lasting('PT30M', await world.inMinutes(15)))
    expect(request).toMatchObject({
      status: 'Granted',
      assignmentType: 'assigned',
      principalType: 'ServicePrincipal',
      principal: { displayName: 'Contoso Deployer' },
    })
    await world.advance('PT14M')
    expect(await holds()).toBe(false)
    await world.advance('PT1M')
    expect(await holds()).toBe(true)
    for (const by of [`principalId=${id}`, `roleDefinitionId=${s.role.id}&assignmentType=assigned`]) {
      const { value } = await accepted<{ value: Asked[] }>(
        200,
        s.dorothy.calls('GET', `/api/assignments?${by}`),
      )
      expect(value.map((each) => each.id)).toEqual([request.id])
    }
    await world.advance('PT30M')
    expect([await holds(), (await s.katherine.sees(request)).status]).toEqual([false, 'Expired'])
    const path = `/api/assignments?roleDefinitionId=${s.role.id}&assignmentType=assigned`
    expect(await accepted(200, s.dorothy.calls('GET', path))).toMatchObject({ value: [] })
  })

  test('for good, until somebody removes it: by its workflow, started again', async () => {
    const s = await story(world, 'groupsAdministrator', { eligible: false })
    const request = await assigns(s, s.ada.id)
    expect(await s.becomes(request, 'Provisioned')).toMatchObject({
      scheduleInfo: { expiration: { type: 'noExpiration', endDateTime: null } },
    })
    await world.host.jump('P1D')
    await world.advance('PT5M')
    expect(await s.ada.holds()).toBe(true)
    await removes(s, request)
    expect([(await s.becomes(request, 'Revoked')).status, await s.ada.holds()]).toEqual(['Revoked', false])
    expect(await s.recorded(request, 4)).toEqual([
      'Katherine Johnson: Add member to role in PIM requested (permanent)',
      'Interim: Add member to role in PIM completed (permanent)',
      'Katherine Johnson: Remove member from role in PIM requested (permanent)',
      'Katherine Johnson: Remove member from role in PIM completed (permanent)',
    ])
  })

  test('beside an activation: the one that ends leaves the other', async () => {
    const s = await story(world, 'exchangeAdministrator')
    const assigned = await assigns(s, s.ada.id, lasting('PT1H'))
    await s.becomes(assigned, 'Provisioned')
    const activated = await s.ada.asks(lasting('PT15M'))
    await s.becomes(activated, 'Provisioned')
    await world.advance('PT15M')
    expect([(await s.ada.sees(activated)).status, await s.ada.holds()]).toEqual(['Expired', true])
    const again = await s.ada.asks(lasting('PT20M'))
    await s.becomes(again, 'Provisioned')
    await world.advance('PT10M')
    await removes(s, assigned)
    expect([(await s.becomes(assigned, 'Revoked')).status, await s.ada.holds()]).toEqual(['Revoked', true])
    await world.advance('PT10M')
    expect([(await s.ada.sees(again)).status, await s.ada.holds()]).toEqual(['Expired', false])
  })
})

describe.skipIf(isForeign)('an activation', () => {
  test('is extended, and another follows: held minute by minute, with one assignment', async () => {
    const s = await story(world, 'helpdeskAdministrator')
    const first = await s.ada.asks(lasting('PT10M'))
    await s.becomes(first, 'Provisioned')
    const given = await assignmentNow(s)
    const longer = await s.ada.asks({ action: 'selfExtend', ...lasting('PT20M') })
    await s.becomes(longer, 'Provisioned')
    for (let minute = 1; minute < 12; minute++) {
      await world.advance('PT1M')
      expect([minute, await assignmentNow(s)]).toEqual([minute, given])
    }
    expect((await s.ada.sees(first)).status).toBe('Expired')
    const end = (await s.ada.sees(longer)).scheduleInfo.expiration.endDateTime as string
    const next = await s.ada.asks(lasting('PT10M', end))
    for (let minute = 1; minute < 12; minute++) {
      await world.advance('PT1M')
      expect([minute, await assignmentNow(s)]).toEqual([minute, given])
    }
    expect([(await s.ada.sees(longer)).status, (await s.ada.sees(next)).status]).toEqual([
      'Expired',
      'Provisioned',
    ])
    await world.advance('PT10M')
    expect([await s.ada.holds(), (await s.ada.sees(next)).status]).toEqual([false, 'Expired'])
  })
})

test('several at once: each has its own outcome, and a bad one stops no other', async () => {
  const s = await story(world, 'reportsReader', { eligible: false })
  const body = (principalId: string, more: object = {}) => ({
    action: 'adminAssign',
    principalId,
    ...ofRole(s),
    ...lasting('PT1H'),
    ...more,
  })
  const { responses } = await accepted<{
    responses: { status: number; body?: Asked; error?: { code: string } }[]
  }>(
    200,
    s.katherine.calls('POST', '/api/requests/bulk', {
      requests: [
        body(s.ada.id),
        body('00000000-0000-4000-8000-00000000dead'),
        { action: 'adminAssign', principalId: 'x' },
        body(s.linus.id, { isValidationOnly: true }),
        body(people.katherine.id),
        body(s.grace.id),
      ],
    }),
  )
  expect(responses.map(({ status, error }) => [status, error?.code])).toEqual([
    [201, undefined],
    [400, 'SubjectNotFound'],
    [400, 'BadRequest'],
    [201, undefined],
    [403, 'InsufficientPermissions'],
    [201, undefined],
  ])
  await s.becomes(responses[0]?.body as Asked, 'Provisioned')
  await s.becomes(responses[5]?.body as Asked, 'Provisioned')
  expect([await s.ada.holds(), await s.grace.holds(), await s.linus.holds()]).toEqual([true, true, false])
})

/** Whether it is there, and how often the tenant was asked to give or take: a removal and a new one would show. */
async function assignmentNow(s: Story) {
  const { calls } = await world.tenant.control('GET', '/calls?service=graph')
  const writes = (calls as { method: string; path: string }[]).filter(
    ({ method, path }) => method !== 'GET' && path.includes('/roleAssignments'),
  )
  return { holds: await s.ada.holds(), writes: writes.length }
}
