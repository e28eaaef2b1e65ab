import { describe, expect, test } from 'vitest'
import { isThorough } from '../support/daily.ts'
import { story, TRAIL } from '../support/story.ts'
import { troubleIn } from '../support/trouble.ts'
import { isForeign, useSharedWorld } from '../support/world.ts'

const world = useSharedWorld()
const trouble = troubleIn(world)

/** Wherever it is killed is for test/kill; these are what somebody does who has heard an answer, or none for long. */
describe.skipIf(isForeign)('when the host is killed', () => {
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

  // Every day at two points chosen among all: test/kill.
  test.runIf(isThorough)(
    'right after it has answered: what was asked for and decided is not forgotten',
    async () => {
      const { ada, grace, becomes, recorded, mailed } = await story(world, 'reportsReader', {
        approval: true,
      })
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
    },
  )
})
