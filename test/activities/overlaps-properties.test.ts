import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advance } from '../../src/activities/advance.ts'
import { deliver } from '../../src/activities/deliver.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { removeAssignment, updateAssignment } from '../../src/api/assignments.ts'
import { Refused } from '../../src/api/refused.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { isDue } from '../../src/domain/next-step.ts'
import { isOpen, isOurs, type Request } from '../../src/domain/request.ts'
import { type Ports, Unavailable } from '../../src/ports.ts'
import { ada, alan, caller, exchangeRole } from '../fakes/people.ts'
import { lasting, type World, world } from '../fakes/world.ts'
import { faltering } from '../support/faltering.ts'

/**
 * Whatever is assigned, activated, extended, given back and taken away, in whatever order and with whatever the tenant answers:
 * nobody has what no live grant covers, nobody lacks what one covers, and what was there before stays.
 */
type Doing =
  | { do: 'assign'; minutes: number | null; startIn: number }
  | { do: 'activate'; minutes: number; startIn: number }
  | { do: 'follow' }
  | { do: 'extend'; minutes: number }
  | { do: 'remove' | 'prolong'; which: number }
  | { do: 'giveBack' }
  | { do: 'pass'; minutes: number }
  | { do: 'trouble'; call: 'find' | 'add' | 'remove'; what: 'lost' | 'down' }
  | { do: 'runAgain'; which: number }

const minutes = fc.constantFrom(5, 6, 10, 30, 45)
const doing: fc.Arbitrary<Doing> = fc.oneof(
  fc.record({
    do: fc.constant('assign' as const),
    minutes: fc.option(minutes, { freq: 4 }),
    startIn: fc.constantFrom(0, 0, 5, 10),
  }),
  fc.record({ do: fc.constant('activate' as const), minutes, startIn: fc.constantFrom(0, 0, 5, 10) }),
  fc.constant({ do: 'follow' as const }),
  fc.record({ do: fc.constant('extend' as const), minutes }),
  fc.record({ do: fc.constantFrom('remove' as const, 'prolong' as const), which: fc.nat(5) }),
  fc.constant({ do: 'giveBack' as const }),
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.constantFrom(1, 5, 7, 20) }),
  },
  fc.record({
    do: fc.constant('trouble' as const),
    call: fc.constantFrom('find' as const, 'add' as const, 'remove' as const),
    what: fc.constantFrom('lost' as const, 'down' as const),
  }),
  fc.record({ do: fc.constant('runAgain' as const), which: fc.nat(9) }),
)

const given = fc.record({
  doings: fc.array(doing, { minLength: 3, maxLength: 14 }),
  /** How long each call takes, in turns of the event loop: so the steps of several interleave. */
  delays: fc.array(fc.nat(6), { minLength: 1, maxLength: 40 }),
  before: fc.boolean(),
  /** Directory and group assignments get the same id each time they are made; those of Azure do not. */
  sameIds: fc.boolean(),
  lag: fc.constantFrom(0, 0, 30_000),
})
type Given = typeof given extends fc.Arbitrary<infer T> ? T : never

async function live({ doings, delays, before, sameIds, lag }: Given) {
  const w = world()
  await w.makeEligible(ada.id)
  w.tenant.ids.same = sameIds
  if (before) w.tenant.give(ada.id, exchangeRole, 86_400_000)
  w.tenant.lag.millis = lag
  const slow = faltering(w.ports, delays)
  const all = () => [...w.rows.values()].map(({ value }) => value)
  const holds = () => w.tenant.holds(ada.id, exchangeRole)

  /** Everything that is due, all at once, by workflows that know no better than their rows. */
  async function work(): Promise<void> {
    await Promise.all(
      all()
        .filter(isOpen)
        .map((request) => run(slow, request)),
    )
    check()
  }
  function check(): void {
    if (before) expect(holds()).toBe(true)
    for (const request of all())
      if (coversFor(request, w)) expect([request.id, holds()]).toEqual([request.id, true])
  }
  async function pass(minutesLong: number): Promise<void> {
    for (let minute = 0; minute < minutesLong; minute++) {
      w.clock.now = new Date(w.clock.now.getTime() + 60_000)
      await work()
      if (w.clock.now.getMinutes() % 5 === 0) await sweep(slow, w.workflows)
      for (const notice of w.post.notices.splice(0)) await deliver(w.ports, notice)
      check()
    }
  }

  for (const each of doings) {
    if (each.do === 'pass') await pass(each.minutes)
    else if (each.do === 'trouble') w.tenant.next[each.call].push(each.what)
    else if (each.do === 'runAgain') {
      const request = all()[each.which]
      if (request) await run(slow, request)
    } else await act(w, each).catch(onlyRefusals)
    await work()
  }
  for (const calls of Object.values(w.tenant.next)) calls.length = 0
  await pass(20) // what was in trouble has time to come to rest
  return { w, all, holds, pass }
}

const coversFor = (request: Request, w: World) =>
  request.status === 'Provisioned' && isOurs(request) && !isDue(request.endsAt, w.clock.now)

async function run(ports: Ports, { id, turn }: Request): Promise<void> {
  await advance(ports, { requestId: id, turn: turn + 1 }).catch((error) => {
    if (!(error instanceof Unavailable)) throw error
  })
}

function onlyRefusals(error: unknown): void {
  if (!(error instanceof Refused)) throw error
}

async function act(w: World, each: Doing): Promise<unknown> {
  const { ports, workflows, clock } = w
  const later = (startIn: number) =>
    startIn ? new Date(clock.now.getTime() + startIn * 60_000).toISOString() : undefined
  const open = [...w.rows.values()].map(({ value }) => value).filter(isOpen)
  switch (each.do) {
    case 'assign':
      return w.assign(ada.id, {
        scheduleInfo: {
          startDateTime: later(each.startIn),
          expiration:
            each.minutes === null
              ? { type: 'noExpiration' }
              : { type: 'afterDuration', duration: `PT${each.minutes}M` },
        },
      })
    case 'activate':
      return w.ask(lasting(`PT${each.minutes}M`, later(each.startIn)))
    case 'follow': {
      const last = open.filter(({ action }) => action.startsWith('self')).at(-1)
      return last?.endsAt && w.ask(lasting('PT10M', last.endsAt))
    }
    case 'extend':
      return w.ask({
        action: 'selfExtend',
        scheduleInfo: { expiration: { type: 'afterDuration', duration: `PT${each.minutes}M` } },
      })
    case 'giveBack':
      return deactivate(ports, workflows, caller(ada), exchangeRole)
    case 'remove':
    case 'prolong': {
      const target = open[each.which % Math.max(open.length, 1)]
      if (!target) return
      const targetScheduleId = target.id
      if (each.do === 'remove')
        return removeAssignment(ports, workflows, caller(alan), { action: 'adminRemove', targetScheduleId })
      return updateAssignment(ports, workflows, caller(alan), {
        action: 'adminUpdate',
        targetScheduleId,
        justification: 'longer',
        scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT30M' } },
        isValidationOnly: false,
      })
    }
    default:
  }
}

const RUNS = Number(process.env.OVERLAP_RUNS ?? 150)

describe('however grants of one role overlap', () => {
  test('at rest somebody has it exactly if a live grant covers it, or it was there before', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (g) => {
        const { w, all, holds, pass } = await live(g)
        const busy = () =>
          all().some(({ status }) => status === 'PendingRevocation' || status === 'PendingProvisioning')
        for (let more = 0; busy() && more < 10; more++) await pass(1) // the end of one may just have come
        expect(busy()).toBe(false)
        const covered = all().some((request) => coversFor(request, w))
        expect(holds()).toBe(g.before || covered)
      }),
      { numRuns: RUNS },
    )
  }, 120_000)

  test('when all that has an end has ended, only what is for good and what was there before is left', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (g) => {
        const { all, holds, pass } = await live(g)
        await pass(90)
        const forGood = all().some(({ status, endsAt }) => status === 'Provisioned' && endsAt === null)
        expect(
          all()
            .filter(isOpen)
            .every(({ endsAt }) => endsAt === null),
        ).toBe(true)
        expect(holds()).toBe(g.before || forGood)
      }),
      { numRuns: RUNS },
    )
  }, 120_000)
})
