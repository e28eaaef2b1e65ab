import { describe, expect, test } from 'vitest'
import { accepted } from '../support/actor.ts'
import { story, TRAIL } from '../support/story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

const forAnHour = { expiration: { type: 'afterDuration', duration: 'PT1H' } }
const FAILED = 'Interim: Add member to role completed (PIM activation)'

test('who is a member of an eligible group activates for themselves', async () => {
  const { meet, newGroup, makeEligible, becomes } = await story(world, 'userAdministrator', {
    eligible: false,
  })
  const barbara = await meet('barbara', 'Barbara Liskov')
  await makeEligible(await newGroup('sre', [barbara.short], { isAssignableToRole: true }))

  const roles = await accepted(200, barbara.calls('GET', '/api/me/roles'))
  expect(roles).toMatchObject({ eligible: [{ memberType: 'Group', isActive: false }] })
  expect((await becomes(await barbara.asks(), 'Provisioned')).status).toBe('Provisioned')
  expect(await barbara.holds()).toBe(true)
})

test('who has left the eligible group is not eligible any more', async () => {
  const { ada, newGroup, makeEligible } = await story(world, 'groupsAdministrator', { eligible: false })
  const group = await newGroup('sre', [ada.short], { isAssignableToRole: true })
  await makeEligible(group)
  await world.tenant.control('DELETE', `/groups/${group.short}/members/${ada.short}`)
  expect(await ada.triesToAsk()).toMatchObject({
    status: 400,
    body: { error: { details: [{ code: 'EligibilityRule' }] } },
  })
})

test('an activation may not outlast the eligibility that it rests upon', async () => {
  const { ada, makeEligible, becomes } = await story(world, 'helpdeskAdministrator', { eligible: false })
  await makeEligible(ada, { expiration: { type: 'afterDuration', duration: 'PT30M' } })
  expect(await ada.triesToAsk()).toMatchObject({
    status: 400,
    body: { error: { details: [{ code: 'ExpirationRule' }] } },
  })
  const request = await ada.asks({
    scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT20M' } },
  })
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
})

describe.skipIf(isForeign)('as time goes by', () => {
  test('a guest, eligible until a day, activates a custom role with a second factor, and loses it on time', async () => {
    const { ada, makeEligible, becomes } = await story(world, 'printerCustodian', {
      eligible: false,
      enabled: ['Justification', 'MultiFactorAuthentication'],
    })
    await world.tenant.control('PATCH', `/people/${ada.short}`, { userType: 'Guest' })
    await makeEligible(ada, { expiration: { type: 'afterDuration', duration: 'P30D' } })
    expect((await ada.triesToAsk()).body.error.details).toMatchObject([{ code: 'MfaRule' }])
    const request = await ada.asks({}, { mfa: 1 })
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    expect(await ada.holds()).toBe(true)
    await world.advance('PT61M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
  })

  test('an eligibility that is taken away while a request waits: it can no longer be approved', async () => {
    const { ada, grace, losesEligibility, becomes } = await story(world, 'intuneAdministrator', {
      approval: true,
    })
    const request = await ada.asks()
    await losesEligibility()
    expect(await grace.triesToDecide(request, 'Approve')).toMatchObject({
      status: 400,
      body: { error: { details: [{ code: 'EligibilityRule' }] } },
    })
    expect((await becomes(request, 'PendingApproval')).status).toBe('PendingApproval')
    expect((await grace.denies(request)).status).toBe('Denied')
    expect(await ada.holds()).toBe(false)
  })

  test('an eligibility counts from its start and until its end', async () => {
    const { ada, makeEligible, becomes } = await story(world, 'reportsReader', { eligible: false })
    await makeEligible(ada, {
      startDateTime: await world.inMinutes(60),
      expiration: { type: 'afterDuration', duration: 'PT3H' },
    })
    const tooEarly = await ada.triesToAsk()
    expect(tooEarly.body.error.details).toMatchObject([{ code: 'EligibilityRule' }])
    await world.advance('PT61M')
    const request = await ada.asks({ scheduleInfo: forAnHour })
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    await world.advance('PT3H')
    expect((await ada.triesToAsk()).body.error.details).toMatchObject([{ code: 'EligibilityRule' }])
    expect(await accepted(200, ada.calls('GET', '/api/me/roles'))).toMatchObject({ eligible: [] })
  })

  test.each([
    ['has lost the eligibility', 'EligibilityRule'],
    ['has been disabled', 'RequesterRule'],
  ])('whoever %s by the start is not given what was approved', async (_, rule) => {
    const { ada, grace, losesEligibility, becomes, recorded } = await story(world, 'securityReader', {
      approval: true,
    })
    const scheduleInfo = { startDateTime: await world.inMinutes(60), ...forAnHour }
    const request = await ada.asks({ scheduleInfo })
    expect((await grace.approves(request)).status).toBe('Granted')
    if (rule === 'EligibilityRule') await losesEligibility()
    else await world.tenant.control('PATCH', `/people/${ada.short}`, { accountEnabled: false })

    await world.advance('PT61M')
    const failed = await becomes(request, 'Failed')
    expect(failed).toMatchObject({ status: 'Failed', failure: { message: expect.stringContaining(rule) } })
    expect(await ada.holds()).toBe(false)
    expect(await recorded(request, 4)).toEqual([TRAIL.asked, TRAIL.approvalAsked, TRAIL.approved, FAILED])
    expect((await ada.mails(3)).map(({ subject }) => subject)).toContain(
      'PIM: Your request to activate the Security Reader role failed',
    )
    await world.advance('PT1H')
    expect(await ada.holds()).toBe(false)
  })

  test('what is active goes on to its end when the eligibility is taken away', async () => {
    const { ada, losesEligibility, becomes } = await story(world, 'exchangeAdministrator')
    const request = await ada.asks()
    await becomes(request, 'Provisioned')
    await losesEligibility()
    await world.advance('PT30M')
    expect(await ada.holds()).toBe(true)
    await world.advance('PT30M')
    expect(await ada.holds()).toBe(false)
    expect((await becomes(request, 'Expired')).status).toBe('Expired')
  })
})
