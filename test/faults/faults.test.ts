import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Call } from '../support/harness/call.ts'
import { type Case, campaign, reference, summary } from '../support/harness/campaign.ts'
import { type Journey, journeysOf } from '../support/harness/journeys.ts'
import type { Fate } from '../support/harness/proxy.ts'
import type { Place, Run } from '../support/harness/run.ts'
import { Stage } from '../support/harness/stage.ts'

/** `all` of them, or a few for every day. */
const FAULTS = process.env.FAULTS ?? 'few'
const { JOURNEY, TARGET, KIND, PLACE } = process.env
const FEW = 8
const MINUTE = 60_000
/** So that an hour's outage fits in: approvals wait two hours, access lasts four. */
const STRETCH = 4

const stages: Stage[] = []
const told = new Map<Journey, Run>()
const chosen = journeysOf(STRETCH).filter(({ name }) => !JOURNEY || name.includes(JOURNEY))

beforeAll(async () => {
  const start = () => Stage.start({ approvalMinutes: 30 * STRETCH })
  stages.push(await start())
  if (FAULTS !== 'few') stages.push(await start())
})
afterAll(() => Promise.all(stages.map((stage) => stage.stop())))

test('whatever fails outside, and however, the end is the same and so is the trail', async () => {
  for (const journey of chosen) told.set(journey, await reference(stages[0] as Stage, journey))
  const cases = chosen.flatMap((journey) => casesOf(journey, (told.get(journey) as Run).places))
  const named = cases.filter(({ name }) => !PLACE || new RegExp(PLACE).test(name))
  const selected = FAULTS === 'few' ? spread(named.filter(isQuick), FEW) : named
  const outcome = await campaign('faults', stages, selected, told)
  process.stderr.write(`${summary(`${selected.length} faults in ${chosen.length} journeys`, outcome)}\n`)
  expect(outcome.failures).toEqual([])
})

type Kind = {
  /** Where it makes sense. */
  at?: (place: Place) => boolean
  before?: (stage: Stage, call: Call) => Fate | Promise<Fate>
  after?: (stage: Stage, call: Call) => Fate | Promise<Fate>
  /** Goes on for calls to the same service, for an hour. */
  lasts?: true
}

const refusal =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  (): Fate => ({
    status,
    headers,
    body: JSON.stringify({
      error: { code, message: 'This fault was ordered.' },
      'odata.error': { code, message: { value: 'ordered' } },
    }),
  })

const REFUSED_TOKEN = refusal(401, 'InvalidAuthenticationToken')
const REFUSED_KEY = refusal(403, 'AuthenticationFailed')

const KINDS: Record<string, Kind> = {
  'is answered 429': { before: refusal(429, 'TooManyRequests') },
  'is answered 429 with Retry-After': { before: refusal(429, 'TooManyRequests', { 'Retry-After': '1' }) },
  'is answered 500': { before: refusal(500, 'InternalServerError') },
  'is answered 503 for an hour, as all others there': {
    before: refusal(503, 'ServiceUnavailable'),
    lasts: true,
  },
  'is cut off before it is done': { before: () => 'cut' },
  'is cut off after it is done': { at: ({ writes }) => writes, after: () => 'cut' },
  'is answered late': {
    after: async () => {
      await new Promise((wake) => setTimeout(wake, 300))
      return 'pass' as const
    },
  },
  'is cut off, and done a minute later': {
    at: ({ writes }) => writes,
    before: async (stage, call) => {
      stage.late.push({ at: new Date((await stage.clock()).getTime() + MINUTE), call })
      return 'cut' as const
    },
  },
  'has its token refused': {
    before: (_, { target }) => (target === 'own storage' ? REFUSED_KEY() : REFUSED_TOKEN()),
  },
}

/** A minute of retries is for `all`. */
const isQuick = ({ name }: Case) => !/own storage|hour/.test(name)

function casesOf(journey: Journey, places: readonly Place[]): Case[] {
  return Object.entries(KINDS)
    .filter(([name]) => !KIND || name.includes(KIND))
    .flatMap(([name, kind]) =>
      places
        .filter(({ target }) => target !== 'host' && (!TARGET || target.includes(TARGET)))
        .filter((place) => kind.at?.(place) ?? true)
        .filter(({ what, nth }) => !/GET query due/.test(what) || nth < 3) // the same empty sweep over and over
        .filter((place, i) => !kind.lasts || isFirstOfItsHour(place, i))
        .map((place) => faulty(journey, place, name, kind)),
    )
}

/** An outage makes no difference between two calls of one step; and each costs a while. */
const isFirstOfItsHour = ({ writes, nth }: Place, i: number) => writes && (nth === 0 || i % 3 === 0)

function faulty(journey: Journey, { what, nth, target }: Place, name: string, kind: Kind): Case {
  let hit = false
  let until: Date | undefined
  const isIt = (here: Place) => !hit && here.what === what && here.nth === nth
  return {
    journey,
    name: `${target}: ${what} #${nth} ${name}`,
    hit: () => hit,
    options: (stage) => ({
      meddler: (placeOf) => ({
        before: async (call) => {
          const here = placeOf(call)
          if (until && here.target === target && (await stage.clock()) < until)
            return (await kind.before?.(stage, call)) ?? 'pass'
          if (!kind.before || !isIt(here)) return 'pass'
          hit = true
          if (kind.lasts) stage.outage = until = new Date((await stage.clock()).getTime() + 60 * MINUTE)
          return kind.before(stage, call)
        },
        after: async (call) => {
          if (!kind.after || !isIt(placeOf(call))) return 'pass'
          hit = true
          return kind.after(stage, call)
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
