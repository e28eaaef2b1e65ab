import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Case, campaign, reference, summary } from '../support/harness/campaign.ts'
import { type Journey, journeysOf } from '../support/harness/journeys.ts'
import type { Place, Run } from '../support/harness/run.ts'
import { Stage } from '../support/harness/stage.ts'

/** `all` points; `writes` only, between which the outside does not change, and no timers' notes; or a few for every day. */
const POINTS = process.env.POINTS ?? 'few'
const { JOURNEY: ONLY, PLACE } = process.env
const FEW = 10

const stages: Stage[] = []
const told = new Map<Journey, Run>()
const chosen = journeysOf().filter(({ name }) => !ONLY || name.includes(ONLY))

beforeAll(async () => {
  stages.push(await Stage.start())
  if (POINTS !== 'few') stages.push(await Stage.start())
})
afterAll(() => Promise.all(stages.map((stage) => stage.stop())))

test('wherever the host is killed, access ends on time, and nothing is lost, left over or recorded twice', async () => {
  for (const journey of chosen) told.set(journey, await reference(stages[0] as Stage, journey))
  const cases = chosen.flatMap((journey) => casesOf(journey, (told.get(journey) as Run).places))
  const named = cases.filter(({ name }) => !PLACE || new RegExp(PLACE).test(name))
  const selected = POINTS === 'few' ? spread(named, FEW) : named
  const outcome = await campaign('kill -9', stages, selected, told)
  const points = new Set(selected.map(({ journey, name }) => `${journey.name} ${name.replace(/ and.*/, '')}`))
    .size
  process.stderr.write(`${summary(`kill -9 at ${points} points of ${chosen.length} journeys`, outcome)}\n`)
  expect(outcome.failures).toEqual([])
})

function casesOf(journey: Journey, places: readonly Place[]): Case[] {
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
    ...(attitude === 'gives up' && { orEnds: ['none', 'TimedOut', 'Expired'] }),
    hit: () => hit,
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

/** So many of them, from the first to the last. */
function spread<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, (all.length - 1) / (count - 1))
  return [...new Set(Array.from({ length: count }, (_, i) => all[Math.round(i * step)] as T))].filter(Boolean)
}
