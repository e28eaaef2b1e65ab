import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deliver } from '../../src/activities/deliver.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { administer, createEligibility } from '../../src/api/eligibilities.ts'
import { removeEligibility } from '../../src/api/eligibility-removal.ts'
import { EligibilityAction, NewEligibility } from '../../src/domain/eligibility.ts'
import { endsKey } from '../../src/domain/open-work.ts'
import type { Ports, Workflows } from '../../src/ports.ts'
import { ada, alan, approversGroup, caller, exchange, exchangeRole, grace } from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'
import { dyingAt } from '../support/dying.ts'

const DAY = 86_400_000
const NINE = Date.parse('2030-01-01T09:00:00.000Z')
const after = (days: number) => new Date(NINE + days * DAY)
const forDays = (days: number) => ({ expiration: { type: 'afterDuration', duration: `P${days}D` } })

const make = (w: World, scheduleInfo: object = forDays(365), principalId = ada.id) =>
  createEligibility(
    w.ports,
    caller(alan),
    NewEligibility.parse({ principalId, roleDefinitionId: exchange.id, scheduleInfo }),
  )

async function deliverAll(w: World, ports: Ports = w.ports): Promise<void> {
  const { eligibilityNotices } = w.post
  while (eligibilityNotices[0]) {
    await deliver(ports, eligibilityNotices[0])
    eligibilityNotices.shift() // as a queue: only what was dealt with is gone
  }
}

/** The sweep at this instant, and the post after it. */
async function sweptAt(w: World, at: Date, ports: Ports = w.ports, workflows: Workflows = w.workflows) {
  w.clock.now = at
  const swept = await sweep(ports, workflows)
  await deliverAll(w, ports)
  return swept
}

const told = (w: World) =>
  w.post.mails.map(({ to, subject }) => `${to.displayName.split(' ')[0]}: ${subject.replace(/^PIM: /, '')}`)
const days = async (w: World, from: number, to: number) => {
  for (let day = from; day <= to; day++) await sweptAt(w, after(day))
}

test('a year-long eligibility is warned of twice, ends, is listed for a month and then forgotten, all recorded', async () => {
  const w = world()
  const { id } = await make(w)
  await deliverAll(w)
  await days(w, 1, 400)
  expect(told(w)[0]).toBe('Ada: You are eligible for the Exchange Administrator role') // Alan knows
  expect(told(w).slice(1)).toEqual(
    [
      'eligibility for the Exchange Administrator role ends within 14 days',
      'eligibility for the Exchange Administrator role ends within a day',
      'eligibility for the Exchange Administrator role has ended',
    ].flatMap((what) => [`Ada: Your ${what}`, `Alan: Ada Lovelace's ${what}`]),
  )
  expect(w.steps(id)).toEqual(['added', 'endsIn14Days-0', 'endsIn1Day-0', 'hasEnded-0'])
  expect(w.events.get(`${id}.hasEnded-0`)).toMatchObject({
    activityDisplayName: 'Remove eligible member from role in PIM completed (timebound)',
    initiatedBy: { displayName: 'Interim' },
    activityDateTime: after(365).toISOString(),
  })
  expect([w.eligibilities.size, w.gone.size, w.views.byRole.size, w.views.due.size]).toEqual([0, 1, 0, 0])
  expect([...w.views.indexed.keys()].sort()).toEqual([...w.events.keys()].sort())
})

test('it costs what is due: one look after it was made, and one for each step of its life', async () => {
  const w = world()
  await make(w)
  await make(w, { expiration: { type: 'noExpiration' } }, '11111111-0000-4000-8000-000000000002')
  const looks: number[] = []
  for (let day = 1; day <= 400; day++) looks.push((await sweptAt(w, after(day))).looked)
  const when = looks.flatMap((looked, index) => (looked ? [[index + 1, looked]] : []))
  expect(when).toEqual([
    [1, 2], // both; and the permanent one never again
    [351, 1],
    [364, 1],
    [365, 1],
    [395, 1],
  ])
})

test('one of a group is told to those who administer the role, for its members cannot ask for more', async () => {
  const w = world()
  const group = w.tenant.groups.get(approversGroup)
  if (group) w.tenant.groups.set(approversGroup, { ...group, isAssignableToRole: true })
  await make(w, forDays(20), approversGroup)
  await days(w, 1, 7)
  expect(told(w)).toEqual([
    "Alan: Role Approvers's eligibility for the Exchange Administrator role ends within 14 days",
  ])
  expect(w.post.mails[0]?.text).toContain('Those who administer it may extend it.')
})

test('one that is extended is warned of anew, and of its former end no more', async () => {
  const w = world()
  const { id } = await make(w, forDays(20))
  await days(w, 1, 7)
  const body = { action: 'adminExtend', targetScheduleId: id, scheduleInfo: forDays(100) }
  await administer(w.ports, caller(alan), EligibilityAction.parse(body))
  await deliverAll(w)
  expect(told(w).at(-1)).toMatch(/^Ada: Your eligibility .* now ends at 18 Apr 2030/) // not Alan: he has done it
  w.post.mails.length = 0
  await days(w, 8, 92)
  expect(told(w)).toEqual([])
  await days(w, 93, 137)
  expect(told(w)).toHaveLength(6)
})

test('a warning that leaves too late, when the end has moved or it was taken away, is not sent', async () => {
  for (const meanwhile of ['moved', 'removed']) {
    const w = world()
    const { id } = await make(w, forDays(20))
    w.clock.now = after(1)
    await sweep(w.ports, w.workflows)
    w.clock.now = after(6)
    await sweep(w.ports, w.workflows)
    const [warning] = w.post.eligibilityNotices.splice(0)
    if (!warning) throw new Error('no warning')
    const body = { action: 'adminExtend', targetScheduleId: id, scheduleInfo: forDays(100) }
    if (meanwhile === 'moved') await administer(w.ports, caller(alan), EligibilityAction.parse(body))
    else await removeEligibility(w.ports, caller(alan), id)
    await deliver(w.ports, warning)
    expect(told(w)).toEqual([])
  }
})

describe('wherever a process dies', () => {
  /** A life of 40 days, swept every twelve hours, each time by a process that may die at some call. */
  async function live(deaths: Map<number, { nth: number; when: 'before' | 'after' }>): Promise<World> {
    const w = world()
    const death = (turn: number) => {
      const dies = deaths.get(turn)
      return dies ? dyingAt(w.ports, w.workflows, dies.nth, dies.when) : w
    }
    const maker = death(0)
    await createEligibility(
      maker.ports,
      caller(alan),
      NewEligibility.parse({
        principalId: ada.id,
        roleDefinitionId: exchange.id,
        scheduleInfo: forDays(40),
      }),
    ).catch(() => undefined)
    for (let turn = 1; turn <= 150; turn++) {
      const { ports, workflows } = death(turn)
      await sweptAt(w, after(turn / 2), ports, workflows).catch(() => undefined)
    }
    return w
  }

  test('no warning is lost, none is told twice, and nothing is left to do', async () => {
    const anyDeaths = fc.array(
      fc.tuple(
        // around what happens: made, 14 days and 1 day before the end, at the end, forgotten
        fc.constantFrom(0, 1, 2, 3, 52, 53, 54, 55, 78, 79, 80, 81, 82, 83, 140, 141, 142),
        fc.record({
          nth: fc.integer({ min: 1, max: 20 }),
          when: fc.constantFrom('before' as const, 'after' as const),
        }),
      ),
      { maxLength: 8 },
    )
    /** Of its last day nobody is warned when no sweep of that day comes to anything. */
    const LAST_DAY = [78, 79]
    const deaths = anyDeaths.filter((cuts) => !LAST_DAY.every((turn) => cuts.some(([cut]) => cut === turn)))
    await fc.assert(
      fc.asyncProperty(deaths, async (cuts) => {
        const w = await live(new Map(cuts))
        const events = [...w.events.keys()].map((id) => id.slice(id.indexOf('.') + 1)).sort()
        if (events.length > 0)
          expect(events).toEqual(['added', 'endsIn14Days-0', 'endsIn1Day-0', 'hasEnded-0'])
        // The mail service takes mails of one key for the same mail.
        expect(new Set(w.post.mails.map(({ key }) => key)).size).toBe(events.length > 0 ? 7 : 0)
        expect(new Set(told(w)).size).toBe(events.length > 0 ? 7 : 0)
        expect([...w.views.indexed.keys()].sort()).toEqual([...w.events.keys()].sort())
        expect([w.eligibilities.size, w.views.byRole.size, w.views.due.size]).toEqual([0, 0, 0])
        expect(w.gone.size).toBe(events.length > 0 ? 1 : 0)
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

test('what ends is listed by its end: from a minute after it was made, moved with it, and gone with it', async () => {
  const w = world()
  const ends = async () => w.ports.views.ending(endsKey(exchangeRole), w.ports.now(), after(1000), 10)
  const listed = () => [...w.views.awaiting.values()].filter(({ key }) => key.startsWith('ends-'))
  const { id } = await make(w, forDays(10))
  await make(w, { expiration: { type: 'noExpiration' } }, approversGroup).catch(() => undefined)
  await sweptAt(w, new Date(NINE + 60_000))
  expect(await ends()).toEqual([id])
  await days(w, 1, 3)
  const move = async (days: number) =>
    administer(
      w.ports,
      caller(alan),
      EligibilityAction.parse({ action: 'adminUpdate', targetScheduleId: id, scheduleInfo: forDays(days) }),
    )
  for (const days of [100, 5, 20]) {
    await move(days)
    await sweptAt(w, new Date(w.clock.now.getTime() + 120_000))
    expect(listed()).toHaveLength(1)
    expect(listed()[0]?.key).toContain((await w.ports.store.findEligibility(id))?.value.endDateTime)
  }
  await days(w, 4, 25)
  expect([await ends(), listed()]).toEqual([[], []])
  const { id: other } = await make(w, forDays(100), grace.id)
  await sweptAt(w, after(26))
  await removeEligibility(w.ports, caller(alan), other, null)
  await sweptAt(w, new Date(w.clock.now.getTime() + 120_000))
  expect(listed()).toEqual([])
})
