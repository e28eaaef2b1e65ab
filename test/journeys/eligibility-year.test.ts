import { describe, expect, test } from 'vitest'
import { linkIn, wordsOn } from '../../local/demo/browser.ts'
import type { EligibilityAnswer, MyRolesAnswer } from '../../src/api/answers.ts'
import { type Actor, type Asked, accepted } from '../support/actor.ts'
import { story } from '../support/story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()
const YEAR = { expiration: { type: 'afterDuration', duration: 'P365D' } }

/** At once to a day later on, and the sweep of five minutes after. */
async function days(count: number): Promise<void> {
  await world.host.jump(`P${count}D`)
  await world.advance('PT5M')
  await world.host.idle()
}

const told = async (who: Actor, about = 'eligibility') =>
  (await world.tenant.mails(who.short)).map(({ subject }) => subject).filter((it) => it.includes(about))

describe.skipIf(isForeign)('a year', () => {
  test('warned twice, extended by request and decision, later expired, renewed, and all of it recorded', async () => {
    const { ada, katherine, dorothy, role, makeEligible } = await story(world, 'reportsReader', {
      eligible: false,
    })
    const { id } = await makeEligible(ada, YEAR)
    const mine = () => accepted<MyRolesAnswer>(200, ada.calls('GET', '/api/me/roles'))
    const asks = (action: string) =>
      ada.calls('POST', '/api/eligibility-requests', {
        action,
        ...(action === 'selfExtend' ? { roleDefinitionId: role.id } : { targetScheduleId: id }),
        justification: 'still on call',
        scheduleInfo: YEAR,
      })
    const listed = async (state: string) => {
      const path = `/api/eligibilities?roleDefinitionId=${role.id}&state=${state}`
      const { value } = await accepted<{ value: EligibilityAnswer[] }>(200, dorothy.calls('GET', path))
      return value.filter(({ principal }) => principal.id === ada.id).map((each) => each.id)
    }
    expect((await mine()).eligible).toMatchObject([{ id, state: 'current', mayExtend: false }])
    expect((await asks('selfExtend')).body.error.details).toMatchObject([{ code: 'ExpirationRule' }])

    await days(351)
    expect(await told(ada)).toEqual(['PIM: Your eligibility for the Reports Reader role ends within 14 days'])
    await days(13)
    expect(await told(ada)).toHaveLength(2)
    expect((await mine()).eligible).toMatchObject([{ mayExtend: true }])

    const extension = await accepted<Asked>(201, asks('selfExtend'))
    expect(extension).toMatchObject({ status: 'PendingAdminDecision', targetScheduleId: id })
    expect((await asks('selfExtend')).body.error).toMatchObject({ code: 'PendingRoleAssignmentRequest' })
    expect((await mine()).eligible).toMatchObject([{ mayExtend: false }])
    expect([await katherine.isAskedFor(), await dorothy.isAskedFor(), await ada.isAskedFor()]).toEqual([
      [extension.id],
      [],
      [],
    ])
    for (const who of [ada, dorothy]) expect((await who.triesToDecide(extension, 'Approve')).status).toBe(403)
    expect(await katherine.approves(extension)).toMatchObject({ status: 'ScheduleCreated' })
    await days(300)
    expect((await mine()).eligible).toMatchObject([{ id, state: 'current' }]) // beyond its first end

    await days(70)
    expect(await mine()).toMatchObject({ eligible: [], expired: [{ id, state: 'expired', mayRenew: true }] })
    expect([await listed('expired'), await listed('current')]).toEqual([[id], []])
    expect((await ada.triesToAsk()).body.error.details).toMatchObject([{ code: 'EligibilityRule' }])
    const renewal = await accepted<Asked>(201, asks('selfRenew'))
    expect(await katherine.approves(renewal)).toMatchObject({ status: 'ScheduleCreated' })
    expect(await mine()).toMatchObject({ eligible: [{ id, state: 'current' }], expired: [] })
    expect((await ada.asks()).status).toBe('Granted')

    await world.host.idle()
    const path = `/api/audit?principalId=${ada.id}&top=200`
    const { value } = await accepted<{ value: { activityDisplayName: string; correlationId: string }[] }>(
      200,
      dorothy.calls('GET', path),
    )
    const trail = value.filter(({ correlationId }) => correlationId === id)
    expect(trail.map(({ activityDisplayName }) => activityDisplayName).reverse()).toEqual([
      'Add eligible member to role in PIM completed (timebound)',
      'Eligible member of role in PIM reminded (expiration)',
      'Eligible member of role in PIM reminded (expiration)',
      'Update eligible member in PIM completed (extend)',
      'Remove eligible member from role in PIM completed (timebound)',
      'Add eligible member to role in PIM completed (renew)',
    ])

    await days(365 + 31)
    expect(await mine()).toMatchObject({ eligible: [], expired: [] }) // nobody renewed it: forgotten, but for the trail
    expect([await listed('expired'), await listed('current')]).toEqual([[], []])
  })

  test('an administrator decides on the page behind the mail, having signed in', async () => {
    const { ada, katherine, makeEligible } = await story(world, 'groupsAdministrator', { eligible: false })
    const { id } = await makeEligible(ada, { expiration: { type: 'afterDuration', duration: 'P7D' } })
    await days(1)
    const request = await accepted<Asked>(
      201,
      ada.calls('POST', '/api/eligibility-requests', {
        action: 'selfExtend',
        targetScheduleId: id,
        justification: 'the move is not done',
        scheduleInfo: { expiration: { type: 'afterDuration', duration: 'P20D' } },
      }),
    )
    await world.host.idle()
    const mail = (await world.tenant.mails('katherine')).findLast(({ subject }) =>
      subject.includes('request to extend eligibility for the Groups Administrator role'),
    )
    if (!mail) throw new Error('Katherine was not asked.')
    const page = await katherine.opens(linkIn(mail))
    expect(wordsOn(page)).toContain('the move is not done')
    expect(page.html).not.toContain('<form')
    const decided = await katherine.browser.decide(
      await katherine.browser.signIn(page, 'katherine'),
      'Approve',
    )
    expect([decided.status, wordsOn(decided)]).toEqual([
      200,
      expect.stringContaining('It was approved by Katherine Johnson.'),
    ])
    expect((await ada.sees(request)).status).toBe('ScheduleCreated')
  })
})

test('an extension that nobody has decided is withdrawn by who asked', async () => {
  const { ada, makeEligible } = await story(world, 'intuneAdministrator', { eligible: false })
  const { id } = await makeEligible(ada, { expiration: { type: 'afterDuration', duration: 'P7D' } })
  const scheduleInfo = { expiration: { type: 'afterDuration', duration: 'P20D' } }
  const ask = { action: 'selfExtend', targetScheduleId: id, justification: 'x', scheduleInfo }
  const request = await accepted<Asked>(201, ada.calls('POST', '/api/eligibility-requests', ask))
  const canceled = await accepted<Asked>(200, ada.triesToCancel(request))
  expect(canceled.status).toBe('Canceled')
})

test('many at once: each is done or refused by itself, in their order', async () => {
  const { ada, grace, katherine, role } = await story(world, 'securityReader', { eligible: false })
  const one = (principalId: string, more: object = {}) => ({
    principalId,
    roleDefinitionId: role.id,
    ...more,
  })
  const requests = [
    one(ada.id),
    one(ada.id),
    one(grace.id, { action: 'adminAssign', scheduleInfo: YEAR }),
    one('00000000-0000-4000-8000-00000000dead'),
  ]
  const { responses } = await accepted<{
    responses: { status: number; body: EligibilityAnswer; error?: object }[]
  }>(200, katherine.calls('POST', '/api/eligibilities/bulk', { requests }))
  expect(responses).toMatchObject([
    { status: 201, body: { principalId: ada.id } },
    { status: 400, error: { code: 'RoleAssignmentExists' } },
    { status: 201, body: { principalId: grace.id, state: 'current' } },
    { status: 400, error: { code: 'SubjectNotFound' } },
  ])
  const moved = responses[2]?.body.id
  const update = {
    action: 'adminUpdate',
    targetScheduleId: moved,
    scheduleInfo: { expiration: { type: 'noExpiration' } },
  }
  expect(await accepted(201, katherine.calls('POST', '/api/eligibilities', update))).toMatchObject({
    id: moved,
    endDateTime: null,
  })
  const refused = await accepted<{ responses: object[] }>(
    200,
    ada.calls('POST', '/api/eligibilities/bulk', { requests }),
  )
  expect(refused.responses).toMatchObject(requests.map(() => ({ status: 403 })))
  for (const wrong of [[], Array(51).fill(requests[0])])
    expect((await katherine.calls('POST', '/api/eligibilities/bulk', { requests: wrong })).status).toBe(400)
})
