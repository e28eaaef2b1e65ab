import { randomBytes } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { tableDigests } from '../../../src/adapters/tables/digests.ts'
import { tablePersonals } from '../../../src/adapters/tables/personals.ts'
import { openTable, type Table } from '../../../src/adapters/tables/table.ts'
import { type Digest, type DigestMailing, digestOf } from '../../../src/domain/digest.ts'
import { calendarMade, digestChosen, unchosen } from '../../../src/domain/personal.ts'
import { ada, grace } from '../../fakes/people.ts'
import { memoryTable } from '../../fakes/table.ts'

const ROOMS: [string, () => Table][] = [
  ['in memory', () => memoryTable()],
  [
    'in tables',
    () => openTable({ connectionString: inject('storage') }, `digests${randomBytes(6).toString('hex')}`),
  ],
]
const at = '2030-01-07T08:00:00.000Z'
const digestWith = (words: string, week = '2030-W01'): Digest =>
  digestOf(
    { week, from: at, to: at, asOf: at },
    {},
    {
      directory: {
        alerts: {
          items: Array.from({ length: 10 }, (_, n) => ({
            id: `inc-${n}`,
            kind: 'incident' as const,
            title: words,
            scopeName: words,
            who: { id: ada.id, displayName: words },
            at,
          })),
          hasMore: false,
        },
      },
    },
  )
const mailing: DigestMailing = { week: '2030-W01', madeAt: at, sentUpTo: null, isSent: false }

describe.each(ROOMS)('digests %s', (_name, make) => {
  test.each([
    ['a short one', 'x'],
    ['one of many rows', 'y'.repeat(5000)],
    ['faces that a row ends in', '\u{1F600}'.repeat(3001)],
    ['broken lines', 'a\u2028b\nc'.repeat(50)],
  ])('%s is read as it was kept', async (_what, words) => {
    const digests = tableDigests(make())
    expect(await digests.find('2030-W01')).toBeUndefined()
    expect(await digests.keep(digestWith(words), mailing)).toBe(true)
    expect(await digests.find('2030-W01')).toEqual(digestWith(words))
    expect((await digests.readMailing('2030-W01'))?.value).toEqual(mailing)
    expect(await digests.find('2030-W02')).toBeUndefined()
  })

  test('that of a week is kept once, and how far it has gone out is written by one', async () => {
    const digests = tableDigests(make())
    const kept = await Promise.all(['a', 'b', 'c'].map((words) => digests.keep(digestWith(words), mailing)))
    expect(kept.filter(Boolean)).toHaveLength(1)
    expect(await digests.keep(digestWith('d', '2030-W02'), { ...mailing, week: '2030-W02' })).toBe(true)
    const read = await digests.readMailing('2030-W01')
    if (!read) throw new Error('It is not there.')
    expect(await digests.writeMailing(read, { ...mailing, sentUpTo: ada.id })).toBe(true)
    expect(await digests.writeMailing(read, { ...mailing, isSent: true })).toBe(false)
    expect((await digests.readMailing('2030-W01'))?.value.sentUpTo).toBe(ada.id)
  })

  test('since when they are made is what the first has noted', async () => {
    const table = make()
    const [first, later] = [new Date('2030-01-01T00:00:00Z'), new Date('2030-02-01T00:00:00Z')]
    expect(await tableDigests(table).since(first)).toEqual(first)
    expect(await tableDigests(table).since(later)).toEqual(first)
  })

  test('what people choose is theirs, with its event, under the lock that was read', async () => {
    const personals = tablePersonals(make())
    const by = { id: `own-${ada.id.replaceAll('-', '')}-0o5uu3s000000000000`, by: ada, at }
    expect(await personals.read(ada.id)).toBeUndefined()
    const step = digestChosen(unchosen(ada.id), false, by)
    expect(await personals.write(step, undefined)).toBe(true)
    expect(await personals.write(step, undefined)).toBe(false)
    const read = await personals.read(ada.id)
    expect(read?.value).toEqual({ personId: ada.id, weeklyDigest: false, calendar: null })
    const next = calendarMade(step.personal, 'hash', by)
    expect(await personals.write(next, read)).toBe(true)
    expect(await personals.write(next, read)).toBe(false)
    expect(await personals.read(grace.id)).toBeUndefined()
  })
})
