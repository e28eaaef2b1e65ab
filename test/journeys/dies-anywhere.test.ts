import { describe, expect, test, vi } from 'vitest'
import { type Story, story, TRAIL } from '../support/story.ts'
import { troubleIn } from '../support/trouble.ts'
import { isForeign, useWorld } from '../support/world.ts'

// What a dead host was at is soon taken up again: queues know real time only.
const world = useWorld({ LOCAL_HOST_RERUN_SECONDS: '1' })
const trouble = troubleIn(world)

/** More calls than any of the steps below makes, with all that follows from it. */
const MOST_CALLS = 40
/** Every fifteenth call in the daily run, for each death takes seconds; every one with JOURNEYS_THOROUGH=1. */
const STRIDE = process.env.JOURNEYS_THOROUGH ? 1 : 15

/** Dies in the middle of the n-th call that a step makes. False when the step is over before that. */
async function diesInCall(n: number, step: () => Promise<unknown>, isOver: () => Promise<boolean>) {
  await world.tenant.fault({ match: {}, kind: 'hang', after: n })
  const unheard = step().catch(() => undefined)
  const died = await vi.waitFor(
    async () => {
      const [fault] = await world.tenant.control('GET', '/faults')
      if (fault.hits > 0) return true
      if (await isOver()) return false
      throw new Error(`Call ${n} has not been made, and the step is not over either.`)
    },
    { timeout: 30_000, interval: 10 },
  )
  await trouble.dies()
  await unheard
  await trouble.comesBack()
  return died
}

const subjects = async ({ ada }: Story) =>
  (await world.tenant.mails(ada.short)).map(({ subject }) => /approved|active|ended/.exec(subject)?.[0])

/** What the dead host was about to tell may lie in its queue for a few more seconds. */
const PATIENTLY = { timeout: 20_000, interval: 100 }
const isTold = (told: Story, expected: string[], n: number) =>
  vi.waitFor(async () => {
    await world.host.idle()
    expect([n, await subjects(told)]).toEqual([n, expect.arrayContaining(expected)])
  }, PATIENTLY)

describe.skipIf(isForeign)('a host that dies', { timeout: 300_000 }, () => {
  test('in whatever call it makes for an approval: given once, all of it recorded and told, and ended', async () => {
    const deaths: number[] = []
    for (let n = 0; n < MOST_CALLS; n += STRIDE) {
      const told = await story(world, 'userAdministrator', { approval: true })
      const { ada, grace, role, becomes, recorded } = told
      const request = await ada.asks()
      await told.mailed(2)
      const died = await diesInCall(
        n,
        () => grace.approves(request),
        async () => (await subjects(told)).includes('active'),
      )
      await grace.approves(request) // again, as somebody who has heard nothing would
      await world.advance('PT12M')

      expect([n, (await becomes(request, 'Provisioned')).status]).toEqual([n, 'Provisioned'])
      expect([n, await trouble.assignments(ada, role)]).toEqual([n, [expect.any(String)]])
      const trail = [TRAIL.asked, TRAIL.approvalAsked, TRAIL.approved, TRAIL.given]
      await vi.waitFor(async () => expect([n, await recorded(request, 4)]).toEqual([n, trail]), PATIENTLY)
      await isTold(told, ['active'], n)
      await world.advance('PT1H')
      expect([n, await ada.holds(), (await ada.sees(request)).status]).toEqual([n, false, 'Expired'])
      if (!died) break
      deaths.push(n)
    }
    expect(deaths.length * STRIDE).toBeGreaterThan(8)
    expect(deaths.length * STRIDE).toBeLessThan(MOST_CALLS)
  })

  test('in whatever call it makes when access is given back: it is gone, recorded and told', async () => {
    const deaths: number[] = []
    for (let n = 0; n < MOST_CALLS; n += STRIDE) {
      const told = await story(world, 'helpdeskAdministrator')
      const { ada, becomes, recorded } = told
      const request = await ada.asks()
      await becomes(request, 'Provisioned')
      await world.advance('PT10M')
      const died = await diesInCall(
        n,
        () => ada.triesToDeactivate(),
        async () => (await subjects(told)).includes('ended'),
      )
      await world.advance('PT12M')
      // It may have died before anything was written: then it has still to be given back.
      if ((await ada.sees(request)).status === 'Provisioned') await ada.triesToDeactivate()

      expect([n, (await becomes(request, 'Revoked')).status]).toEqual([n, 'Revoked'])
      expect([n, await ada.holds()]).toEqual([n, false])
      const trail = [TRAIL.asked, TRAIL.given, TRAIL.givenBack, TRAIL.takenBack]
      await vi.waitFor(async () => expect([n, await recorded(request, 4)]).toEqual([n, trail]), PATIENTLY)
      await isTold(told, ['active', 'ended'], n)
      if (!died) break
      deaths.push(n)
    }
    expect(deaths.length * STRIDE).toBeGreaterThan(2)
    expect(deaths.length * STRIDE).toBeLessThan(MOST_CALLS)
  })
})
