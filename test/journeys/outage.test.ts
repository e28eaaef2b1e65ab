import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isThorough } from '../support/daily.ts'
import { story, TRAIL } from '../support/story.ts'
import { troubleIn } from '../support/trouble.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()
const trouble = troubleIn(world)
const lasting = (duration: string) => ({ scheduleInfo: { expiration: { type: 'afterDuration', duration } } })

// Calls that fail once, in every way, are for test/faults, and so are hours of it; these are services that stay away for a while.
// In memory there is more of it every day (test/workflows/activation.test.ts, test/activities/grant.test.ts).

describe.skipIf(isForeign)('trouble with the directory', () => {
  beforeEach(() => trouble.forgetCalls())
  afterEach(() => world.tenant.clearFaults())

  test('down at the end: removed when it is back, and nobody else loses anything', async () => {
    const { ada, linus, role, becomes, recorded, trail } = await story(world, 'userAdministrator')
    await world.tenant.control('POST', '/role-assignments', { principal: linus.short, role: role.id })
    const request = await ada.asks(lasting('PT15M'))
    await becomes(request, 'Provisioned')
    await world.advance('PT10M')
    await trouble.isDown('graph', await world.inMinutes(35))
    await world.advance('PT30M')
    expect(await ada.holds()).toBe(true)
    await world.advance('PT30M')

    expect((await becomes(request, 'Expired')).status).toBe('Expired')
    expect([await ada.holds(), await linus.holds()]).toEqual([false, true])
    expect(await recorded(request, 4)).toEqual([TRAIL.asked, TRAIL.given, TRAIL.ended, TRAIL.ended])
    const [last, alarm] = (await trail(request)).reverse()
    expect([alarm?.result, last?.result]).toEqual(['failure', 'success'])
    expect(last?.additionalDetails.map(({ key }) => key)).toEqual(['removed', 'pastDue'])
    expect((await trouble.writes()).filter((write) => write === 'DELETE 204')).toHaveLength(1)
  })

  test.runIf(isThorough)(
    'down when it is to be given: given when it is back, and ended at the end that was promised',
    async () => {
      const { ada, becomes } = await story(world, 'helpdeskAdministrator')
      const scheduleInfo = {
        startDateTime: await world.inMinutes(10),
        expiration: { type: 'afterDuration', duration: 'PT30M' },
      }
      const request = await ada.asks({ scheduleInfo })
      await trouble.isDown('graph', await world.inMinutes(25))
      await world.advance('PT20M')
      expect(await ada.holds()).toBe(false)
      await world.advance('PT10M')
      expect([await ada.holds(), (await becomes(request, 'Provisioned')).status]).toEqual([
        true,
        'Provisioned',
      ])
      await world.advance('PT10M')
      expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    },
  )

  test.runIf(isThorough)('down for longer than it would last: it fails and is never given', async () => {
    const { ada, becomes } = await story(world, 'groupsAdministrator')
    const scheduleInfo = {
      startDateTime: await world.inMinutes(5),
      expiration: { type: 'afterDuration', duration: 'PT10M' },
    }
    const request = await ada.asks({ scheduleInfo })
    await trouble.isDown('graph', await world.inMinutes(20))
    await world.advance('PT35M')
    expect(await becomes(request, 'Failed')).toMatchObject({ failure: { code: 'ProvisioningTimedOut' } })
    expect(await ada.holds()).toBe(false)
  })

  test('lists that show writes half a minute late deceive nobody', async () => {
    const { ada, role, becomes, recorded } = await story(world, 'exchangeAdministrator')
    await world.tenant.lag({ ms: 30_000 })
    await trouble.whenGiving({ kind: 'resetAfter' })
    const request = await ada.asks(lasting('PT15M'))
    await world.advance('PT2M')
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    expect(await trouble.assignments(ada, role)).toHaveLength(1)
    await world.advance('PT15M')
    await world.tenant.lag({ ms: 0 })
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    expect(await recorded(request, 3)).toEqual([TRAIL.asked, TRAIL.given, TRAIL.ended])
  })
})

describe.skipIf(isForeign)('trouble with the mail', () => {
  afterEach(() => world.tenant.clearFaults())

  test('down: the approvers are asked when it is back', async () => {
    const { ada, mailed } = await story(world, 'reportsReader', { approval: true })
    await trouble.isDown('mail', await world.inMinutes(20))
    await ada.asks()
    await world.advance('PT40M')
    expect((await mailed(2)).map((line) => line.split(':')[0])).toEqual(['grace', 'linus'])
  })

  test('throttled all the while: approved and given as ever, and then every mail comes, once', async () => {
    const { ada, grace, becomes, mailed } = await story(world, 'reportsReader', { approval: true })
    await world.tenant.fault({
      match: { service: 'mail', method: 'POST' },
      kind: 'status',
      status: 429,
      retryAfter: 900,
      times: 'forever',
      until: await world.inMinutes(45),
    })
    const request = await ada.asks(lasting('PT15M'))
    await world.advance('PT5M')
    await grace.approves(request)
    expect((await becomes(request, 'Provisioned')).status).toBe('Provisioned')
    await world.advance('PT25M')
    expect([await ada.holds(), (await ada.sees(request)).status]).toEqual([false, 'Expired'])
    expect(await mailed(0)).toEqual([])
    await world.advance('PT30M')
    const kinds = (await mailed(3)).map(
      (mail) => `${mail.split(':')[0]} ${/active|ended|approved/.exec(mail)?.[0]}`,
    )
    // Nobody is asked any more; the other approver hears that it was decided, and Ada that it came and went.
    expect(kinds.sort()).toEqual(['ada active', 'ada ended', 'linus approved'])
  })

  test('the administrators hear of access that could not be removed, once they can be reached', async () => {
    const { ada, becomes, katherine } = await story(world, 'messageCenterReader')
    await becomes(await ada.asks(lasting('PT15M')), 'Provisioned')
    await trouble.isDown('graph', await world.inMinutes(35))
    await world.advance('PT55M')
    expect((await katherine.mails(1)).map(({ subject }) => subject)).toContain(
      "PIM: Ada Lovelace's Message Center Reader role could not be removed yet",
    )
  })
})
