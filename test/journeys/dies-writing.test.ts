import { describe, expect, test, vi } from 'vitest'
import { StorageBetween } from '../support/storage.ts'
import { story, TRAIL } from '../support/story.ts'
import { troubleIn } from '../support/trouble.ts'
import { isForeign, useWorldWithStorageBetween } from '../support/world.ts'

const storage = new StorageBetween()
const world = useWorldWithStorageBetween(storage, { LOCAL_HOST_RERUN_SECONDS: '1' })
const trouble = troubleIn(world)

/** More writes than an approval leads to. */
const MOST_WRITES = 60
/** Every fifteenth write in the daily run, for each death takes seconds; every one with JOURNEYS_THOROUGH=1. */
const STRIDE = process.env.JOURNEYS_THOROUGH ? 1 : 15

describe.skipIf(isForeign)('a host that dies', { timeout: 600_000 }, () => {
  test.each(['before', 'after'] as const)(
    '%s any write that an approval leads to: given once, all of it recorded and told',
    async (how) => {
      let deaths = 0
      for (let n = 0; n < MOST_WRITES; n += STRIDE) {
        const { ada, grace, role, becomes, recorded, mailed } = await story(world, 'userAdministrator', {
          approval: true,
        })
        const request = await ada.asks()
        await mailed(2)
        storage.hangAfter(n, how)
        const unheard = grace.approves(request).catch(() => undefined)
        const told = async () =>
          (await world.tenant.mails(ada.short)).some(({ subject }) => subject.includes('is active'))
        const died = await vi.waitFor(
          async () => {
            if (storage.hasHung) return true
            if (await told()) return false
            throw new Error(`Write ${n} has not been made, and it is not over either.`)
          },
          { timeout: 30_000, interval: 10 },
        )
        await trouble.dies()
        await unheard
        storage.clear()
        await trouble.comesBack()
        await grace.approves(request) // again, as somebody who has heard nothing would
        await world.advance('PT12M')

        const trail = [TRAIL.asked, TRAIL.approvalAsked, TRAIL.approved, TRAIL.given]
        await vi.waitFor(
          async () => {
            expect([n, (await becomes(request, 'Provisioned')).status]).toEqual([n, 'Provisioned'])
            expect([n, await recorded(request, 4)]).toEqual([n, trail])
            const mails = (await ada.mails(1)).map(({ subject }) => /active/.exec(subject)?.[0])
            expect([n, mails]).toEqual([n, expect.arrayContaining(['active'])])
          },
          { timeout: 20_000, interval: 200 },
        )
        expect([n, await trouble.assignments(ada, role)]).toEqual([n, [expect.any(String)]])
        await world.advance('PT1H')
        expect([n, await ada.holds(), (await ada.sees(request)).status]).toEqual([n, false, 'Expired'])
        if (!died) break
        deaths++
      }
      expect(deaths * STRIDE).toBeGreaterThan(10)
    },
  )
})
