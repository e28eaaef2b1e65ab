import { describe, expect, test } from 'vitest'
import { deliver } from '../../src/activities/deliver.ts'
import { errandGivenUp, runErrand } from '../../src/activities/run-errand.ts'
import { sweep } from '../../src/activities/sweep.ts'
import { changeWebhook, removeWebhook } from '../../src/api/webhooks.ts'
import { ada, alan, caller, grace, user } from '../fakes/people.ts'
import { type World, world } from '../fakes/world.ts'
import { DOWN, GONE, hook, NO, OK, runQueue } from '../support/webhooks.ts'

const EVENT = (n: number) => `use-11111111000040008000000000000001-0kabcdefg000000000${n}.used`

/** Something happens: so many events, recorded and told. */
async function happens(w: World, ...numbers: number[]) {
  for (const n of numbers) {
    const [any] = [...w.events.values()]
    const id = EVENT(n)
    const event = {
      ...(any as NonNullable<typeof any>),
      id,
      activityDisplayName: 'Break-glass account concerned' as const,
      correlationId: id.slice(0, id.indexOf('.')),
    }
    await w.ports.store.record([event])
    await w.ports.views.indexEvents([event])
  }
}
const arrived = (w: World) => w.hooks.sent.map(({ id }) => Number(id.at(-6)))
const dead = (w: World) => [...w.hooks.dead.values()].map(({ eventId }) => Number(eventId.at(-6)))
const minutes = (w: World, n: number) => w.at(new Date(w.clock.now.getTime() + n * 60_000).toISOString())
const only = { filter: { activities: ['Break-glass*'] } }
const activities = (w: World) => [...w.events.values()].map((event) => event.activityDisplayName)
/** Time passes, and the sweep comes every five minutes. */
async function pass(w: World, n: number) {
  for (let left = n; left > 0; left -= 5) {
    minutes(w, 5)
    expect(await sweep(w.ports, w.workflows)).toMatchObject({ failed: 0 })
    await runQueue(w)
  }
}

describe('an event', () => {
  test('is handed to each webhook that wants it, once, and to no other', async () => {
    const w = world()
    const [a, b] = [await hook(w, only), await hook(w, { name: 'All' })]
    await hook(w, { filter: { activities: ['Add member*'] } })
    await hook(w, { state: 'disabled' })
    await happens(w, 1)
    expect(w.hooks.queue.map(({ webhookId }) => webhookId).sort()).toEqual([a.id, b.id].sort())
    const [event] = [...w.views.indexed.values()].filter(({ id }) => id === EVENT(1))
    await w.ports.views.indexEvents(event ? [event] : [])
    expect(w.hooks.queue).toHaveLength(2)
    await runQueue(w)
    expect(w.hooks.sent).toHaveLength(2)
    expect(w.hooks.sent[0]).toMatchObject({ url: 'https://siem.example/in', id: EVENT(1) })
  })

  test('costs nothing where nobody wants to hear of it', async () => {
    const w = world()
    await hook(w, { filter: { activities: ['Add webhook'] } })
    let looks = 0
    const { indexed } = w.views.views
    w.views.views.indexed = (events) => {
      looks++
      return indexed(events)
    }
    await happens(w, 1)
    expect([looks, w.hooks.queue.length]).toEqual([0, 0])
  })

  test('of an activation arrives as it is in the trail, once, however often its mail is tried', async () => {
    const w = world()
    await hook(w, { filter: { activities: ['Add member to role*'] } })
    await w.makeEligible(ada.id)
    await w.approvalBy(user(grace.id))
    w.post.undeliverable.add(grace.mail as string)
    const { id } = await w.ask()
    const [notice] = w.post.notices
    for (let tries = 0; tries < 3; tries++)
      await expect(deliver(w.ports, notice as NonNullable<typeof notice>)).rejects.toThrow('None of 1 mails')
    await runQueue(w)
    const trail = await w.ports.store.eventsOf(id)
    expect(trail).toHaveLength(2)
    const arrivals = w.hooks.sent.map(({ body }) => JSON.parse(body).data)
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id)
    expect(arrivals.sort(byId)).toEqual(trail.sort(byId))
  })
})

describe('a webhook that works', () => {
  test('costs no write for each delivery', async () => {
    const w = world()
    await hook(w, only)
    await happens(w, 1)
    await runQueue(w)
    const [health] = [...w.hooks.healths.values()]
    expect(health?.value.lastSuccess).toBe(w.clock.now.toISOString())
    minutes(w, 30)
    await happens(w, 2, 3)
    await runQueue(w)
    expect([...w.hooks.healths.values()]).toEqual([health])
    expect([arrived(w), w.hooks.parcels.size, w.views.due.size]).toEqual([[1, 2, 3], 0, w.views.due.size])
  })
})

describe('a webhook that does not answer', () => {
  test('is left alone for a while; then all that waited arrives, the oldest first', async () => {
    const w = world()
    const { id } = await hook(w, only)
    w.hooks.world.answer = () => DOWN
    await happens(w, 1)
    await runQueue(w)
    await happens(w, 2, 3, 4)
    await runQueue(w)
    expect(arrived(w)).toEqual([1])
    expect(w.hooks.queue.map(({ eventId, afterMillis }) => [eventId, afterMillis])).toEqual([[null, 31_000]])
    w.hooks.world.answer = () => OK
    await pass(w, 10)
    expect(arrived(w)[0]).toBe(1)
    expect(arrived(w).slice(1).sort()).toEqual([1, 2, 3, 4])
    expect([w.hooks.parcels.size, w.hooks.dead.size]).toEqual([0, 0])
    expect(w.hooks.healths.get(id)?.value).toMatchObject({ consecutiveFailures: 0, notBefore: null })
    await pass(w, 10)
    expect([...w.views.due.values()].filter(({ subjectId }) => subjectId === id)).toEqual([])
  })

  test('for two days costs some fifty attempts, however much waits, and loses nothing', async () => {
    const w = world()
    await hook(w, only)
    w.hooks.world.answer = () => DOWN
    await happens(w, 1, 2, 3, 4, 5, 6, 7, 8)
    await runQueue(w)
    await pass(w, 48 * 60)
    expect(w.hooks.sent.length).toBeGreaterThan(40)
    expect(w.hooks.sent.length).toBeLessThan(60)
    w.hooks.sent.length = 0
    w.hooks.world.answer = () => OK
    await pass(w, 70)
    expect(arrived(w).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('for more than three days has dead letters, of which the trail and the log tell once', async () => {
    const w = world()
    await hook(w, only)
    w.hooks.world.answer = () => DOWN
    await happens(w, 1, 2, 3)
    await runQueue(w)
    await pass(w, 74 * 60)
    expect(dead(w).sort()).toEqual([1, 2, 3])
    expect(w.hooks.parcels.size).toBe(0)
    expect(activities(w).filter((activity) => activity === 'Webhook deliveries given up')).toHaveLength(1)
    expect(w.logged.filter(({ level }) => level === 'error')).toHaveLength(1)
  })

  test('keeps no other waiting', async () => {
    const w = world()
    const broken = await hook(w, only)
    await hook(w, only)
    w.hooks.world.answer = ({ webhookId }) => (webhookId === broken.id ? DOWN : OK)
    await happens(w, 1, 2, 3)
    await runQueue(w)
    const well = w.hooks.sent.filter(({ webhookId }) => webhookId !== broken.id)
    expect(well).toHaveLength(3)
    expect(w.hooks.parcels.size).toBe(3)
  })

  test('and asks for time gets it', async () => {
    const w = world()
    await hook(w, only)
    w.hooks.world.answer = () => ({ ...DOWN, retryAfterSeconds: 3600 })
    await happens(w, 1)
    await runQueue(w)
    await pass(w, 55)
    expect(w.hooks.sent).toHaveLength(1)
    await pass(w, 10)
    expect(w.hooks.sent).toHaveLength(2)
  })

  test('for one event only holds the others up for seconds', async () => {
    const w = world()
    await hook(w, only)
    w.hooks.world.answer = ({ id }) => (id === EVENT(1) ? DOWN : OK)
    await happens(w, 1, 2)
    await runQueue(w)
    minutes(w, 1)
    await happens(w, 3)
    await runQueue(w)
    await pass(w, 60)
    await happens(w, 4)
    await pass(w, 10)
    const others = arrived(w).filter((n) => n !== 1)
    expect(others.sort()).toEqual([2, 3, 4])
    expect(arrived(w).filter((n) => n === 1).length).toBeGreaterThan(3)
  })
})

test('what an endpoint does not want is offered four times, and others go on', async () => {
  const w = world()
  await hook(w, only)
  w.hooks.world.answer = ({ id }) => (id === EVENT(1) ? NO : OK)
  await happens(w, 1, 2)
  await runQueue(w)
  expect(arrived(w)).toEqual([1, 2])
  await pass(w, 60)
  expect([arrived(w), dead(w)]).toEqual([[1, 2, 1, 1, 1], [1]])
})

describe('an endpoint that wants nothing more', () => {
  test('disables its webhook; the trail says why, and what was for it are dead letters', async () => {
    const w = world()
    const { id } = await hook(w, only)
    w.hooks.world.answer = () => GONE
    await happens(w, 1, 2)
    await runQueue(w)
    expect(w.hooks.rows.get(id)?.value).toMatchObject({ state: 'disabled', disabledReason: 'Answered 410.' })
    expect(w.hooks.sent).toHaveLength(1)
    expect(dead(w).sort()).toEqual([1, 2])
    expect(activities(w)).toContain('Disable webhook')
    await happens(w, 3)
    expect(w.hooks.queue).toEqual([])
  })

  test('with much that waits for it does so too', async () => {
    const w = world()
    await hook(w, only)
    w.hooks.world.answer = () => DOWN
    await happens(w, 1)
    await runQueue(w)
    await happens(w, 2, 3)
    w.hooks.world.answer = () => GONE
    await runQueue(w)
    await pass(w, 10)
    expect([w.hooks.sent.length, dead(w).sort(), w.hooks.parcels.size]).toEqual([2, [1, 2, 3], 0])
  })
})

describe('what is under way', () => {
  test('when a webhook is removed is forgotten, and nothing of it stays on a list', async () => {
    const w = world()
    const { id } = await hook(w, only)
    w.hooks.world.answer = () => DOWN
    await happens(w, 1, 2, 3)
    await runQueue(w)
    await removeWebhook(w.ports, caller(alan), id)
    await pass(w, 15)
    expect([w.hooks.parcels.size, w.hooks.dead.size, w.hooks.sent.length]).toEqual([0, 0, 1])
    expect([...w.views.due.values()]).toEqual([])
    await runErrand(w.ports, { webhookId: id, eventId: EVENT(1) })
  })

  test('when a webhook is disabled is a dead letter', async () => {
    const w = world()
    const { id } = await hook(w, only)
    await happens(w, 1)
    await changeWebhook(w.ports, caller(alan), id, { state: 'disabled' })
    await runQueue(w)
    expect([arrived(w), dead(w)]).toEqual([[], [1]])
  })

  test('while too much is on its way to the same waits a little', async () => {
    const w = world()
    await hook(w, only)
    w.hooks.world.answer = () => ({ verdict: 'busy', reason: 'Too many.' })
    await happens(w, 1)
    await w.hooks.queue
      .splice(0)
      .reduce((all, each) => all.then(() => runErrand(w.ports, each)), Promise.resolve())
    expect(w.hooks.healths.size).toBe(0)
    w.hooks.world.answer = () => OK
    await runQueue(w)
    expect([arrived(w), w.hooks.parcels.size]).toEqual([[1, 1], 0])
  })

  test('and given up by the queue itself is a dead letter', async () => {
    const w = world()
    const { id } = await hook(w, only)
    await errandGivenUp(w.ports, { webhookId: id, eventId: EVENT(1) })
    await errandGivenUp(w.ports, { webhookId: id, eventId: null })
    expect(dead(w)).toEqual([1])
  })
})

test('two that send what waits at the same instant send each once', async () => {
  const w = world()
  const { id } = await hook(w, only)
  w.hooks.world.answer = () => DOWN
  await happens(w, 1)
  await runQueue(w)
  await happens(w, 2, 3)
  await runQueue(w)
  w.hooks.sent.length = 0
  w.hooks.world.answer = () => OK
  minutes(w, 5)
  await Promise.all([1, 2, 3].map(() => runErrand(w.ports, { webhookId: id, eventId: null })))
  expect(arrived(w).sort()).toEqual([1, 2, 3])
})

test('what is sealed with an older key is sealed anew at the next delivery, without a line in the trail', async () => {
  const w = world()
  const { id } = await hook(w, only)
  const { open, seal } = w.ports.courier
  w.ports.courier.open = async (sealed) => {
    const opened = await open(sealed.replace('new:', ''))
    return opened && { ...opened, isCurrent: sealed.startsWith('new:') }
  }
  w.ports.courier.seal = async (target) => `new:${await seal(target)}`
  const before = w.hooks.rows.get(id)?.value
  await happens(w, 1, 2)
  const events = w.events.size
  await runQueue(w)
  expect(w.hooks.rows.get(id)?.value).toEqual({ ...before, target: `new:${before?.target}` })
  expect([arrived(w), w.events.size]).toEqual([[1, 2], events])
})

test('a secret that nobody can open any more makes dead letters that say so', async () => {
  const w = world()
  const { id } = await hook(w, only)
  const row = w.hooks.rows.get(id)
  if (row) row.value.target = 'lost'
  await happens(w, 1)
  await runQueue(w)
  await pass(w, 60)
  expect([...w.hooks.dead.values()][0]?.reason).toContain('LINK_SIGNING_KEYS')
})
