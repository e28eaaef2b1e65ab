import { beforeEach, describe, expect, test } from 'vitest'
import { story, TRAIL } from '../support/story.ts'
import { troubleIn } from '../support/trouble.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()
const trouble = troubleIn(world)

describe.skipIf(isForeign)('when the host is killed', () => {
  beforeEach(() => trouble.forgetCalls())

  test.each([
    ['before the directory has done anything', { kind: 'hang' }],
    ['when the directory has given it but not yet answered', { kind: 'late', ms: 60_000 }],
  ] as const)('while it gives the access, %s: it is given once and ends', async (_, fault) => {
    const { ada, grace, role, becomes, recorded } = await story(world, 'userAdministrator', {
      approval: true,
    })
    const request = await ada.asks()
    await trouble.whenGiving(fault)
    const approved = await grace.approves(request)
    await trouble.underWay('POST')
    await trouble.dies()
    expect(await ada.holds()).toBe(fault.kind === 'late')
    await trouble.comesBack()
    await world.advance('PT10M') // as long as a host waits before it takes an activity for lost

    expect(await becomes(request, 'Provisioned')).toMatchObject({
      status: 'Provisioned',
      scheduleInfo: { expiration: { endDateTime: approved.scheduleInfo.expiration.endDateTime } },
    })
    expect(await trouble.assignments(ada, role)).toHaveLength(1)
    expect(await recorded(request, 4)).toEqual([
      TRAIL.asked,
      TRAIL.approvalAsked,
      TRAIL.approved,
      TRAIL.given,
    ])
    await world.advance('PT1H')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
  })

  test.each([
    ['hang', true],
    ['late', false],
  ] as const)('while it takes the access away (%s): it is gone after the restart', async (kind, isHeld) => {
    const { ada, becomes, recorded } = await story(world, 'helpdeskAdministrator')
    const request = await ada.asks()
    await becomes(request, 'Provisioned')
    await world.advance('PT30M')
    await trouble.whenTaking({ kind, ms: 60_000 })
    expect((await ada.triesToDeactivate()).status).toBe(201)
    await trouble.underWay('DELETE')
    await trouble.dies()
    expect(await ada.holds()).toBe(isHeld)
    await trouble.comesBack()
    await world.advance('PT10M')
    expect((await becomes(request, 'Revoked')).status).toBe('Revoked')
    expect(await ada.holds()).toBe(false)
    expect(await recorded(request, 4)).toEqual([TRAIL.asked, TRAIL.given, TRAIL.givenBack, TRAIL.takenBack])
  })

  test('and stays down past the end: it ends as soon as the host is back, and that is recorded as late', async () => {
    const { ada, becomes, recorded, trail } = await story(world, 'groupsAdministrator')
    const request = await ada.asks()
    const { scheduleInfo } = await becomes(request, 'Provisioned')
    await trouble.dies()
    await world.timePasses(180)
    expect(await ada.holds()).toBe(true)
    await trouble.comesBack()

    expect((await becomes(request, 'Expired')).status).toBe('Expired')
    expect(await ada.holds()).toBe(false)
    expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.given, TRAIL.ended])
    expect((await trail(request)).at(-1)?.additionalDetails).toContainEqual({
      key: 'pastDue',
      value: scheduleInfo.expiration.endDateTime,
    })
  })

  test('and stays down past the time to decide: nobody decides any more', async () => {
    const { ada, grace, becomes, recorded } = await story(world, 'exchangeAdministrator', {
      approval: { minutes: 60 },
    })
    const request = await ada.asks()
    const page = await grace.opens(await grace.mailedLink())
    await trouble.dies()
    await world.timePasses(90)
    await trouble.comesBack()
    expect((await grace.browser.decide(page, 'Approve')).status).toBe(409)
    expect((await becomes(request, 'TimedOut')).status).toBe('TimedOut')
    expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.approvalAsked, TRAIL.timedOut])
  })

  test('right after it has answered: what was asked for and decided is not forgotten', async () => {
    const { ada, grace, becomes, recorded, mailed } = await story(world, 'reportsReader', { approval: true })
    const request = await ada.asks()
    await trouble.dies()
    await trouble.comesBack()
    await world.advance('PT10M') // the sweep does what was left undone
    expect((await mailed(2)).map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['grace', 'linus']),
    )
    await grace.approves(request)
    await trouble.dies()
    await trouble.comesBack()
    await world.advance('PT10M')
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    expect(await ada.holds()).toBe(true)
    expect(await recorded(request, 4)).toEqual([
      TRAIL.asked,
      TRAIL.approvalAsked,
      TRAIL.approved,
      TRAIL.given,
    ])
  })
})

describe.skipIf(isForeign)('when somebody has terminated the orchestration', () => {
  test.each([
    ['terminated', false],
    ['terminated and purged', true],
  ])('%s: the sweep ends the access at its end', async (_, isPurged) => {
    const { ada, becomes, recorded } = await story(world, 'securityReader')
    const request = await ada.asks()
    await becomes(request, 'Provisioned')
    expect(await trouble.manage('POST', request, '/terminate?reason=mistake')).toBe(202)
    await world.host.idle()
    if (isPurged) expect(await trouble.manage('DELETE', request)).toBe(200)

    await world.advance('PT1H5M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.given, TRAIL.ended])
  })

  test('while it waits: an approval is carried out all the same', async () => {
    const { ada, grace, becomes } = await story(world, 'intuneAdministrator', { approval: true })
    const request = await ada.asks()
    expect(await trouble.manage('POST', request, '/terminate?reason=mistake')).toBe(202)
    await grace.approves(request)
    await world.advance('PT6M')
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    await world.advance('PT1H')
    expect(await ada.holds()).toBe(false)
  })
})
