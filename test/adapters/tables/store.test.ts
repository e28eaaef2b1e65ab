import { describe, expect, test } from 'vitest'
import type { Eligibility } from '../../../src/domain/eligibility.ts'
import type { Request } from '../../../src/domain/request.ts'
import { event } from '../../../src/domain/request-steps.ts'
import type { Store, Stored } from '../../../src/ports.ts'
import { exchangeRole, helpdeskRole, mallory } from '../../fakes/people.ts'
import { BOTH, eligibilityOf, over, requestOf } from './both.ts'

const stepOf = (request: Request, name = 'requested', at = request.createdDateTime) => ({
  request,
  events: [event(request, name, 'Add member to role requested (PIM activation)', request.principal, at)],
})

describe.each(BOTH)('the truth %s', (_name, make) => {
  test('a request that was opened is found, with its events', async () => {
    const { store } = make()
    const request = requestOf()
    expect(await store.openRequest(stepOf(request))).toBe(true)
    expect((await store.findRequest(request.id))?.value).toEqual(request)
    expect((await store.readLive(request.principal.id)).requests.map(({ value }) => value)).toEqual([request])
    expect((await store.eventsOf(request.id)).map(({ id }) => id)).toEqual([`${request.id}.requested`])
  })

  test('however much happens to one, all of it is found, the earliest first', async () => {
    const { store } = make()
    const request = requestOf()
    await store.openRequest(stepOf(request))
    const later = Array.from({ length: 130 }, (_, n) => {
      const at = new Date(Date.parse('2031-01-01T00:00:00Z') - n * 3_600_000).toISOString()
      return stepOf(request, `rescheduled-${n}`, at).events
    })
    await store.record(later.flat())
    const times = (await store.eventsOf(request.id)).map(({ activityDateTime }) => activityDateTime)
    expect(times).toHaveLength(131)
    expect(times).toEqual([...times].sort())
  })

  test('when what we had given of a role was last over is known, whatever has ended since', async () => {
    const { store } = make()
    const { id } = requestOf().principal
    const end = async (request: Request, given: 'given' | 'not given') => {
      const grant = { preExisting: given === 'given' ? null : 'theirs' } as Request['grant']
      await store.openRequest(stepOf({ ...request, grant }))
      const read = (await store.findRequest(request.id)) as Stored<Request>
      await store.writeRequest(read, stepOf({ ...over(request), grant }, 'ended'))
      return over(request).completedDateTime
    }
    expect(await store.lastEnded(id, exchangeRole)).toBeUndefined()
    await end(requestOf(), 'not given')
    expect(await store.lastEnded(id, exchangeRole)).toBeUndefined()
    const ended = await end(requestOf(), 'given')
    for (let n = 0; n < 15; n++) await end(requestOf(helpdeskRole), 'not given')
    expect(await store.lastEnded(id, exchangeRole)).toBe(ended)
    expect(await store.lastEnded(id, helpdeskRole)).toBeUndefined()
    expect(await store.lastEnded(mallory.id, exchangeRole)).toBeUndefined()
  })

  test('of two for one role at one instant exactly one is opened, and of the other nothing is left', async () => {
    const { store } = make()
    const [a, b] = [requestOf(), requestOf()]
    const opened = await Promise.all([store.openRequest(stepOf(a)), store.openRequest(stepOf(b))])
    expect([...opened].sort()).toEqual([false, true])
    const lost = opened[0] ? b : a
    expect(await store.findRequest(lost.id)).toBeUndefined()
    expect(await store.eventsOf(lost.id)).toEqual([])
  })

  test('another role, another scope, another person: each may be open at once', async () => {
    const { store } = make()
    const unit = '/administrativeUnits/44444444-0000-4000-8000-000000000001'
    for (const request of [
      requestOf(),
      requestOf(helpdeskRole),
      requestOf({ scope: unit }),
      requestOf({}, mallory.id),
    ])
      expect(await store.openRequest(stepOf(request))).toBe(true)
  })

  test('the guard does not mind the case of a scope', async () => {
    const { store } = make()
    const scope = '/administrativeUnits/AAAAAAAA-0000-4000-8000-000000000001'
    expect(await store.openRequest(stepOf(requestOf({ scope })))).toBe(true)
    expect(await store.openRequest(stepOf(requestOf({ scope: scope.toLowerCase() })))).toBe(false)
  })

  test('the very same request opened again, by whoever did not hear the answer, is opened once', async () => {
    const { store } = make()
    const step = stepOf(requestOf())
    expect(await store.openRequest(step)).toBe(true)
    expect(await store.openRequest(step)).toBe(true)
    expect((await store.findRequest(step.request.id))?.value).toEqual(step.request)
  })

  test('of much that has happened nothing is forgotten', async () => {
    const { store } = make()
    const request = requestOf()
    await store.openRequest(stepOf(request))
    for (let n = 0; n < 120; n += 30) {
      const events = Array.from({ length: 30 }, (_, each) => stepOf(request, `looked-${n + each}`).events)
      const read = await store.findRequest(request.id)
      if (!read) throw new Error('not found')
      await store.writeRequest(read, { request: { ...request, turn: n + 2 }, events: events.flat() })
    }
    expect(await store.eventsOf(request.id)).toHaveLength(121)
  })

  test('of two changes to what was read as one exactly one is made, with its event', async () => {
    const { store } = make()
    const request = requestOf()
    await store.openRequest(stepOf(request))
    const read = await store.findRequest(request.id)
    if (!read) throw new Error('not found')
    const change = (turn: number) => store.writeRequest(read, stepOf({ ...request, turn }, `turned-${turn}`))
    const written = await Promise.all([change(2), change(3)])
    expect(written.filter(Boolean)).toHaveLength(1)
    const won = written[0] ? 2 : 3
    expect((await store.findRequest(request.id))?.value.turn).toBe(won)
    expect((await store.eventsOf(request.id)).map(({ id }) => id.split('.')[1]).sort()).toEqual([
      'requested',
      `turned-${won}`,
    ])
  })

  test('a change under a lock of long ago writes nothing, and what it returns locks the next', async () => {
    const { store } = make()
    const request = requestOf()
    await store.openRequest(stepOf(request))
    const first = await store.findRequest(request.id)
    if (!first) throw new Error('not found')
    const second = await store.writeRequest(first, { request: { ...request, turn: 2 }, events: [] })
    if (!second) throw new Error('not written')
    const third = await store.writeRequest(second, { request: { ...request, turn: 3 }, events: [] })
    expect(third?.value.turn).toBe(3)
    expect(await store.writeRequest(first, stepOf(over(request), 'ended'))).toBeUndefined()
    expect((await store.findRequest(request.id))?.value.turn).toBe(3)
    expect(await store.openRequest(stepOf(requestOf()))).toBe(false) // the guard stands
    expect(await store.listPastRequests(request.principal.id, { top: 10, after: null })).toEqual({
      items: [],
      next: null,
    })
  })

  test('closing frees the guard and moves the request to the past, where it is found again', async () => {
    const { store } = make()
    const request = requestOf()
    await store.openRequest(stepOf(request))
    const read = await store.findRequest(request.id)
    if (!read) throw new Error('not found')
    expect(await store.writeRequest(read, stepOf(over(request), 'ended'))).toBeDefined()
    expect((await store.readLive(request.principal.id)).requests).toEqual([])
    expect((await store.findRequest(request.id))?.value.status).toBe('Expired')
    const past = await store.listPastRequests(request.principal.id, { top: 10, after: null })
    expect(past.items.map(({ id }) => id)).toEqual([request.id])
    expect(await store.openRequest(stepOf(requestOf()))).toBe(true)

    await store.tidyRequest(request.id)
    await store.tidyRequest(request.id)
    expect((await store.findRequest(request.id))?.value.status).toBe('Expired')
    expect((await store.eventsOf(request.id)).map(({ id }) => id.split('.')[1])).toEqual(
      expect.arrayContaining(['requested', 'ended']),
    )
  })

  test('a request that is over can still be added to, before it is tidied and after', async () => {
    const { store } = make()
    const request = requestOf()
    await store.openRequest(stepOf(request))
    const open = await store.findRequest(request.id)
    if (!open) throw new Error('not found')
    await store.writeRequest(open, stepOf(over(request), 'ended', '2030-01-01T11:00:00.000Z'))
    for (const name of ['verified-1', 'verified-2']) {
      const read = await store.findRequest(request.id)
      if (!read) throw new Error('not found')
      expect(
        await store.writeRequest(read, stepOf(read.value, name, '2030-01-01T12:00:00.000Z')),
      ).toBeDefined()
      await store.tidyRequest(request.id)
    }
    expect((await store.eventsOf(request.id)).map(({ id }) => id.split('.')[1])).toEqual([
      'requested',
      'ended',
      'verified-1',
      'verified-2',
    ])
  })

  test('the past is listed the newest first, page by page, and only one person’s', async () => {
    const { store } = make()
    const ids: string[] = []
    for (let day = 1; day <= 5; day++) {
      const request = requestOf({}, undefined, `2030-01-0${day}T09:00:00.000Z`)
      await store.openRequest(stepOf(request))
      const read = await store.findRequest(request.id)
      if (read) await store.writeRequest(read, { request: over(request), events: [] })
      ids.unshift(request.id)
    }
    await store.openRequest(stepOf(requestOf({}, mallory.id)))
    const seen: string[] = []
    let after: string | null = null
    let pages = 0
    do {
      const page = await store.listPastRequests(requestOf().principal.id, { top: 2, after })
      seen.push(...page.items.map(({ id }) => id))
      after = page.next
      pages++
    } while (after !== null && pages < 10)
    expect(seen).toEqual(ids)
    expect(pages).toBe(3)
  })

  test('events come in their order, however they were written', async () => {
    const { store } = make()
    const request = requestOf()
    await store.openRequest({
      request,
      events: [
        ...stepOf(request, 'b-last', '2030-01-01T12:00:00.000Z').events,
        ...stepOf(request, 'z-first', '2030-01-01T09:00:00.000Z').events,
        ...stepOf(request, 'a-middle', '2030-01-01T10:00:00.000Z').events,
      ],
    })
    expect((await store.eventsOf(request.id)).map(({ id }) => id.split('.')[1])).toEqual([
      'z-first',
      'a-middle',
      'b-last',
    ])
  })

  test('an eligibility added twice is there once, and removed twice was there once', async () => {
    const { store } = make()
    const eligibility = eligibilityOf()
    const events = (name: string) => stepOf({ ...requestOf(), id: eligibility.id }, name).events
    await store.addEligibility(eligibility, events('added'), () => undefined)
    await store.addEligibility(eligibility, events('added'), () => undefined)
    expect((await store.readLive(eligibility.principalId)).eligibilities).toEqual([eligibility])
    const read = await store.findEligibility(eligibility.id)
    if (!read) throw new Error('not found')
    expect(read.value).toEqual(eligibility)
    const gone = (name: string) => ({ eligibility, events: events(name), isGone: true })
    expect(await store.changeEligibility(read, gone('removed'))).toBe(true)
    expect(await store.changeEligibility(read, gone('removed-again'))).toBe(false)
    expect(await store.findEligibility(eligibility.id)).toBeUndefined()
    expect((await store.eventsOf(eligibility.id)).map(({ id }) => id.split('.')[1])).toEqual([
      'added',
      'removed',
    ])
  })

  describe('a change of an eligibility', () => {
    const eventsOf = (id: string, name: string) => stepOf({ ...requestOf(), id }, name).events
    async function added(store: Store, more: Partial<Eligibility> = {}) {
      const eligibility = eligibilityOf({ endDateTime: '2031-01-01T09:00:00.000Z', ...more })
      await store.addEligibility(eligibility, eventsOf(eligibility.id, 'added'), () => undefined)
      const read = await store.findEligibility(eligibility.id)
      if (!read) throw new Error('not found')
      return { read, eligibility, later: { ...eligibility, endDateTime: '2032-01-01T09:00:00.000Z' } }
    }
    const asked = async (store: Store, eligibilityId: string) => {
      const request = requestOf({ about: 'eligibility', action: 'selfExtend', eligibilityId })
      expect(await store.openRequest(stepOf(request))).toBe(true)
      const read = await store.findRequest(request.id)
      if (!read) throw new Error('not found')
      return read
    }

    test('answers a question in the same transaction as an assignment is given or moved by: both or none', async () => {
      const { store } = make()
      const { eligibility } = await added(store)
      const question = await asked(store, eligibility.id)
      const answers = { read: question, step: stepOf({ ...question.value, status: 'ScheduleCreated' }) }
      const given = requestOf({ guard: 'assigned', action: 'adminAssign' })
      const elsewhere = { ...answers, read: { ...question, etag: 'W/"stale"' } }
      expect(await store.openRequest(stepOf(given), elsewhere)).toBe(false)
      expect(await store.findRequest(given.id)).toBeUndefined()
      expect(await store.openRequest(stepOf(given), answers)).toBe(true)
      expect((await store.findRequest(question.value.id))?.value.status).toBe('ScheduleCreated')

      const another = await asked(store, eligibility.id) // whose guard is free again
      const read = await store.findRequest(given.id)
      if (!read) throw new Error('not found')
      const denied = { read: another, step: stepOf({ ...another.value, status: 'Denied' }) }
      const moved = stepOf({ ...given, endsAt: '2031-01-01T09:00:00.000Z' })
      const stale = { ...denied, read: { ...another, etag: 'W/"stale"' } }
      expect(await store.writeRequest(read, moved, stale)).toBeUndefined()
      expect(await store.writeRequest(read, moved, denied)).toBeDefined()
      expect((await store.findRequest(another.value.id))?.value.status).toBe('Denied')

      const third = await asked(store, eligibility.id)
      const approved = { read: third, step: stepOf({ ...third.value, status: 'ScheduleCreated' }) }
      const fresh = eligibilityOf({ startDateTime: '2040-01-01T09:00:00.000Z' })
      const old = { ...approved, read: { ...third, etag: 'W/"stale"' } }
      expect(await store.addEligibility(fresh, [], () => undefined, old)).toBe(false)
      expect(await store.findEligibility(fresh.id)).toBeUndefined()
      expect(await store.addEligibility(fresh, [], () => undefined, approved)).toBe(true)
      expect((await store.findRequest(third.value.id))?.value.status).toBe('ScheduleCreated')
    })

    test('is written with its event, and of two upon one reading exactly one is', async () => {
      const { store } = make()
      const { read, eligibility, later } = await added(store)
      const outcomes = await Promise.all(
        [1, 2].map((changes) =>
          store.changeEligibility(read, {
            eligibility: { ...later, changes },
            events: eventsOf(later.id, `moved-${changes}`),
          }),
        ),
      )
      expect([...outcomes].sort()).toEqual([false, true])
      const won = outcomes[0] ? 1 : 2
      expect((await store.findEligibility(eligibility.id))?.value).toEqual({ ...later, changes: won })
      expect((await store.eventsOf(later.id)).map(({ id }) => id.split('.')[1]).sort()).toEqual([
        'added',
        `moved-${won}`,
      ])
    })

    test('answers the request about it in the same stroke: both or neither', async () => {
      const { store } = make()
      const { read, later } = await added(store)
      const stale = await asked(store, later.id)
      const request = await store.writeRequest(stale, { request: { ...stale.value, turn: 2 }, events: [] })
      if (!request) throw new Error('not written')
      const done = { ...request.value, status: 'ScheduleCreated' as const }
      const change = {
        eligibility: later,
        events: eventsOf(later.id, 'selfExtend-1'),
        request: { read: request, step: stepOf(done, 'decided') },
      }
      const late = { ...change, request: { ...change.request, read: stale } }
      expect(await store.changeEligibility(read, late)).toBe(false)
      expect((await store.findEligibility(later.id))?.value.endDateTime).toBe('2031-01-01T09:00:00.000Z')
      expect(await store.eventsOf(request.value.id)).toHaveLength(1)

      expect(await store.changeEligibility(read, change, () => undefined)).toBe(true)
      expect((await store.findEligibility(later.id))?.value).toEqual(later)
      expect((await store.findRequest(done.id))?.value.status).toBe('ScheduleCreated')
      expect((await store.readLive(later.principalId)).requests).toEqual([])
      expect(await store.listPastRequests(later.principalId, { top: 9, after: null })).toMatchObject({
        items: [{ id: done.id }],
      })
      await asked(store, later.id) // its guard is free
    })

    test('one question about an eligibility is open at a time, and none keeps the role from being activated', async () => {
      const { store } = make()
      const { later } = await added(store)
      await asked(store, later.id)
      const another = requestOf({ about: 'eligibility', action: 'selfExtend', eligibilityId: later.id })
      expect(await store.openRequest(stepOf(another))).toBe(false)
      expect(await store.openRequest(stepOf(requestOf()))).toBe(true)
    })

    test('is judged by the others, and of two that are moved and added at once none is overlooked', async () => {
      const { store } = make()
      const { read, eligibility, later } = await added(store)
      const seen: string[][] = []
      const judge = (others: readonly Eligibility[]) => {
        seen.push(others.map(({ id }) => id))
        if (others.length > 0) throw new Error('overlaps')
      }
      const other = eligibilityOf()
      const all = await Promise.allSettled([
        store.changeEligibility(read, { eligibility: later, events: [] }, judge),
        store.addEligibility(other, [], (others) => {
          if (others.some(({ endDateTime }) => endDateTime === later.endDateTime)) throw new Error('overlaps')
        }),
      ])
      const there = (await store.readLive(eligibility.principalId)).eligibilities
      const both = there.length === 2 && there.some(({ endDateTime }) => endDateTime === later.endDateTime)
      expect(both, JSON.stringify(all)).toBe(false)
      expect(seen[0]).not.toContain(eligibility.id) // it does not stand in its own way
    })

    test('takes it out of what is read as live, once, and not over the head of another change', async () => {
      const { store } = make()
      const { read, eligibility, later } = await added(store)
      const gone = { eligibility, events: eventsOf(eligibility.id, 'removed'), isGone: true }
      expect(await store.changeEligibility(read, { eligibility: later, events: [] })).toBe(true)
      expect(await store.changeEligibility(read, gone)).toBe(false)
      const latest = await store.findEligibility(eligibility.id)
      if (!latest) throw new Error('not found')
      expect(await store.changeEligibility(latest, gone)).toBe(true)
      expect(await store.changeEligibility(latest, gone)).toBe(false)
      expect(await store.findEligibility(eligibility.id)).toBeUndefined()
      expect((await store.readLive(eligibility.principalId)).eligibilities).toEqual([])
      await store.addEligibility(eligibilityOf(), [], (others) => expect(others).toEqual([]))
    })
  })

  test.each([
    '',
    'req-',
    'nonsense',
    "req-' or true",
    'req-11111111000040008000000000000001-0kabcdefg0000zzzz',
  ])('nothing is found by %j', async (id) => {
    const { store } = make()
    expect(await store.findRequest(id)).toBeUndefined()
    expect(await store.findEligibility(id)).toBeUndefined()
    expect(await store.eventsOf(id)).toEqual([])
    await store.tidyRequest(id)
  })

  test('words of any script, quotes and line breaks come back as they were', async () => {
    const { store } = make()
    const justification = '‮Ωmega\r\n"quoted" \'and\' \u0000 \u{1F600} <b>&amp;</b> ' + '\ud83d'
    const request = requestOf({ justification, roleName: 'a/b\\c#d?e' })
    await store.openRequest(stepOf(request))
    expect((await store.findRequest(request.id))?.value).toEqual(request)
  })
})
