import { describe, expect, test } from 'vitest'
import { story, TRAIL } from '../support/story.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()

test('without approval it is given at once, for a reason and with a ticket that the trail keeps', async () => {
  const { ada, becomes, recorded, mailed, trail } = await story(world, 'reportsReader', {
    enabled: ['Justification', 'Ticketing'],
  })
  const ticketInfo = { ticketNumber: 'INC-42', ticketSystem: 'ServiceNow' }
  const request = await ada.asks({ ticketInfo })
  expect(request).toMatchObject({ status: 'Granted', approval: null, approvalId: null })
  expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
  expect(await ada.holds()).toBe(true)
  expect(await recorded(request, 2)).toEqual([TRAIL.asked, TRAIL.given])
  const [asked] = await trail(request)
  expect(asked?.resultReason).toBe('INC-42: mail is not delivered')
  expect(asked?.additionalDetails).toContainEqual({ key: 'ticketNumber', value: 'INC-42' })
  expect(await mailed(1)).toEqual([
    expect.stringMatching(/^ada: PIM: Your Reports Reader role is active until/),
  ])
})

describe.skipIf(isForeign)('as time goes by', () => {
  test('it ends at its end, and not before', async () => {
    const { ada, becomes, recorded, mailed, trail } = await story(world, 'groupsAdministrator')
    const request = await ada.asks()
    await becomes(request, 'Provisioned')
    await world.advance('PT59M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([true, 'Provisioned'])
    await world.advance('PT1M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.given, TRAIL.ended])
    expect((await trail(request)).at(-1)?.additionalDetails).toEqual([
      { key: 'removed', value: 'yes, and read back' },
    ])
    expect(await mailed(2)).toEqual([
      expect.stringContaining('ada: PIM: Your Groups Administrator role has ended'),
      expect.stringContaining('ada: PIM: Your Groups Administrator role is active until'),
    ])
    expect(await ada.asks()).toMatchObject({ status: 'Granted' })
  })

  test('the approvers are reminded halfway, and then the request times out', async () => {
    const { ada, grace, becomes, recorded, mailed } = await story(world, 'exchangeAdministrator', {
      approval: { minutes: 60 },
    })
    const request = await ada.asks()
    await world.advance('PT29M')
    expect(await mailed(2)).toHaveLength(2)
    await world.advance('PT1M')
    const reminders = (await mailed(4)).filter((line) => line.includes('Reminder'))
    expect(reminders.map((line) => line.split(':')[0])).toEqual(['grace', 'linus'])
    const page = await grace.opens(await grace.mailedLink(2))

    await world.advance('PT30M')
    expect((await becomes(request, 'TimedOut')).status).toBe('TimedOut')
    expect((await grace.browser.decide(page, 'Approve')).status).toBe(409)
    expect(await ada.holds()).toBe(false)
    expect(await recorded(request, 4)).toEqual([
      TRAIL.asked,
      TRAIL.approvalAsked,
      TRAIL.reminded,
      TRAIL.timedOut,
    ])
    const told = (await mailed(7)).filter((line) => line.includes('was not decided in time'))
    expect(told.map((line) => line.split(':')[0])).toEqual(['ada', 'grace', 'linus'])
  })

  test('started in the future: granted until then, given then, and ended after its time', async () => {
    const { ada, becomes, recorded } = await story(world, 'helpdeskAdministrator')
    const startDateTime = await world.inMinutes(30)
    const request = await ada.asks({
      scheduleInfo: { startDateTime, expiration: { type: 'afterDuration', duration: 'PT15M' } },
    })
    expect(request.scheduleInfo.startDateTime).toBe(startDateTime)
    await world.advance('PT29M')
    expect([await ada.holds(), (await becomes(request, 'Granted')).status]).toEqual([false, 'Granted'])
    await world.advance('PT2M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([true, 'Provisioned'])
    await world.advance('PT15M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.given, TRAIL.ended])
  })

  test('the duration counts from the approval', async () => {
    const { ada, grace, becomes } = await story(world, 'securityReader', { approval: true })
    const request = await ada.asks({
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT15M' } },
    })
    expect(request.scheduleInfo.expiration.endDateTime).toBeNull()
    await world.advance('PT20M')
    const approved = await grace.approves(request)
    const from = Date.parse(approved.approval?.reviewedDateTime as string)
    expect(Date.parse(approved.scheduleInfo.expiration.endDateTime as string) - from).toBe(900_000)
    await becomes(request, 'Provisioned')
    await world.advance('PT14M')
    expect(await ada.holds()).toBe(true)
    await world.advance('PT1M')
    expect(await ada.holds()).toBe(false)
  })

  test('a request with a fixed end waits no longer than it would be of use', async () => {
    const { ada, grace, becomes } = await story(world, 'conditionalAccessAdministrator', { approval: true })
    const endDateTime = await world.inMinutes(20)
    const request = await ada.asks({ scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime } } })
    expect(Date.parse(endDateTime) - Date.parse(request.approval?.pendingUntil as string)).toBe(300_000)
    await world.advance('PT16M')
    expect((await becomes(request, 'TimedOut')).status).toBe('TimedOut')
    expect(await grace.triesToDecide(request, 'Approve')).toMatchObject({ status: 409 })
  })

  test('an assignment that was there before stays when the activation is over', async () => {
    const { ada, role, becomes, trail } = await story(world, 'applicationAdministrator')
    await world.tenant.control('POST', '/role-assignments', { principal: ada.short, role: role.id })
    const request = await ada.asks({
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT15M' } },
    })
    await becomes(request, 'Provisioned')
    await world.advance('PT30M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([true, 'Expired'])
    expect((await trail(request)).at(-1)?.additionalDetails).toEqual([
      { key: 'removed', value: 'no: it was there before' },
    ])
  })
})
