import { type Call, isEmptyPoll, isPoll } from './call.ts'
import type { Journey, Story } from './journeys.ts'
import type { Meddler } from './proxy.ts'
import type { Stage } from './stage.ts'
import { type Findings, verify } from './verify.ts'

const MINUTE = 60_000
const SWEEP_PERIOD = 5 * MINUTE
const LONGEST_RETRY = 15 * MINUTE

/** A call of a journey by what it does and how often that had been done before: the same in every run. */
export type Place = {
  what: string
  nth: number
  target: Call['target']
  writes: boolean
  /** The host looked into a queue: nobody knows before the answer whether this will be a step. */
  isPoll: boolean
  /** Somebody was waiting for an answer. */
  duringCall: boolean
}

export type Run = Findings & {
  /** The calls in their order, polls that found nothing left out. */
  places: Place[]
  begun: Date
}

export type RunOptions = {
  attitude?: Story['attitude']
  /** Stands between the host and the outside from the first step to the end of the last. */
  meddler?: (place: (call: Call) => Place) => Meddler
  /** After the steps: nobody meddles any more. */
  afterSteps?: (story: Story) => Promise<void>
  beforeSteps?: (story: Story) => Promise<void>
}

/** Tells one story to its end, with somebody meddling, and looks at what is left. */
export async function run(stage: Stage, journey: Journey, options: RunOptions = {}): Promise<Run> {
  const person = await stage.newcomer(journey.role)
  await fetch(`${stage.tenant.url}/mailbox`, { method: 'DELETE' })
  const story: Story = {
    stage,
    journey,
    person,
    begun: await stage.now(),
    attitude: options.attitude ?? 'insists',
    approvedAfter: null,
    requestId: undefined,
    isAsking: false,
    isGone: false,
  }
  if (journey.isTold) await stage.subscribe()
  const seen = new Map<string, number>()
  const placed = new Map<number, Place>()
  const place = (call: Call): Place => {
    const known = placed.get(call.n)
    if (known) return known
    const nth = seen.get(call.what) ?? 0
    seen.set(call.what, nth + 1)
    const { what, target, writes } = call
    const made = { what, nth, target, writes, isPoll: isPoll(call), duringCall: story.isAsking }
    placed.set(call.n, made)
    return made
  }
  const from = stage.proxy.calls.length
  const { before, after } = options.meddler?.(place) ?? {}
  stage.proxy.meddler = {
    before: (call) => {
      if (isPoll(call)) return 'pass' // whether it finds something, its answer will tell
      place(call)
      return before?.(call) ?? 'pass'
    },
    after: (call) => {
      if (isEmptyPoll(call)) return 'pass'
      place(call)
      return after?.(call) ?? 'pass'
    },
  }
  const wrong: string[] = []
  try {
    await options.beforeSteps?.(story)
    for (const step of journey.steps) {
      await step(story)
      await stage.idle()
    }
    await options.afterSteps?.(story)
    wrong.push(...(await untilTheEnd(story)))
  } catch (error) {
    wrong.push(`The story broke off: ${error instanceof Error ? error.message : error}`)
  } finally {
    stage.proxy.meddler = {}
    await stage.tenant.lag({ ms: 0 })
  }
  if (stage.isDead) await stage.revive()
  const calls = stage.proxy.calls.slice(from)
  const findings = await verify(story).catch((error) => ({
    wrong: [`Looking at it failed: ${error}`],
    status: '?',
    failure: '',
    requests: 0,
    mails: [],
  }))
  if (journey.isTold) await stage.unsubscribe()
  stage.proxy.calls.length = 0
  return {
    ...findings,
    wrong: [...wrong, ...findings.wrong],
    begun: story.begun,
    places: calls.flatMap(({ n }) => placed.get(n) ?? []),
  }
}

/** On to the end of the access, one sweep more, and then until nothing can be left to do. */
async function untilTheEnd(story: Story): Promise<string[]> {
  const { stage, person, journey, begun } = story
  const wrong: string[] = []
  const rows = await stage.rows('InterimTruth', person.id)
  const open = rows.filter(({ rowKey }) => rowKey.startsWith('live|req')).map(({ doc }) => JSON.parse(doc))
  /** Of several that overlap, the last end is the end of the access. */
  const end = Math.max(...open.flatMap(({ endsAt }) => (endsAt ? [Date.parse(endsAt)] : [])))
  if (Number.isFinite(end)) {
    await stage.moveTo(new Date(end + SWEEP_PERIOD))
    // Nothing can be taken from a tenant that is away; it is tried every quarter of an hour at least.
    if (stage.outage) await stage.moveTo(new Date(stage.outage.getTime() + LONGEST_RETRY + SWEEP_PERIOD))
    await stage.idle()
    if (await stage.holds(person.id, journey.role))
      wrong.push('The role is held longer than one sweep after its end.')
  }
  await stage.moveTo(new Date(begun.getTime() + journey.overAfter * MINUTE))
  await stage.moveTo(new Date((await stage.now()).getTime() + 3 * SWEEP_PERIOD))
  await stage.idle()
  return wrong
}
