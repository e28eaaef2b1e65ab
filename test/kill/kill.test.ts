import { expect, test } from 'vitest'
import { type Case, campaign } from '../support/harness/campaign.ts'
import { type Journey, journeysOf } from '../support/harness/journeys.ts'
import type { Place, Run } from '../support/harness/run.ts'
import { FEW, journeysFor } from '../support/harness/selection.ts'
import { Stage } from '../support/harness/stage.ts'

/** `all` points; `writes` only, between which the outside does not change, and no timers' notes; or a few for every day. */
const POINTS = process.env.POINTS ?? 'few'
const { JOURNEY: ONLY } = process.env

test('wherever the host is killed, access ends on time, and nothing is lost, left over or recorded twice', async () => {
  const failures = await campaign({
    title: 'kill -9',
    journeys: journeysFor(journeysOf(), { named: ONLY, part: POINTS === 'few' ? 0 : undefined }),
    start: () => Stage.start(),
    casesOf,
    few: POINTS === 'few' ? FEW : undefined,
  })
  expect(failures).toEqual([])
})

function casesOf(journey: Journey, { places }: Run): Case[] {
  return places.flatMap((place) => {
    if (POINTS !== 'all' && (!place.writes || place.what.startsWith('interimLocalHost'))) return []
    const moments = place.isPoll ? (['after'] as const) : (['before', 'after'] as const)
    return moments.flatMap((moment) => {
      const cases = [killed(journey, place, moment, 'insists')]
      if (place.duringCall) cases.push(killed(journey, place, moment, 'gives up'))
      return cases
    })
  })
}

function killed(
  journey: Journey,
  { what, nth }: Place,
  moment: 'before' | 'after',
  attitude: 'insists' | 'gives up',
): Case {
  let hit = false
  return {
    journey,
    name: `killed ${moment} ${what} #${nth}${attitude === 'gives up' ? ' and nobody tries again' : ''}`,
    group: journey.name,
    point: `${moment} ${what} #${nth}`,
    ...(attitude === 'gives up' && { orEnds: ['none', 'TimedOut', 'Expired'] }),
    hit: () => hit,
    // What was running runs again minutes later: by then somebody may have decided of those who were to be reminded, or asked too.
    overtaken: /: PIM: (Reminder: |.* waits, and now for you$)/,
    options: (stage) => ({
      attitude,
      meddler: (placeOf) => ({
        [moment]: (call: Parameters<typeof placeOf>[0]) => {
          const here = placeOf(call)
          if (hit || here.what !== what || here.nth !== nth) return 'pass'
          hit = true
          stage.kill()
          return 'cut'
        },
      }),
    }),
  }
}
