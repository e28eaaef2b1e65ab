import { describe, expect, test } from 'vitest'
import type { AuditEvent, AuditKey } from '../../../src/domain/audit.ts'
import { UNLISTED } from '../../../src/domain/open-work.ts'
import { event } from '../../../src/domain/request-steps.ts'
import { roleKey } from '../../../src/domain/role.ts'
import type { Page, Views } from '../../../src/ports.ts'
import {
  ada,
  approversGroup,
  engineers,
  exchangeRole,
  grace,
  helpdeskRole,
  mallory,
} from '../../fakes/people.ts'
import { BOTH, eligibilityOf, requestOf } from './both.ts'

const due = (minute: number, ...awaiting: string[]) => ({
  awaiting,
  due: `2030-01-01T09:${`${minute}`.padStart(2, '0')}:00.000Z`,
})
const at = (minute: number) => new Date(due(minute).due)
const G = `group-${approversGroup}`
const U = `user-${grace.id}`
const waiting = async (views: Views, key: string) =>
  (await views.awaiting(key, { top: 10, after: null })).items

describe.each(BOTH)('the lists %s', (_name, make) => {
  test('what is due comes the earliest first, up to the instant, and no more than asked for', async () => {
    const { views } = make()
    const ids = [3, 1, 2, 4].map((minute) => ({ minute, id: requestOf().id }))
    for (const { minute, id } of ids) await views.list(id, due(minute), UNLISTED)
    const minutes = async (until: number, top: number) =>
      (await views.due(at(until), top)).map(({ due: instant }) => Number(instant.slice(14, 16)))
    expect(await minutes(3, 10)).toEqual([1, 2, 3])
    expect(await minutes(0, 10)).toEqual([])
    expect(await minutes(9, 2)).toEqual([1, 2])
    expect(await views.due(at(1), 10)).toEqual([{ subjectId: ids[1]?.id, awaiting: [], due: due(1).due }])
  })

  test('what was listed anew is at its new places only', async () => {
    const { views } = make()
    const { id } = requestOf()
    await views.list(id, due(1, G, U), UNLISTED)
    expect(await waiting(views, U)).toEqual([id])
    await views.list(id, due(5, U), due(1, G, U))
    expect(await waiting(views, G)).toEqual([])
    expect(await waiting(views, U)).toEqual([id])
    expect((await views.due(at(9), 10)).map((row) => row.due)).toEqual([due(5).due])
    await views.list(id, UNLISTED, due(5, U))
    expect([await waiting(views, G), await waiting(views, U)]).toEqual([[], []])
    expect(await views.due(at(9), 10)).toEqual([])
  })

  test('rows that are gone already are no error, and the others still go', async () => {
    const { views } = make()
    const { id } = requestOf()
    await views.list(id, due(1, U), UNLISTED)
    await views.list(id, due(2), due(7, G, U)) // due at 7 and the group were never there
    expect(await waiting(views, U)).toEqual([])
    expect((await views.due(at(9), 10)).map((row) => row.due)).toEqual([due(1).due, due(2).due])
    await views.list(id, UNLISTED, due(1))
    await views.list(id, UNLISTED, due(1))
    await views.list(id, UNLISTED, UNLISTED)
    expect((await views.due(at(9), 10)).map((row) => row.due)).toEqual([due(2).due])
  })

  test('the same list written twice is there once', async () => {
    const { views } = make()
    const { id } = requestOf()
    await views.list(id, due(1, U), UNLISTED)
    await views.list(id, due(1, U), due(1, U))
    await views.list(id, due(1, U), UNLISTED)
    expect([await waiting(views, U), (await views.due(at(9), 10)).length]).toEqual([[id], 1])
  })

  test('what waits comes the oldest first, page by page, each once and to those who are asked only', async () => {
    const { views } = make()
    const clock = (minute: number) => at(minute).toISOString()
    // Times and owners in another order than they are listed in: neither decides over the other.
    const made = [5, 2, 4, 1, 3, 3].map(
      (minute, n) => ({ minute, id: requestOf({}, n % 2 ? ada.id : mallory.id, clock(minute)).id }) as const,
    )
    for (const { id } of made) await views.list(id, due(9, U), UNLISTED)
    await views.list(made[0]?.id as string, due(9, G, U), due(9, U))
    const pages: string[][] = []
    for (let after: string | null = null, more = true; more; more = after !== null) {
      const page: Page<string> = await views.awaiting(U, { top: 4, after })
      pages.push(page.items)
      after = page.next
    }
    const minuteOf = (id: string) => made.find((each) => each.id === id)?.minute
    expect(pages.map((ids) => ids.map(minuteOf))).toEqual([
      [1, 2, 3, 3],
      [4, 5],
    ])
    expect(new Set(pages.flat()).size).toBe(6)
    expect(await waiting(views, G)).toEqual([made[0]?.id])
    expect(await waiting(views, `user-${mallory.id}`)).toEqual([])
    // A page goes on after an id that is not there any more.
    await views.list(pages[0]?.[1] as string, UNLISTED, due(9, U))
    expect((await views.awaiting(U, { top: 1, after: pages[0]?.[1] as string })).items).toEqual([
      pages[0]?.[2],
    ])
  })

  test('groups are noted once each', async () => {
    const { views } = make()
    expect(await views.notedGroups()).toEqual([])
    await views.noteGroups([])
    await views.noteGroups([engineers, approversGroup, engineers])
    await views.noteGroups([approversGroup])
    expect([...(await views.notedGroups())].sort()).toEqual([approversGroup, engineers])
  })

  test('of more groups than a page of the storage holds none is left out', async () => {
    const { views } = make()
    const many = Array.from({ length: 1100 }, (_, n) => `99999999-0000-4000-8000-${`${n}`.padStart(12, '0')}`)
    for (let start = 0; start < many.length; start += 100)
      await views.noteGroups(many.slice(start, start + 100))
    expect(await views.notedGroups()).toHaveLength(1100)
    await views.noteGroups([engineers])
    expect(await views.notedGroups()).toContain(engineers) // at once, where it was noted by this process
  })

  test('eligibilities are listed by role and altogether, page by page', async () => {
    const { views } = make()
    const mine = [1, 2, 3].map(() => eligibilityOf())
    const scoped = eligibilityOf({ scope: '/administrativeUnits/44444444-0000-4000-8000-000000000001' })
    const other = eligibilityOf(helpdeskRole, mallory.id)
    for (const each of [...mine, scoped, other]) await views.listEligibility(each)
    await views.listEligibility(scoped)
    const all = async (role: Parameters<Views['eligibilitiesOf']>[0], top: number) => {
      const ids: string[] = []
      let after: string | null = null
      for (let page = 0; page < 10; page++) {
        const { items, next } = await views.eligibilitiesOf(role, { top, after })
        ids.push(...items.map(({ id }) => id))
        after = next
        if (next === null) break
      }
      return ids.sort()
    }
    const ids = (list: { id: string }[]) => list.map(({ id }) => id).sort()
    expect(await all(exchangeRole, 2)).toEqual(ids(mine))
    expect(await all(scoped, 2)).toEqual([scoped.id])
    expect(await all(null, 2)).toEqual(ids([...mine, scoped, other]))
    await views.unlistEligibility(scoped.id, scoped)
    await views.unlistEligibility(scoped.id, scoped)
    await views.unlistEligibility(other.id, undefined)
    expect(await all(null, 50)).toEqual(ids([...mine, other]))
  })
})

describe.each(BOTH)('the index of events %s', (_name, make) => {
  const request = requestOf()
  const happened = (instant: string, by = ada, n = 0): AuditEvent =>
    event(
      { ...request, ...(by === mallory && helpdeskRole) },
      `step-${instant}-${n}`,
      'Add member to role requested (PIM activation)',
      by,
      instant,
    )
  const ALL = { from: null, to: null }

  async function walk(
    views: Views,
    key: AuditKey,
    range: { from: Date | null; to: Date | null },
    top: number,
  ) {
    const instants: string[] = []
    let after: string | null = null
    for (let page = 0; page < 300; page++) {
      const { items, next } = await views.listEvents(key, range, { top, after })
      expect(items.length).toBeLessThanOrEqual(top)
      instants.push(...items.map(({ activityDateTime }) => activityDateTime))
      if (next === null) return instants
      after = next
    }
    throw new Error('no end of pages')
  }

  test('by time, by role and by person, the newest first', async () => {
    const { views } = make()
    const [a, b, c] = [
      happened('2030-01-01T09:00:00.000Z'),
      happened('2030-01-02T09:00:00.000Z', grace),
      happened('2030-01-02T09:00:00.001Z', mallory),
    ] as [AuditEvent, AuditEvent, AuditEvent]
    await views.indexEvents([a, c, b])
    const ids = async (key: AuditKey) =>
      (await views.listEvents(key, ALL, { top: 10, after: null })).items.map(({ id }) => id)
    expect(await ids('all')).toEqual([c.id, b.id, a.id])
    expect(await ids(`role|${roleKey(exchangeRole)}`)).toEqual([b.id, a.id])
    expect(await ids(`person|${grace.id}`)).toEqual([b.id])
    expect(await ids(`person|${ada.id}`)).toEqual([c.id, b.id, a.id])
    expect(await ids(`person|nobody`)).toEqual([])
  })

  test('an event is in the index once it has been put there, and putting it there twice changes nothing', async () => {
    const { views } = make()
    const [a, b] = [happened('2030-01-01T09:00:00.000Z'), happened('2030-01-01T09:00:00.000Z', ada, 1)]
    await views.indexEvents([a])
    await views.indexEvents([a])
    await views.indexEvents([])
    expect(await views.indexed([a, b])).toEqual(new Set([a.id]))
    expect((await views.listEvents('all', ALL, { top: 10, after: null })).items).toEqual([a])
  })

  test('whether an event is in the index shows among however many of the same person and day', async () => {
    const { views } = make()
    const minute = (n: number) => new Date(Date.UTC(2030, 0, 1, 0, n)).toISOString()
    const many = Array.from({ length: 203 }, (_, n) => happened(minute(n), ada, n))
    await views.indexEvents(many.slice(0, -1))
    const [first, last] = [many[0], many.at(-1)] as [AuditEvent, AuditEvent]
    const overmorrow = happened('2030-01-03T09:00:00.000Z')
    await views.indexEvents([overmorrow])
    expect(await views.indexed([first, last, overmorrow])).toEqual(new Set([first.id, overmorrow.id]))
  })

  test('over many days, page by page, with nothing left out and nothing twice', async () => {
    const { views } = make()
    const instants: string[] = []
    for (let day = 0; day < 130; day += 1)
      for (const hour of [1, 23]) instants.push(new Date(Date.UTC(2030, 0, 1 + day * 3, hour)).toISOString())
    for (const part of [instants.slice(0, 120), instants.slice(120)])
      await views.indexEvents(part.map((instant) => happened(instant)))
    const newest = [...instants].reverse()
    expect(await walk(views, 'all', ALL, 7)).toEqual(newest)
    expect(await walk(views, `person|${ada.id}`, ALL, 200)).toEqual(newest)
  })

  test('several events of one instant are kept apart, across pages', async () => {
    const { views } = make()
    const same = [0, 1, 2, 3, 4].map((n) => happened('2030-01-01T09:00:00.000Z', ada, n))
    await views.indexEvents(same)
    const ids: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<Views['listEvents']>> = await views.listEvents('all', ALL, {
        top: 2,
        after,
      })
      ids.push(...page.items.map(({ id }) => id))
      after = page.next
    } while (after)
    expect(ids).toEqual(same.map(({ id }) => id))
  })

  test.each([
    ['from an instant that is in it', '2030-01-02T12:00:00.000Z', null, ['03T12', '02T12']],
    ['from just after', '2030-01-02T12:00:00.001Z', null, ['03T12']],
    ['to an instant that is in it', null, '2030-01-02T12:00:00.000Z', ['02T12', '01T12']],
    ['to just before', null, '2030-01-02T11:59:59.999Z', ['01T12']],
    ['within a day', '2030-01-02T00:00:00.000Z', '2030-01-02T23:59:59.999Z', ['02T12']],
    ['within an hour of nothing', '2030-01-02T00:00:00.000Z', '2030-01-02T01:00:00.000Z', []],
    ['backwards', '2030-01-03T00:00:00.000Z', '2030-01-02T00:00:00.000Z', []],
    ['before everything', null, '2029-01-01T00:00:00.000Z', []],
    ['after everything', '2031-01-01T00:00:00.000Z', null, []],
  ])('%s', async (_range, from, to, found) => {
    const { views } = make()
    await views.indexEvents(['01', '02', '03'].map((day) => happened(`2030-01-${day}T12:00:00.000Z`)))
    for (const top of [1, 2, 50]) {
      const instants = await walk(
        views,
        'all',
        { from: from ? new Date(from) : null, to: to ? new Date(to) : null },
        top,
      )
      expect(instants.map((instant) => instant.slice(8, 13))).toEqual(found)
    }
  })

  test('more events at once than a transaction holds', async () => {
    const { views } = make()
    const many = Array.from({ length: 60 }, (_, n) =>
      happened(`2030-01-01T09:00:${`${n}`.padStart(2, '0')}.000Z`, grace, n),
    )
    await views.indexEvents(many)
    expect(await walk(views, `person|${grace.id}`, ALL, 25)).toHaveLength(60)
  })
})
