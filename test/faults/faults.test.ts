import { expect, test } from 'vitest'
import { type Case, campaign } from '../support/harness/campaign.ts'
import { type Journey, journeysOf } from '../support/harness/journeys.ts'
import type { Place } from '../support/harness/run.ts'
import { FEW, journeysFor } from '../support/harness/selection.ts'
import { Stage } from '../support/harness/stage.ts'
import { KINDS, type Kind } from './kinds.ts'

/** `all` of them, or a few for every day. */
const FAULTS = process.env.FAULTS ?? 'few'
const { JOURNEY, TARGET, KIND } = process.env
const HOUR = 3_600_000
/** So that an hour's outage fits in: approvals wait two hours, access lasts four. */
const STRETCH = 4

const outcome = (title: string, stretch: number, kinds: [string, Kind][], few?: number) =>
  campaign({
    title,
    journeys: journeysFor(journeysOf(stretch), {
      named: JOURNEY,
      part: FAULTS === 'few' ? 1 : undefined,
    }),
    start: () => Stage.start({ approvalMinutes: 30 * stretch }),
    casesOf: (journey, { places }) => kinds.flatMap(([name, kind]) => casesOf(journey, places, name, kind)),
    few,
  })

const kinds = Object.entries(KINDS).filter(([name]) => !KIND || name.includes(KIND))
const moments = kinds.filter(([, { lasts }]) => !lasts)
const hours = kinds.filter(([, { lasts }]) => lasts)

test.runIf(moments.length > 0)(
  'whatever fails outside, and however, the end is the same and so is the trail',
  async () => {
    expect(await outcome('faults', 1, moments, FAULTS === 'few' ? FEW : undefined)).toEqual([])
  },
)

test.runIf(FAULTS === 'all' && hours.length > 0)('even when it fails for an hour', async () => {
  expect(await outcome('outages', STRETCH, hours)).toEqual([])
})

function casesOf(journey: Journey, places: readonly Place[], name: string, kind: Kind): Case[] {
  return places
    .filter(({ target }) => target !== 'host' && (!TARGET || target.includes(TARGET)))
    .filter(({ target }) => FAULTS === 'all' || isQuick(target, name))
    .filter((place) => kind.at?.(place) ?? true)
    .filter(({ what, nth }) => !/GET query due/.test(what) || nth < 3) // the same empty sweep over and over
    .filter((place, i) => !kind.lasts || isFirstOfItsHour(place, i))
    .map((place) => faulty(journey, place, name, kind))
}

const isDecided = ({ role, end }: Journey) => role === 'approved' && end !== 'TimedOut'

/** Half a minute of patience is for `all`. */
const isQuick = (target: string, kind: string) => target !== 'own storage' && !/never answered/.test(kind)

/** An outage makes no difference between two calls of one step; and each costs a while. */
const isFirstOfItsHour = ({ writes, nth }: Place, i: number) => writes && (nth === 0 || i % 3 === 0)

function faulty(journey: Journey, { what, nth, target }: Place, name: string, kind: Kind): Case {
  let hit = false
  let until: Date | undefined
  const isIt = (here: Place) => !hit && here.what === what && here.nth === nth
  return {
    journey,
    name: `${target}: ${what} #${nth} ${name}`,
    group: `${target} ${name}`,
    point: `${journey.name}: ${what} #${nth}`,
    // Decided on the list before the mail could ask: nobody is asked any more.
    ...(kind.lasts && target === 'mail' && isDecided(journey) && { overtaken: /Review|Reminder/ }),
    hit: () => hit,
    options: (stage) => ({
      meddler: (placeOf) => ({
        before: async (call) => {
          const here = placeOf(call)
          if (until && here.target === target && (await stage.clock()) < until)
            return (await kind.before?.(stage, call)) ?? 'pass'
          if (!kind.before || !isIt(here)) return 'pass'
          hit = true
          if (kind.lasts) stage.outage = until = new Date((await stage.clock()).getTime() + HOUR)
          return kind.before(stage, call)
        },
        after: async (call) => {
          if (!kind.after || !isIt(placeOf(call))) return 'pass'
          const fate = await kind.after(stage, call)
          if (fate) hit = true
          return fate ?? 'pass'
        },
      }),
    }),
  }
}
