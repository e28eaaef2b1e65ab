import { randomBytes } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { openTable } from '../../../src/adapters/tables/table.ts'
import { tableUndelivered } from '../../../src/adapters/tables/undelivered.ts'
import type { Undelivered, UndeliveredNotices } from '../../../src/ports.ts'
import { pending } from '../../domain/requests.ts'
import { fakePost } from '../../fakes/post.ts'

const made: [string, () => UndeliveredNotices][] = [
  ['in memory', () => fakePost().undelivered],
  [
    'in tables',
    () =>
      tableUndelivered(
        openTable({ connectionString: inject('storage') }, `undelivered${randomBytes(6).toString('hex')}`),
      ),
  ],
]

const one = (id: string): Undelivered => ({
  id: `und-${id}`,
  givenUpDateTime: '2030-01-01T09:00:00.000Z',
  notice: { kinds: ['approvalRequested'], request: pending, events: [], left: ['approvalRequested x'] },
})

describe.each(made)('notices that were given up, %s', (_, make) => {
  test('are kept once, found, listed, and forgotten, however often', async () => {
    const notices = make()
    expect(await notices.list({ top: 10, after: null })).toEqual({ items: [], next: null })
    for (const id of ['a', 'b', 'b', 'c']) await notices.keep(one(id))
    expect(await notices.find('und-b')).toEqual(one('b'))
    const { items, next } = await notices.list({ top: 10, after: null })
    expect([items, next]).toEqual([[one('a'), one('b'), one('c')], null])
    for (let twice = 0; twice < 2; twice++) await notices.forget('und-b')
    expect(await notices.find('und-b')).toBeUndefined()
    expect((await notices.list({ top: 10, after: null })).items).toEqual([one('a'), one('c')])
  })
})

test('those in tables come page by page', async () => {
  const notices = made[1]?.[1]() as UndeliveredNotices
  for (const id of ['a', 'b', 'c']) await notices.keep(one(id))
  const first = await notices.list({ top: 2, after: null })
  expect(first.items.map(({ id }) => id)).toEqual(['und-a', 'und-b'])
  expect((await notices.list({ top: 2, after: first.next })).items.map(({ id }) => id)).toEqual(['und-c'])
})
